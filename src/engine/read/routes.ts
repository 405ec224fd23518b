/**
 * Read routes of every resource, from its declaration: the list, the list under a convention, one by its id. Answers
 * are the stored text of the journal.
 */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import type { Clock } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { invalidParameters, problem } from '../../http/errors/problems.ts'
import { digestTag, versionTag } from '../../http/output/etags.ts'
import { nextPage, type PageStart, pageParameters, readPage } from '../../http/output/pagination.ts'
import { Representation } from '../../http/output/response.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import type { Api, RequestOf } from '../../http/server/api.ts'
import type { Answer, AnswerCache } from '../cache/answer-cache.ts'
import { cachedRead, seesOnlyPublic } from '../cache/cached-read.ts'
import type { Resource } from '../resource.ts'
import { columnOf } from '../row-mapper.ts'
import { nameOf } from '../words.ts'
import { asOfParameter, present, type ReadContext, readAsOf } from './as-of.ts'
import { conditionsOf, dependenciesOf, type FilterValues } from './filters.ts'
import { columnsOf, type Included, type Relations, relationsOf, selectIncluded } from './include.ts'
import type { OrderColumn } from './keyset.ts'
import { selectMatches } from './matches.ts'
import { orderOf } from './order.ts'
import { byId, selectOne, selectPage } from './queries.ts'
import { type AnswerLoader, answerLoader, type StoredAnswer, selectAnswers } from './stored-answers.ts'
import { selectFoundPage } from './text.ts'

