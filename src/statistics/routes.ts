/** Statistics: figures of the registry, whole in one answer, in every format that lists have. */
import type { FastifyRequest } from 'fastify'
import { type TProperties, Type } from 'typebox'
import { conventions } from '../domain/conventions/resource.ts'
import { cachedRead, seesOnlyPublic } from '../engine/cache/cached-read.ts'
import { parisDay } from '../engine/day.ts'
import { asOfParameter, type ReadContext, readAsOf } from '../engine/read/as-of.ts'
import {
  type Collection,
  type Format,
  formatConfig,
  formatParameters,
  formatResponse,
  formatsOf,
} from '../engine/read/formats/formats.ts'
import { refuseForeignParameters, representationOf } from '../engine/read/list/exports.ts'
import { conditionsOf, type FilterValues } from '../engine/read/list/filters.ts'
import type { Services } from '../engine/read/services.ts'
import type { ResourceType } from '../engine/resource-types.ts'
import { invalidParameters } from '../http/errors/problems.ts'
import { negotiatedFormat } from '../http/output/negotiation.ts'
import type { Api } from '../http/server/api.ts'
import { coverage, renewals } from './collections.ts'
import { type CoverageQuestion, selectCoverage } from './coverage.ts'
import { selectRenewals } from './renewals.ts'
import { coverageParameters } from './schema.ts'

export function statisticsRoutes(app: Api, services: Services): void {
  coverageRoute(app, services)
  renewalsRoute(app, services)
}

function coverageRoute(app: Api, services: Services): void {
  const { clock } = services
  statisticsRoute(app, services, {
    operationId: 'getCoverage',
    summary: 'Get the coverage of territories',
    description:
      'How much of the country, of each region, département and Caf active conventions cover on a day: EPCI, communes and inhabitants (French: couverture). Communes are counted, each once however many perimeters have it: those of today, with their latest census, whatever the day. An EPCI is covered once all its communes are; it counts once in each area where it has communes. `covered` is what conventions with a known end cover, `withoutEnd` what only conventions without one do: together they are all that is covered. `conventions` are those of the list with `activeOn` and `departmentCode`. Of a Caf it is what the conventions that it coordinates cover of its départements, and beyond. Drafts count for nobody. As SVG it is a map of the départements.',
    collection: coverage,
    parameters: coverageParameters,
    dependsOn: ['convention', 'organization'],
    select(reading, request) {
      const { validOn, kind: kinds } = request.query as { validOn?: string; kind?: CoverageQuestion['kinds'] }
      const isPicture = negotiatedFormat<Format>(request)?.name === 'svg'
      if (isPicture && kinds) throw kindOfPicture()
      const day = validOn ?? parisDay(reading.asOf === undefined ? clock.now() : new Date(reading.asOf))
      return selectCoverage(reading, request.caller, { validOn: day, kinds })
    },
  })
}

const kindOfPicture = () =>
  invalidParameters([
    {
      parameter: 'kind',
      code: 'mismatch',
      message: 'kind is no parameter of the format svg: a map shows départements.',
    },
  ])

/** Filters of conventions that a calendar takes too. */
const calendarFilters = ['cafId', 'communeCode', 'epciCode', 'departmentCode', 'regionCode', 'endsAfter', 'endsBefore']

function renewalsRoute(app: Api, services: Services): void {
  const { clock } = services
  const parameters = Object.fromEntries(
    Object.entries(conventions.filterParameters).filter(([name]) => calendarFilters.includes(name)),
  )
  statisticsRoute(app, services, {
    operationId: 'getRenewals',
    summary: 'Get the calendar of renewals',
    description:
      'How many conventions end in each month, how many of them another one renews already, and how many people live in their perimeters (French: calendrier des échéances). Past months are in it too, unless `endsAfter` leaves them out; months in which none ends are not. Conventions without a known end come last, without a month. Drafts count for nobody.',
    collection: renewals,
    parameters: { ...parameters, ...asOfParameter },
    dependsOn: ['convention', 'organization'],
    async select(reading, { caller, query }) {
      const context = { db: reading.db, caller, now: clock.now() }
      return selectRenewals(reading, caller, await conditionsOf(conventions, query as FilterValues, context))
    },
  })
}

interface Statistics {
  operationId: string
  summary: string
  description: string
  collection: Collection
  parameters: TProperties
  /** Types whose changes change the figures. */
  dependsOn: readonly ResourceType[]
  select(reading: ReadContext, request: FastifyRequest): Promise<object[]>
}

function statisticsRoute(app: Api, { db, cache, clock, labels }: Services, statistics: Statistics): void {
  const { operationId, summary, description, collection, parameters, dependsOn, select } = statistics
  const formats = formatsOf(collection)
  const schema = {
    operationId,
    tags: ['Statistics'],
    summary,
    description,
    querystring: Type.Object({ ...parameters, ...formatParameters(collection) }),
    response: formatResponse(collection, 'The figures.'),
  }
  const read = async (request: FastifyRequest) => {
    refuseForeignParameters(request, formats)
    const { caller, query } = request
    const { asOf } = query as { asOf?: string }
    const rows = await readAsOf(db, caller, asOf, (reading) => select(reading, request))
    const texts = rows.map((row) => JSON.stringify(row))
    return {
      representation: representationOf(request, labels, collection, { texts, last: undefined, count: null }),
      tags: dependsOn,
      // The past may be pruned, and what is counted of it, and which territories are known, follows from what the
      // caller sees today.
      audience: asOf === undefined && seesOnlyPublic(caller) ? 'everyone' : 'nobody',
    } as const
  }
  const config = { ...formatConfig(formats), cost: 'large', concurrency: 'largeReads' } as const
  app.get(`/statistics/${collection.name}`, { schema, config, ...cachedRead(cache, read, () => parisDay(clock.now())) })
}
