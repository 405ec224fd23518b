/**
 * Read routes of every resource, from its declaration: the list, the list under a convention, one by its id. Answers
 * are the stored text of the journal.
 */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import type { Clock } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { problem } from '../../http/errors/problems.ts'
import { versionTag } from '../../http/output/etags.ts'
import { Representation } from '../../http/output/response.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import type { Api, RequestOf } from '../../http/server/api.ts'
import type { Answer, AnswerCache } from '../cache/answer-cache.ts'
import { cachedRead } from '../cache/cached-read.ts'
import type { Resource } from '../declaration/resource.ts'
import { nameOf } from '../words.ts'
import { asOfParameter, type ReadContext, readAsOf } from './as-of.ts'
import type { Labels } from './formats/writer.ts'
import { columnsOf, type Relations, relationsOf, selectIncluded } from './include.ts'
import type { FilterValues } from './list/filters.ts'
import { selectOne } from './queries.ts'
import { type AnswerLoader, answerLoader, type StoredAnswer, selectAnswers } from './stored-answers.ts'

/** What routes work with. */
export interface Services {
  db: Database
  /** The labels of the vocabularies. */
  labels: Labels
  clock: Clock
  /** Where answers to reads are kept; undefined: nowhere. */
  cache?: AnswerCache | undefined
  /** Days for which this service promises to keep the journal; null: for ever. */
  retentionDays: number | null
}

/** The words of an operation in the contract. */
export interface OperationDocs {
  operationId: string
  tag: string
  summary: string
  description: string
}

export interface ReadRoute extends OperationDocs {
  resource: Resource
  exampleId: string
}

export interface ReadQuery extends FilterValues {
  include?: string[]
  asOf?: string
}

/** The parameters of a read. Their schema is made of a declaration, at run time: of it the compiler knows only these. */
export const queryOf = ({ query }: FastifyRequest) => query as ReadQuery

/** GET of one resource by its id. */
export function itemRoute(app: Api, { db, cache }: Services, route: ReadRoute): void {
  const { resource } = route
  const params = Type.Object({ id: id('Its id (French: identifiant).', route.exampleId) })
  const schema = {
    ...operationDocs(route),
    params,
    querystring: Type.Object({ ...resource.includeParameters, ...asOfParameter }),
    response: { 200: { description: 'The resource.', ...ref(resource.Answer) } },
  }
  const load = answerLoader(db, resource)
  const read = cachedRead<RequestOf<{ params: typeof params }>>(cache, async (request) => {
    const { caller } = request
    const { id: wanted } = request.params
    const query = queryOf(request)
    const relations = relationsOf(resource, query.include)
    return readAsOf(db, caller, query.asOf, async (reading) => {
      const isPlain = Object.keys(relations).length === 0
      const row = await getVisibleOr404(reading, resource, caller, wanted, isPlain ? load : undefined, relations)
      const included = await selectIncluded(reading, caller, [row], relations, query.include)
      const tag = versionTag(row.version, row.form, included.mark(row))
      const representation = new Representation(Buffer.from(included.answerOf(row)), tag)
      return { representation, tags: [row.id, ...included.ids], audience: audienceOf(reading, row) }
    })
  })
  app.get(`${resource.path}/:id`, { schema, ...read })
}

/** What the past was may be hidden at any time, without a change in the journal of what it is about. */
export const audienceOf = ({ asOf }: ReadContext, { is_public: isPublic }: StoredAnswer): Answer['audience'] =>
  isPublic && asOf === undefined ? 'everyone' : 'nobody'

/** The stored answer of a resource; a 404 when it does not exist or the caller may not see it. */
export async function getVisibleOr404(
  reading: ReadContext,
  resource: Resource,
  caller: Caller,
  wanted: string,
  load?: AnswerLoader,
  relations: Relations = {},
): Promise<StoredAnswer> {
  if (load && reading.asOf === undefined)
    return (await load(caller, wanted)) ?? refuseMissing(reading, resource, wanted)
  const seen = await reading.visibleNow(resource, [wanted])
  const rows = await selectAnswers(reading.db, resource, caller, seen, columnsOf(relations))
  return rows.get(wanted) ?? refuseMissing(reading, resource, wanted)
}

function refuseMissing({ asOf }: ReadContext, { type }: Resource, wanted: string): never {
  throw notFound(type, wanted, asOf)
}

/** The body of a resource, for those who write; a 404 when it does not exist or the caller may not see it. */
export async function getBodyOr404<Body>(
  db: Database,
  resource: Resource<Body>,
  caller: Caller,
  wanted: string,
): Promise<Body> {
  const body = await selectOne(db, resource, caller, wanted)
  if (!body) throw notFound(resource.type, wanted)
  return body
}

/** The 404 of what does not exist and of what the caller may not see, in the same words. */
export const notFound = (type: string, wanted: string, asOf?: string) => {
  const thing = `${nameOf(type)} ${wanted}`
  return problem('not-found', asOf === undefined ? `There is no ${thing}.` : `There was no ${thing} at ${asOf}.`)
}

/** The parts of a route's schema that are words of the contract. */
export const operationDocs = ({ operationId, tag, summary, description }: OperationDocs) => ({
  operationId,
  tags: [tag],
  summary,
  description,
})
