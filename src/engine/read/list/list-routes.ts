/**
 * List routes: the list of a resource and the list under a convention, as they are declared: a cached page, or the whole
 * list in another format than JSON. Answers are the stored text of the journal.
 */
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { negotiatedFormat } from '../../../http/output/negotiation.ts'
import { type PageStart, pageParameters, pageStart } from '../../../http/output/pagination.ts'
import { id } from '../../../http/schema/schemas.ts'
import { type Api, type OperationDocs, operationDocs } from '../../../http/server/api.ts'
import { cachedRead, seesOnlyPublic } from '../../cache/cached-read.ts'
import type { OpenLookup } from '../../declaration/lookup.ts'
import type { Resource } from '../../declaration/resource.ts'
import { columnOf } from '../../row-mapper.ts'
import { asOfParameter, present, type ReadContext, readAsOf } from '../as-of.ts'
import {
  type Collection,
  collectionOfResource,
  type Format,
  formatParameters,
  formatResponse,
  formatWords,
} from '../formats/formats.ts'
import { chosenRelations, includeParameters, selectIncluded } from '../include.ts'
import type { ReadQuery, ReadRoute } from '../item-route.ts'
import type { OrderColumn } from '../keyset.ts'
import { byId } from '../queries.ts'
import type { Services } from '../services.ts'
import { answerLoader } from '../stored-answers.ts'
import { audienceOf, getVisibleOr404 } from '../visible.ts'
import { listHandlers, representationOf } from './exports.ts'
import { conditionsOf, dependenciesOf, type FilterValues, refuseWrongTogether } from './filters.ts'
import { type Listing, listingOf } from './listing.ts'

interface ListQuery extends ReadQuery, FilterValues {}

/** The parameters of a list. Their schema is made of a declaration, at run time: of it the compiler knows only these. */
const queryOf = ({ query }: FastifyRequest) => query as ListQuery

/** GET of the path of the resource: all that the filters let through, in pages. */
export function listRoute(app: Api, services: Services, route: ReadRoute): void {
  const { db, cache, labels, clock } = services
  const { resource } = route
  const lookup = openLookup(app, resource)
  const collection = collectionOfResource(resource)
  const querystring = Type.Object({
    ...parametersOf(resource),
    ...lookup?.parameters,
    ...formatParameters(collection),
    ...pageParameters,
  })
  const listingFor = (filter: FilterValues) => listingOf(resource, filter, { declared: byId, lookup })
  const readPage = (reading: ReadContext, request: FastifyRequest, start: PageStart) => {
    const filter = queryOf(request)
    return readList(reading, request, resource, { filter, listing: listingFor(filter), start, now: clock.now() })
  }
  // What is hidden in a row follows from its convention and from amendments, without a version of its own.
  const sources = resource.visibility === 'always' ? [] : ['convention', 'amendment']
  const read = cachedRead(cache, async (request) => {
    const filter = queryOf(request)
    const { order, isRanked } = listingFor(filter)
    const { ids, ...listed } = await readPage(present(db), request, startOf(request, order))
    const others = dependenciesOf(resource, filter)
    // What a source has brought follows from its public conventions.
    const ofSource = filter.source === undefined ? [] : ['convention']
    const isSame = resource.visibility === 'always' && filter.conventionId === undefined
    // Which territories are known depends on what the caller sees.
    const isKept = others !== null && !isModel(request) && seesOnlyPublic(request.caller)
    return {
      representation: representationOf(request, labels, collection, listed),
      tags: [resource.type, ...sources, ...ofSource, ...(others ?? []), ...(filter.conventionId ?? []), ...ids],
      // A match changes with the clock.
      audience: isRanked || !isKept ? 'nobody' : isSame ? 'everyone' : 'public',
    }
  })
  const check = async (_reading: ReadContext, request: FastifyRequest) => refuseWrongTogether(queryOf(request))
  const searches = ['q', ...Object.keys(lookup?.parameters ?? {})]
  const list = { collection, cost: 'fullScan', searches, check, readPage } as const
  const response = formatResponse(collection, LIST)
  app.get(resource.path, {
    schema: { ...listWords(route, collection), querystring, response },
    ...listHandlers(services, list, read),
  })
}

/**
 * GET of what is under a convention, at its path and the last part of that of the resource; 404 when the caller does
 * not see the convention.
 */
