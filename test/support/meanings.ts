/**
 * Meanings of filters and orders in memory, over the answers of a registry: what each list must let through, said
 * without SQL. Territories are sets of communes here: one contains or meets another when they share a commune.
 */
import type { Fields } from './documents.ts'

/** All answers by the names of their lists, and the communes of territories by `kind:code`. */
export interface World {
  lists: Record<string, Fields[]>
  communes: Map<string, ReadonlySet<string>>
  /** Today, in Paris. */
  today: string
}

export interface Meaning {
  /** Values to choose from. */
  values: unknown[]
  holds(row: Fields, value: never): boolean
}

type Meanings = Record<string, Meaning>

/** By the name of each list the meanings of its filters. */
export function meaningsOf(world: World): Record<string, Meanings> {
  const sight = sightOf(world)
  return { ...ofConventions(world, sight), ...ofOthers(world, sight), ...ofParts(sight) }
}

type Sight = ReturnType<typeof sightOf>

/** What meanings look at, and those that several lists have in common. */
function sightOf(world: World) {
  const of = (name: string) => world.lists[name] ?? []
  const byId = new Map(Object.values(world.lists).flatMap((rows) => rows.map((row) => [row.id, row])))
  const organizations = of('organizations')
  const perimeter = (convention: Fields) => communesOf(world, convention.territories as Fields[])
  const common = (name: string): Meanings => ({
    ids: { values: known(of(name), 'id'), holds: (row, id) => row.id === id },
    updatedSince: {
      values: known(of(name), 'updatedAt'),
      holds: (row, instant: string) => (row.updatedAt as string) >= instant,
    },
  })
  return {
    of,
    byId,
    perimeter,
    common,
    inRole: (idsOf: (row: Fields) => unknown[]): Meanings => ({
      organizationId: { values: known(organizations, 'id'), holds: (row, id) => idsOf(row).includes(id) },
      siren: {
        values: known(organizations, 'siren'),
        holds: (row, siren) => idsOf(row).some((id) => byId.get(id)?.siren === siren),
      },
    }),
    fundedBy: {
      funderId: {
        values: known(organizations, 'id'),
        holds: ({ funding }: Fields, id: unknown) => fundersIn(funding).includes(id),
      },
    },
    ofConvention: (name: string): Meanings => ({
      ...common(name),
      conventionId: single(of('conventions'), 'id', 'conventionId'),
      ...inCommunes(world, (row) => perimeter(byId.get(row.conventionId) as Fields)),
    }),
  }
}

const ofAction = ({ leadId, partnerIds, funding }: Fields) => [leadId, partnerIds, fundersIn(funding)].flat()
const ofSite = ({ managerId, funding }: Fields) => [managerId, fundersIn(funding)].flat()

function ofConventions(world: World, { of, common, perimeter, inRole }: Sight): Record<string, Meanings> {
  const under = (name: string, id: unknown) =>
    of(name).filter((row) => [row.conventionId, row.conventionIds].flat().includes(id))
  const isDue = (row: Fields, months: number) => {
    const { to } = row.period as Days
    const isRenewed = (row.successorIds as string[]).length > 0
    return isActive(row, world.today) && !isRenewed && to !== null && to <= later(world.today, months)
  }
  return {
    conventions: {
      ...common('conventions'),
      ...fields(of('conventions'), {
        status: 'status',
        state: 'state',
        cafId: 'cafId',
        predecessorId: 'predecessorId',
        theme: 'themes',
      }),
      ...inCommunes(world, perimeter),
      ...inRole((row) => [
        row.cafId,
        ...under('signatories', row.id).map(({ organizationId }) => organizationId),
        ...under('actions', row.id).flatMap(ofAction),
        ...under('service-sites', row.id).flatMap(ofSite),
      ]),
      ...years(daysOf),
      ...ends(({ period }) => (period as Days).to),
      activeOn: { values: DAYS, holds: (row, day) => isActive(row, day) },
      renewalDue: { values: [1, 12, 60], holds: isDue },
    },
  }
}

