/**
 * The reads that every resource has: the list, the list under a convention, one by its id. A resource says what its
 * filters mean and in which order its lists go; the manners are the same for all.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import type { Clock } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { invalidParameters, problem } from '../../http/errors/problems.ts'
import { versionTag } from '../../http/output/etags.ts'
import { pageBody, pageParameters, readPage } from '../../http/output/pagination.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import { nameOf, type Resource } from '../resource.ts'
import { asOfParameter, present, type Reading, readAsOf } from './as-of.ts'
import type { FilterOf } from './filters.ts'
import { type Relations, withIncluded } from './include.ts'
import { byId, type Condition, type OrderColumn, selectOne, selectPage } from './queries.ts'

/** What routes work with. */
export interface Services {
  db: Database
  clock: Clock
  /** Days for which this service promises to keep the journal; null: for ever. */
  retentionDays: number | null
}

/** The words of an operation in the contract. */
export interface Words {
  operationId: string
  tag: string
  summary: string
  description: string
}

interface Includes {
  parameters: TProperties
  relations: Relations
}

interface ListRoute<F extends TProperties> extends Words {
  resource: Resource
  /** The component of a page of this resource. */
  page: TSchema
  filter: F
  conditions(filter: FilterOf<F>, caller: Caller): (Condition | undefined)[]
  /** By id where none is given. */
  order?: readonly OrderColumn[]
  include?: Includes
}

interface ItemRoute extends Words {
  resource: Resource
  exampleId: string
  include?: Includes
}

interface ReadQuery {
  include?: string[]
  asOf?: string
  source?: string
  sourceKey?: string
}

/** GET of the path of the resource: all that the filters let through, in pages. */
export function listRoute<F extends TProperties>(app: FastifyInstance, { db }: Services, route: ListRoute<F>): void {
  const querystring = Type.Object({ ...route.filter, ...route.include?.parameters, ...pageParameters })
  const response = { 200: { description: 'A page of the list.', ...ref(route.page) } }
  app.get(route.resource.path, { schema: { ...words(route), querystring, response } }, async (request, reply) =>
    pageBody(request, reply, await answerList(present(db), request, route, request.query as FilterOf<F>)),
  )
}

/**
 * GET of what is under a convention, at its path and the last part of that of the resource; 404 when the caller does
 * not see the convention.
 */
export function conventionListRoute<F extends TProperties>(
  app: FastifyInstance,
  { db }: Services,
  conventions: Resource,
  route: ListRoute<F> & { exampleId: string },
): void {
  const { conventionId: _fixed, ...filter } = route.filter
  const querystring = Type.Object({ ...filter, ...route.include?.parameters, ...asOfParameter, ...pageParameters })
  const params = Type.Object({ id: id('The convention (French: convention).', route.exampleId) })
  const response = { 200: { description: 'A page of the list.', ...ref(route.page) } }
  const url = `${conventions.path}/:id/${route.resource.path.split('/').at(-1)}`
  app.get(url, { schema: { ...words(route), params, querystring, response } }, async (request, reply) => {
    const { id: conventionId } = request.params as Static<typeof params>
    const asked = { ...(request.query as object), conventionId } as unknown as FilterOf<F>
    const { asOf } = request.query as ReadQuery
    const page = await readAsOf(db, request.caller, asOf, async (reading) => {
      await foundIn(reading, conventions, request.caller, conventionId)
      return answerList(reading, request, route, asked)
    })
    return pageBody(request, reply, page)
  })
}

async function answerList<F extends TProperties>(
  reading: Reading,
  request: FastifyRequest,
  { resource, conditions, order = byId, include }: ListRoute<F>,
  filter: FilterOf<F>,
) {
  const query = request.query as ReadQuery
  refuseKeyWithoutSource(query)
  const page = readPage(
    request,
    order.map(({ type }) => type),
  )
  const where = conditions(filter, request.caller)
  const { bodies, last, count } = await selectPage(reading.db, resource, request.caller, { ...page, where, order })
  const data = await withIncluded(reading, request.caller, bodies, include?.relations ?? {}, query.include)
  return { data, last, count }
}

/** GET of one resource by its id. */
export function itemRoute(app: FastifyInstance, { db }: Services, route: ItemRoute): void {
  const { resource, include } = route
  const params = Type.Object({ id: id('Its id (French: identifiant).', route.exampleId) })
  const schema = {
    ...words(route),
    params,
    querystring: Type.Object({ ...include?.parameters, ...asOfParameter }),
    response: { 200: { description: 'The resource.', ...ref(resource.schema) } },
  }
  app.get(`${resource.path}/:id`, { schema }, async (request, reply) => {
    const { caller } = request
    const { id: wanted } = request.params as Static<typeof params>
    const { include: asked, asOf } = request.query as ReadQuery
    return readAsOf(db, caller, asOf, async (reading) => {
      const body = await foundIn(reading, resource, caller, wanted)
      const [answer] = await withIncluded(reading, caller, [body], include?.relations ?? {}, asked)
      reply.header('etag', versionTag((body as { version: number }).version))
      return answer
    })
  })
}

/** The body of a resource; a 404 when it does not exist or the caller may not see it, in the same words. */
export const found = <Body>(db: Database, resource: Resource<Body>, caller: Caller, wanted: string): Promise<Body> =>
  foundIn(present(db), resource, caller, wanted)

/** The same in a reading, which may be of the past. */
export async function foundIn<Body>(
  reading: Reading,
  resource: Resource<Body>,
  caller: Caller,
  wanted: string,
): Promise<Body> {
  const [seen] = await reading.inSightNow(resource, [wanted])
  const body = seen && (await selectOne(reading.db, resource, caller, seen))
  if (!body) throw notFound(resource.type, wanted, reading.asOf)
  return body
}

/** The 404 of what does not exist and of what the caller may not see, in the same words. */
export const notFound = (type: string, wanted: string, asOf?: string) => {
  const thing = `${nameOf(type)} ${wanted}`
  return problem('not-found', asOf === undefined ? `There is no ${thing}.` : `There was no ${thing} at ${asOf}.`)
}

/** The parts of a route's schema that are words of the contract. */
export const words = ({ operationId, tag, summary, description }: Words) => ({
  operationId,
  tags: [tag],
  summary,
  description,
})

function refuseKeyWithoutSource({ source, sourceKey }: ReadQuery): void {
  if (sourceKey === undefined || source !== undefined) return
  const message = 'sourceKey counts within a source: give source too'
  throw invalidParameters([{ parameter: 'source', code: 'required', message }])
}