export function conventionListRoute(app: Api, services: Services, conventions: Resource, route: ReadRoute): void {
  const { db, cache, labels, clock } = services
  const { resource } = route
  const collection = collectionOfResource(resource)
  const { conventionId: _fixed, ...parameters } = parametersOf(resource)
  const querystring = Type.Object({
    ...parameters,
    ...asOfParameter,
    ...formatParameters(collection),
    ...pageParameters,
  })
  const params = Type.Object({ id: id('The convention (French: convention).', route.exampleId) })
  const url = `${conventions.path}/:id/${resource.path.split('/').at(-1)}`
  const load = answerLoader(db, conventions)
  const conventionOf = ({ params: named }: FastifyRequest) => (named as Static<typeof params>).id
  const filterOf = (request: FastifyRequest) => ({ ...queryOf(request), conventionId: [conventionOf(request)] })
  const listingFor = (filter: FilterValues) => listingOf(resource, filter, { declared: declaredOrder(resource) })
  const readPage = (reading: ReadContext, request: FastifyRequest, start: PageStart) => {
    const filter = filterOf(request)
    return readList(reading, request, resource, { filter, listing: listingFor(filter), start, now: clock.now() })
  }
  const read = cachedRead(cache, async (request) => {
    const conventionId = conventionOf(request)
    const filter = filterOf(request)
    const { asOf } = queryOf(request)
    const start = startOf(request, listingFor(filter).order)
    return readAsOf(db, request.caller, asOf, async (reading) => {
      const answer = getVisibleOr404(reading, conventions, request.caller, conventionId, load)
      // In the past both read through one transaction, whose present and past are one setting.
      if (asOf !== undefined) await answer
      const [convention, { ids, ...listed }] = await Promise.all([answer, readPage(reading, request, start)])
      const others = dependenciesOf(resource, filter)
      const own = resource.visibility === 'convention' ? [] : [resource.type]
      const tags = [conventionId, ...own, ...(others ?? []), ...ids]
      const representation = representationOf(request, labels, collection, listed)
      return {
        representation,
        tags,
        audience: others === null || isModel(request) ? 'nobody' : audienceOf(reading, convention),
      }
    })
  })
  const check = async (reading: ReadContext, request: FastifyRequest) => {
    refuseWrongTogether(queryOf(request))
    await getVisibleOr404(reading, conventions, request.caller, conventionOf(request))
  }
  const list = { collection, cost: 'document', searches: ['q'], check, readPage } as const
  const response = formatResponse(collection, LIST)
  app.get(url, {
    schema: { ...listWords(route, collection), params, querystring, response },
    ...listHandlers(services, list, read),
  })
}

const parametersOf = (resource: Resource) => ({
  ...resource.filterParameters,
  ...resource.sortParameters,
  ...includeParameters(resource),
})

/** The lookup of a list with its queries, which are closed with the application. */
function openLookup(app: Api, { lookup }: Resource): OpenLookup | undefined {
  if (!lookup) return undefined
  const queries = lookup.open()
  app.addHook('onClose', queries.close)
  return { ...lookup, ...queries }
}

/** The order of a list under a convention. */
const declaredOrder = ({ order }: Resource): readonly OrderColumn[] =>
  order ? [{ ...order, column: `t.${columnOf(order.column)}` }, ...byId] : byId

/** Where the page begins that a request asks for; a 400 before anything is read. */
function startOf(request: FastifyRequest, order: readonly OrderColumn[]): PageStart {
  refuseWrongTogether(queryOf(request))
  return pageStart(
    request,
    order.map(({ type }) => type),
  )
}

async function readList(
  reading: ReadContext,
  request: FastifyRequest,
  resource: Resource,
  { filter, listing, start, now }: { filter: FilterValues; listing: Listing; start: PageStart; now: Date },
) {
  const { caller } = request
  const { include } = queryOf(request)
  const relations = chosenRelations(resource, include)
  const where = await conditionsOf(resource, filter, { db: reading.db, caller, now })
  const context = { db: reading.db, caller, now, query: filter, where }
  const { data: rows, last, count } = await listing.select(context, relations, start)
  const included = await selectIncluded(reading, caller, rows, relations)
  // The tag of a page follows from what is in it, so that its bytes need not be hashed.
  const marks = rows.map((row) => `${row.id}.${row.version} ${included.mark(row)} ${row.match ?? ''}`)
  const mark = [rows[0]?.form, ...marks].join('\n')
  const answers = rows.map(included.answerOf)
  const { itemsOf } = negotiatedFormat<Format>(request) as Format
  const texts = itemsOf ? await itemsOf(answers, { db: reading.db, caller, now }) : answers
  return { texts, last, count, mark, ids: included.ids }
}

/** Whether it is answered in a model of others, which holds more than the rows of the list. */
const isModel = (request: FastifyRequest) => negotiatedFormat<Format>(request)?.itemsOf !== undefined

const LIST = 'The list: a page of it as JSON, else all of it unless `limit` or `cursor` is given.'

/** What the formats of a list are, after its own description. */
const listWords = (route: OperationDocs, collection: Collection) => ({
  ...operationDocs(route),
  description: `${route.description} ${formatWords(collection)}`,
})