function ofOthers(world: World, { of, common, inRole, fundedBy }: Sight): Record<string, Meanings> {
  const placesOf = ({ communeCode, stops }: Fields) =>
    new Set([communeCode, ...(stops as Fields[]).map((stop) => stop.communeCode)] as string[])
  return {
    organizations: {
      ...common('organizations'),
      ...fields(of('organizations'), { kind: 'kind', siren: 'siren' }),
      ...inCommunes(world, ({ territory }) => communesOf(world, territory ? [territory as Fields] : [])),
    },
    'service-sites': {
      ...common('service-sites'),
      ...fields(of('service-sites'), {
        siteType: 'types',
        theme: 'themes',
        audience: 'audiences',
        conventionId: 'conventionIds',
      }),
      ...inCommunes(world, placesOf),
      itinerant: flag('itinerant'),
      accessible: flag('accessible'),
      ...fundedBy,
      ...inRole(ofSite),
    },
  }
}

function ofParts({ of, byId, ofConvention, inRole, fundedBy }: Sight): Record<string, Meanings> {
  return {
    amendments: { ...ofConvention('amendments'), ...fields(of('amendments'), { kind: 'kinds' }) },
    signatories: {
      ...ofConvention('signatories'),
      ...inRole(({ organizationId }) => [organizationId]),
      validOn: { values: DAYS, holds: (row, day) => isBound(byId, row, day) },
    },
    axes: {
      ...ofConvention('axes'),
      axisId: { values: known(of('axes'), 'id'), holds: (row, id) => isBelow(byId, row.id, id) },
    },
    actions: {
      ...ofConvention('actions'),
      ...fields(of('actions'), { status: 'status', theme: 'themes', audience: 'audiences', leadId: 'leadId' }),
      axisId: {
        values: known(of('axes'), 'id'),
        holds: (row, id) => (row.axisIds as string[]).some((one) => isBelow(byId, one, id)),
      },
      ...fundedBy,
      ...inRole(ofAction),
      ...years(({ startsOn, endsOn }) => ({ from: firstDay(startsOn), to: lastDay(endsOn) })),
      ...ends(({ endsOn }) => lastDay(endsOn)),
      missing: { values: Object.keys(gaps), holds: (row, gap: keyof typeof gaps) => gaps[gap](row) },
    },
  }
}

interface Days {
  from: string | null
  to: string | null
}

const firstDay = (day: unknown) => (typeof day === 'string' ? day.padEnd(10, '-01') : null)

function lastDay(day: unknown): string | null {
  if (typeof day !== 'string') return null
  const [year = '', month = '12', of] = day.split('-')
  return `${year}-${month}-${of ?? new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()}`
}

/** A convention of which no start is known begins with its signature. */
const daysOf = ({ period, signedOn }: Fields): Days => {
  const { from, to } = period as Days
  return { from: from ?? firstDay(signedOn), to }
}

const DAYS = ['2016-01-01', '2019-12-31', '2022-06-30', '2024-01-01', '2025-12-31', '2028-01-01']
const YEARS = [2014, 2019, 2022, 2024, 2030]

const gaps = {
  axis: ({ axisIds }: Fields) => (axisIds as string[]).length === 0,
  lead: ({ leadId }: Fields) => leadId === null,
  site: ({ serviceSiteIds }: Fields) => (serviceSiteIds as string[]).length === 0,
}

const known = (rows: Fields[], field: string): unknown[] => rows.flatMap((row) => row[field] ?? [])

/** A field that has the value, or lists it. */
const fields = (rows: Fields[], names: Record<string, string>): Meanings =>
  Object.fromEntries(Object.entries(names).map(([name, field]) => [name, single(rows, field, field)]))

const single = (rows: Fields[], from: string, field: string): Meaning => ({
  values: known(rows, from),
  holds: (row, value) => [row[field]].flat().includes(value),
})

const flag = (field: string): Meaning => ({ values: [true, false], holds: (row, value) => row[field] === value })

