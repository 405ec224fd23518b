/** Territory routes, read only: an edition is loaded at the start of the service. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Database } from '../../db/database.ts'
import type { Answer } from '../../engine/cache/answer-cache.ts'
import { cachedRead, seesOnlyPublic } from '../../engine/cache/cached-read.ts'
import { isTerritoryCode, territoryRule } from '../../engine/declaration/territories.ts'
import { collectionOf, formatParameters, formatResponse, formatWords } from '../../engine/read/formats/formats.ts'
import type { OrderColumn } from '../../engine/read/keyset.ts'
import { listHandlers, representationOf } from '../../engine/read/list/exports.ts'
import { type FilterValues, filterConditions, refuseWrongTogether } from '../../engine/read/list/filters.ts'
import { byKey, sortedBy } from '../../engine/read/list/order.ts'
import type { Services } from '../../engine/read/services.ts'
import { invalidParameters, type Problem, problem } from '../../http/errors/problems.ts'
import { bytesTag } from '../../http/output/etags.ts'
import { type PageStart, pageOf, pageParameters, pageStart } from '../../http/output/pagination.ts'
import { jsonLine, Representation } from '../../http/output/response.ts'
import { ref } from '../../http/schema/schemas.ts'
import type { Api, RequestOf } from '../../http/server/api.ts'
import {
  byCode,
  selectFoundTerritories,
  selectSuccessors,
  selectTerritories,
  selectTerritory,
  type TerritoryKey,
} from './queries.ts'
import { Territory, TerritoryFilter, TerritoryParams } from './schema.ts'
import { filters, placeIn, sortKeys } from './selection.ts'

const TerritoryPage = pageOf(Territory)

type ListServices = Pick<Services, 'db' | 'cache' | 'labels' | 'clock'>

export function territoryRoutes(app: Api, services: ListServices): void {
  listRoute(app, services)
  itemRoute(app, services)
}

const queryOf = ({ query }: FastifyRequest) => query as FilterValues

/** What depends on nothing but the edition of the code, of which the cache hears by itself. */
const unchanging = (representation: Representation): Answer => ({ representation, tags: [], audience: 'everyone' })

/** As formats know them. */
export const territories = collectionOf('territories', Territory, TerritoryPage)

function listRoute(app: Api, services: ListServices): void {
  const { db, cache, labels, clock } = services
  const querystring = Type.Object({ ...TerritoryFilter, ...formatParameters(territories), ...pageParameters })
  const schema = {
    operationId: 'listTerritories',
    tags: ['Territories'],
    summary: 'List territories',
    description: `Communes, EPCI, départements and regions of the official geographic code, by kind and code. \`name\` finds those whose name begins so: \`rai\` and \`RAÏ\` find Rai, \`aigle\` and \`l aigle\` find L’Aigle. \`q\` searches names, and orders by relevance. ${formatWords(territories)}`,
    querystring,
    response: formatResponse(territories, 'The territories.'),
  }
  const readPage = async ({ db }: { db: Database }, request: FastifyRequest, start: PageStart) => {
    const query = queryOf(request)
    refuseWrongTogether(query)
    const where = await filterConditions(filters, query, { db, caller: request.caller, now: clock.now() })
    const { data, ...page } = await (query.q === undefined
      ? selectTerritories(db, where, orderOf(query), start)
      : selectFoundTerritories(db, query.q, where, start))
    return { texts: data.map((one) => JSON.stringify(one)), ...page }
  }
  const read = cachedRead(cache, async (request) => {
    const types = orderOf(queryOf(request)).map(({ type }) => type)
    const listed = await readPage({ db }, request, pageStart(request, types))
    return {
      representation: representationOf(request, labels, territories, listed),
      // Which codes are known depends on what names them, and on what the caller sees.
      tags: ['convention', 'organization'],
      audience: seesOnlyPublic(request.caller) ? 'everyone' : 'nobody',
    }
  })
  const list = { collection: territories, cost: 'document', searches: ['q'], readPage } as const
  app.get('/territories', { schema, ...listHandlers(services, list, read) })
}

function orderOf({ q, sort, ids }: FilterValues): readonly OrderColumn[] {
  if (q !== undefined) return byCode
  if (sort !== undefined) return sortedBy(sortKeys, sort, byCode)
  return ids ? byKey(placeIn(ids), byCode) : byCode
}

function itemRoute(app: Api, { db, cache }: Pick<Services, 'db' | 'cache'>): void {
  const schema = {
    operationId: 'getTerritory',
    tags: ['Territories'],
    summary: 'Get a territory',
    description:
      'A territory of today’s official geographic code with its members. A former code is a 404 whose detail names the communes of today.',
    params: TerritoryParams,
    response: { 200: { description: 'The territory.', ...ref(Territory) } },
  }
  const read = cachedRead<RequestOf<typeof schema>>(cache, async ({ params }) => {
    if (!isTerritoryCode(params.kind, params.code)) throw wrongCode(params)
    const territory = await selectTerritory(db, params)
    if (!territory) throw await notFound(db, params)
    const bytes = Buffer.from(jsonLine(territory))
    return unchanging(new Representation(bytes, bytesTag(bytes)))
  })
  app.get('/territories/:kind/:code', { schema, ...read })
}

const wrongCode = ({ kind }: TerritoryKey): Problem =>
  invalidParameters([{ parameter: 'code', code: 'invalid-form', message: `code must be ${territoryRule(kind)}.` }])

async function notFound(db: Database, { kind, code }: TerritoryKey): Promise<Problem> {
  const successors = kind === 'commune' ? await selectSuccessors(db, code) : []
  const today = successors.map((commune) => `${commune.name} (${commune.code})`).join(' and ')
  const hint = today && ` It is a former code; look for ${today}.`
  return problem('not-found', `There is no ${kind} ${code} in the official geographic code.${hint}`)
}
