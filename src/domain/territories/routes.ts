/** Territory routes, read only: an edition is loaded at the start of the service. */
import { type Static, Type } from 'typebox'
import type { Database } from '../../db/database.ts'
import type { Answer } from '../../engine/cache/answer-cache.ts'
import { cachedRead } from '../../engine/cache/cached-read.ts'
import type { Services } from '../../engine/read/routes.ts'
import { isTerritoryCode, territoryRule } from '../../engine/territories.ts'
import { invalidParameters, type Problem, problem } from '../../http/errors/problems.ts'
import { bytesTag } from '../../http/output/etags.ts'
import { nextPage, pageOf, pageParameters, readPage } from '../../http/output/pagination.ts'
import { Representation } from '../../http/output/response.ts'
import { ref } from '../../http/schema/schemas.ts'
import type { Api, RequestOf } from '../../http/server/api.ts'
import {
  selectFoundTerritories,
  selectSuccessors,
  selectTerritories,
  selectTerritory,
  type TerritoryKey,
} from './queries.ts'
import { Territory, TerritoryFilter, TerritoryParams } from './schema.ts'

const TerritoryPage = pageOf(Territory)

export function territoryRoutes(app: Api, services: Pick<Services, 'db' | 'cache'>): void {
  listRoute(app, services)
  itemRoute(app, services)
}

/** What depends on nothing but the edition of the code, of which the cache hears by itself. */
function answerOf(body: Territory | Static<typeof TerritoryPage>, link: string | null = null): Answer {
  const bytes = Buffer.from(JSON.stringify(body))
  return { representation: new Representation(bytes, bytesTag(bytes), link), tags: [], audience: 'everyone' }
}

function listRoute(app: Api, { db, cache }: Pick<Services, 'db' | 'cache'>): void {
  const querystring = Type.Object({ ...TerritoryFilter, ...pageParameters })
  const schema = {
    operationId: 'listTerritories',
    tags: ['Territories'],
    summary: 'List territories',
    description:
      'Communes, EPCI, départements and regions of the official geographic code, by kind and code. `name` finds those whose name begins so: `rai` and `RAÏ` find Rai, `aigle` and `l aigle` find L’Aigle. `q` searches names, and orders by relevance.',
    querystring,
    response: { 200: { description: 'A page of territories.', ...ref(TerritoryPage) } },
  }
  const read = cachedRead<RequestOf<typeof schema>>(cache, async (request) => {
    const start = readPage(request, ['text', 'text'])
    const { q, ...filter } = request.query
    const { data, last, count } = await (q === undefined
      ? selectTerritories(db, filter, start)
      : selectFoundTerritories(db, q, filter, start))
    const { next, link } = nextPage(request, last)
    return answerOf({ data, next, count }, link)
  })
  app.get('/territories', { schema, ...read })
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
    return answerOf(territory)
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