const fundersIn = (funding: unknown): unknown[] => (funding as Fields[]).flatMap(({ funderId }) => funderId ?? [])

const years = (daysOf: (row: Fields) => Days): Meanings => ({
  year: {
    values: YEARS,
    holds(row, year: number) {
      const { from, to } = daysOf(row)
      return (from === null || from <= `${year}-12-31`) && (to === null || to >= `${year}-01-01`)
    },
  },
})

const ends = (endOf: (row: Fields) => string | null): Meanings => ({
  endsBefore: { values: DAYS, holds: (row, day: string) => (endOf(row) ?? '9999') < day },
  endsAfter: { values: DAYS, holds: (row, day: string) => (endOf(row) ?? '0000') > day },
})

function isActive({ state, period, signedOn, terminatedOn }: Fields, day: string): boolean {
  const { from, to } = daysOf({ period, signedOn })
  const end = lastDay(terminatedOn)
  if (state === 'draft' || (state === 'terminated' && (end === null || day > end))) return false
  return (from === null || day >= from) && (to === null || day <= to)
}

/** The last day of the interval that so many months make. */
function later(day: string, months: number): string {
  const [year = 0, month = 0, of = 0] = day.split('-').map(Number)
  const lastOf = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 + months, Math.min(of, lastOf))).toISOString().slice(0, 10)
}

/** On its own days or those of its amendments, cut by those of the convention. */
function isBound(byId: Sight['byId'], row: Fields, day: string): boolean {
  const convention = byId.get(row.conventionId) as Fields
  const effect = (id: unknown) => {
    const { effectiveOn, signedOn } = byId.get(id) ?? {}
    return firstDay(effectiveOn) ?? firstDay(signedOn)
  }
  const from = firstDay(row.startsOn) ?? effect(row.amendmentId)
  const left = effect(row.exitAmendmentId)
  const to = lastDay(row.endsOn)
  const own = (from === null || day >= from) && (to === null || day <= to) && (left === null || day < left)
  const days = daysOf(convention)
  const end = [days.to, lastDay(convention.terminatedOn)].filter((one) => one !== null).sort()[0]
  const isIn = (days.from === null || day >= days.from) && (end === undefined || day <= end)
  return own && convention.state !== 'draft' && isIn
}

function isBelow(byId: Map<unknown, Fields>, id: unknown, above: unknown): boolean {
  return id === above || (byId.get(id)?.parentId ? isBelow(byId, byId.get(id)?.parentId, above) : false)
}

const communesOf = ({ communes }: World, territories: Fields[]): ReadonlySet<string> =>
  new Set(territories.flatMap(({ kind, code }) => [...(communes.get(`${kind}:${code}`) ?? [])]))

/** The four filters by territory, of rows that lie in communes. */
function inCommunes(world: World, communesIn: (row: Fields) => ReadonlySet<string>): Meanings {
  const parameters = { communeCode: 'commune', epciCode: 'epci', departmentCode: 'departement', regionCode: 'region' }
  const named = new Set(Object.values(world.lists).flatMap((rows) => rows.flatMap((row) => [...keysIn(row)])))
  return Object.fromEntries(
    Object.entries(parameters).map(([name, kind]): [string, Meaning] => {
      const codes = [...world.communes.keys()].flatMap((key) =>
        key.startsWith(`${kind}:`) ? key.slice(kind.length + 1) : [],
      )
      const near = codes.filter((code) => named.has(`${kind}:${code}`))
      return [
        name,
        {
          values: near.length > 0 ? [...near, ...codes.slice(0, 3)] : codes,
          holds: (row, code) => {
            const wanted = world.communes.get(`${kind}:${code}`)
            return [...communesIn(row)].some((commune) => wanted?.has(commune))
          },
        },
      ]
    }),
  )
}

const keysIn = ({ territories = [], territory, communeCode }: Fields): string[] => [
  ...[territories as Fields[], (territory ?? []) as Fields].flat().map(({ kind, code }) => `${kind}:${code}`),
  `commune:${communeCode}`,
]
