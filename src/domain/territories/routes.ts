/**
 * Reads of the official geographic code. There are no writes: an edition is loaded at the start of the service.
 */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Database } from '../../db/database.ts'
import { invalidParameters, type Problem, problem } from '../../http/errors/problems.ts'
import { pageBody, pageOf, pageParameters, readPage } from '../../http/output/pagination.ts'
import { ref } from '../../http/schema/schemas.ts'
import { selectSuccessors, selectTerritories, selectTerritory, type TerritoryKey } from './queries.ts'
import { isTerritoryCode, Territory, TerritoryFilter, TerritoryParams, territoryRule } from './schema.ts'

const TerritoryPage = pageOf(Territory)

export function territoryRoutes(app: FastifyInstance, { db }: { db: Database }): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>()

  typed.get(
    '/v1/territories',
    {
      schema: {
        operationId: 'listTerritories',
        tags: ['Territories'],
        summary: 'List territories',
        description:
          'Communes, EPCI, départements and regions of the official geographic code, by kind and code. `name` finds those whose name begins so: `rai` and `RAÏ` find Rai, `l aigle` finds L’Aigle.',
        querystring: Type.Object({ ...TerritoryFilter, ...pageParameters }),
        response: { 200: { description: 'A page of territories.', ...ref(TerritoryPage) } },
      },
    },
    async (request, reply) => {
      const { limit, count, after } = readPage(request, ['text', 'text'])
      const [kind, code] = (after ?? []) as [TerritoryKey['kind']?, string?]
      const beyond = kind && code ? { kind, code } : undefined
      const page = await selectTerritories(db, { filter: request.query, after: beyond, limit, count })
      const final = page.hasMore ? page.territories.at(-1) : undefined
      const last = final && [final.kind, final.code]
      return pageBody(request, reply, { data: page.territories, last, count: page.count })
    },
  )

  typed.get(
    '/v1/territories/:kind/:code',
    {
      schema: {
        operationId: 'getTerritory',
        tags: ['Territories'],
        summary: 'Get a territory',
        description:
          'A territory of today’s official geographic code with its members. A former code is a 404 whose detail names the communes of today.',
        params: TerritoryParams,
        response: { 200: { description: 'The territory.', ...ref(Territory) } },
      },
    },
    async ({ params }) => {
      if (!isTerritoryCode(params.kind, params.code)) throw wrongCode(params)
      const territory = await selectTerritory(db, params)
      if (!territory) throw await notFound(db, params)
      return territory
    },
  )
}

const wrongCode = ({ kind }: TerritoryKey): Problem =>
  invalidParameters([{ parameter: 'code', code: 'invalid-form', message: `code must be ${territoryRule(kind)}.` }])

async function notFound(db: Database, { kind, code }: TerritoryKey): Promise<Problem> {
  const successors = kind === 'commune' ? await selectSuccessors(db, code) : []
  const today = successors.map((commune) => `${commune.name} (${commune.code})`).join(' and ')
  const hint = today && ` It is a former code; look for ${today}.`
  return problem('not-found', `There is no ${kind} ${code} in the official geographic code.${hint}`)
}