/** What routes work with. */
export interface Services {
  db: Database
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

interface ReadRoute extends OperationDocs {
  resource: Resource
  exampleId: string
}

interface ReadQuery extends FilterValues {
  include?: string[]
  asOf?: string
}

/** The parameters of a read. Their schema is made of a declaration, at run time: of it the compiler knows only these. */
const queryOf = ({ query }: FastifyRequest) => query as ReadQuery

/** GET of the path of the resource: all that the filters let through, in pages. */
export function listRoute(app: Api, { db, cache, clock }: Services, route: ReadRoute): void {
  const { resource } = route
  const { lookup } = resource
  const querystring = Type.Object({ ...parametersOf(resource), ...lookup?.parameters, ...pageParameters })
  const response = { 200: { description: 'A page of the list.', ...ref(resource.Page) } }
  // What is hidden in a row follows from its convention and from amendments, without a version of its own.
  const sources = resource.visibility === 'always' ? [] : ['convention', 'amendment']
  const read = cachedRead(cache, async (request) => {
    const filter = queryOf(request)
    const isRanked = lookup?.isRanked(filter) === true && filter.q === undefined
    const order = isRanked ? lookup.order : orderOf(resource, filter, byId)
    const list = { filter, order, start: startOf(request, order), now: clock.now() }
    const { representation, ids } = await readList(present(db), request, resource, list)
    const others = dependenciesOf(resource, filter)
    // What a source has brought follows from its public conventions.
    const ofSource = filter.source === undefined ? [] : ['convention']
    const isSame = resource.visibility === 'always' && filter.conventionId === undefined
    const isKept = others !== null && (isSame || seesOnlyPublic(request.caller))
    return {
      representation,
      tags: [resource.type, ...sources, ...ofSource, ...(others ?? []), ...(filter.conventionId ?? []), ...ids],
      // A match changes with the clock.
      audience: isRanked || !isKept ? 'nobody' : isSame ? 'everyone' : 'public',
    }
  })
  app.get(resource.path, { schema: { ...operationDocs(route), querystring, response }, ...read })
}

/**
 * GET of what is under a convention, at its path and the last part of that of the resource; 404 when the caller does
 * not see the convention.
 */
export function conventionListRoute(
  app: Api,
  { db, cache, clock }: Services,
  conventions: Resource,
  route: ReadRoute,
): void {
  const { resource } = route
  const { conventionId: _fixed, ...parameters } = parametersOf(resource)
  const querystring = Type.Object({ ...parameters, ...asOfParameter, ...pageParameters })
  const params = Type.Object({ id: id('The convention (French: convention).', route.exampleId) })
  const response = { 200: { description: 'A page of the list.', ...ref(resource.Page) } }
  const url = `${conventions.path}/:id/${resource.path.split('/').at(-1)}`
  const load = answerLoader(db, conventions)
  const read = cachedRead<RequestOf<{ params: typeof params }>>(cache, async (request) => {
    const { id: conventionId } = request.params
    const filter = { ...queryOf(request), conventionId: [conventionId] }
    const { asOf } = queryOf(request)
    const order = orderOf(resource, filter, declaredOrder(resource))
    const start = startOf(request, order)
    return readAsOf(db, request.caller, asOf, async (reading) => {
      const answer = getVisibleOr404(reading, conventions, request.caller, conventionId, load)
      // In the past both read through one transaction, whose present and past are one setting.
      if (asOf !== undefined) await answer
      const [convention, { representation, ids }] = await Promise.all([
        answer,
        readList(reading, request, resource, { filter, order, start, now: clock.now() }),
      ])
      const others = dependenciesOf(resource, filter)
      const own = resource.visibility === 'convention' ? [] : [resource.type]
      const tags = [conventionId, ...own, ...(others ?? []), ...ids]
      return { representation, tags, audience: others === null ? 'nobody' : audienceOf(reading, convention) }
    })
  })
  app.get(url, { schema: { ...operationDocs(route), params, querystring, response }, ...read })
}

const parametersOf = ({ filterParameters, sortParameters, includeParameters }: Resource) => ({
  ...filterParameters,
  ...sortParameters,
  ...includeParameters,
})

/** The order of a list under a convention. */
const declaredOrder = ({ order }: Resource): readonly OrderColumn[] =>
  order ? [{ ...order, column: `t.${columnOf(order.column)}` }, ...byId] : byId

/** Where the page begins that a request asks for; a 400 before anything is read. */
function startOf(request: FastifyRequest, order: readonly OrderColumn[]): PageStart {
  refuseKeyWithoutSource(queryOf(request))
  refuseBesideText(queryOf(request))
  return readPage(
    request,
    order.map(({ type }) => type),
  )
}

async function readList(
  reading: ReadContext,
  request: FastifyRequest,
  resource: Resource,
  { filter, order, start, now }: { filter: FilterValues; order: readonly OrderColumn[]; start: PageStart; now: Date },
) {
  const { caller } = request
  const { include } = queryOf(request)
  const relations = relationsOf(resource, include)
  const { lookup } = resource
  const where = await conditionsOf(resource, filter, { db: reading.db, caller, now })
  const context = { db: reading.db, caller, now, query: filter, where }
  const {
    data: rows,
    last,
    count,
  } = filter.q !== undefined
    ? await selectFoundPage(
        reading.db,
        resource,
        caller,
        { q: filter.q, where: [...where, ...((await lookup?.conditions(context)) ?? [])], relations },
        start,
      )
    : lookup?.isRanked(filter)
      ? await selectMatches(lookup, context, resource, columnsOf(relations), start)
      : await selectPage(
          reading.db,
          resource,
          caller,
          { where: [...where, ...((await lookup?.conditions(context)) ?? [])], order, relations },
          start,
        )
  const included = await selectIncluded(reading, caller, rows, relations, include)
  return { representation: pageOf(request, rows, included, last, count), ids: included.ids }
}

/** A page as it is sent. Its tag follows from what is in it, so its bytes need not be hashed. */
function pageOf(
  request: FastifyRequest,
  rows: readonly StoredAnswer[],
  included: Included,
  last: unknown[] | undefined,
  count: number | null,
): Representation {
  const { next, link } = nextPage(request, last)
  const data = rows.map(included.answerOf).join(',')
  const bytes = Buffer.from(`{"data":[${data}],"next":${JSON.stringify(next)},"count":${count}}`)
  const marks = rows.map((row) => `${row.id}.${row.version} ${included.mark(row)} ${row.match ?? ''}`)
  return new Representation(bytes, digestTag([rows[0]?.form, next, count, ...marks].join('\n')), link)
}

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

/** What is found by `q` is of the present, and has its own order. */
function refuseBesideText(query: ReadQuery): void {
  if (query.q === undefined) return
  const others = ['asOf', 'sort', 'near'].filter((name) => query[name as keyof ReadQuery] !== undefined)
  if (others.length === 0) return
  throw invalidParameters(
    others.map((parameter) => ({
      parameter,
      code: 'not-together',
      message: `${parameter} cannot be combined with q.`,
    })),
  )
}

function refuseKeyWithoutSource({ source, sourceKey }: ReadQuery): void {
  if (sourceKey === undefined || source !== undefined) return
  const message = 'sourceKey counts within a source: give source too'
  throw invalidParameters([{ parameter: 'source', code: 'required', message }])
}
