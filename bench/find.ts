/**
 * Find suite: every filter of every list, places and searches, 16 at once by a service without a cache, against the
 * plainest list. What counts is how many times its p95 each takes: at most 4, and 10 for searches. Figures of the whole
 * country are asked for one at a time, and count by their time: at most a second.
 */
import { sql } from 'kysely'
import { resources } from '../src/domain/resources.ts'
import { clientOf } from './client.ts'
import { repeated, rounded, spreadOf, spreadsOf } from './harness.ts'
import type { Stage } from './stage.ts'

const AT_ONCE = 16
const REQUESTS = 160
const VALUES_MAX = 200
const PLAINEST = 'the plainest list'
const TIMES_MAX = { filters: 4, places: 4, searches: 10 }
const WORDS = [
  'parentalité',
  'logement décent',
  'petite enfance',
  'caf',
  'itinér',
  'parentalitee',
  'accueil des jeunes',
]

const figurePaths = [
  'coverage',
  'coverage?validOn=2024-07-01',
  `coverage?asOf=${new Date().toISOString()}`,
  'coverage?format=csv',
  'renewals',
]

type Urls = Record<string, string[]>

export async function find(stage: Stage, _before: Stage | null, { rounds }: { rounds: number }) {
  const service = await stage.start({ CACHE_MB: '0' })
  const client = clientOf({ address: service.address })
  const values = await selectValues(stage)
  const groups = { filters: filterUrls(values), places: placeUrls(values.spot ?? []), searches: searchUrls() }
  const runs = (urls: Urls) =>
    Object.entries(urls).map(([name, paths]) =>
      repeated(name, REQUESTS, AT_ONCE, (i) => client.receive(`/v1/${paths[i % paths.length]}`)),
    )
  const figures = figurePaths.map((path) => repeated(path, 10, 1, () => client.receive(`/v1/statistics/${path}`)))
  const [plainest] = runs({ [PLAINEST]: ['actions'] }) as [ReturnType<typeof repeated>]
  const measured = Object.entries(groups).map(([group, urls]) => ({
    group: group as keyof typeof groups,
    runs: runs(urls),
  }))
  try {
    // The first requests find neither code nor pages warm.
    await plainest.run()
    plainest.times.length = 0
    for (let round = 0; round < rounds; round++)
      for (const { run } of [plainest, ...measured.flatMap((one) => one.runs), ...figures]) await run()
  } finally {
    client.close()
    await service.stop()
  }
  const base = spreadOf(plainest.times)
  const results = measured.map(({ group, runs: ofGroup }) => {
    const rows = ofGroup
      .map(({ name, times }) => {
        const { p50, p95 } = spreadOf(times)
        return { name, p50, p95, times: rounded(p95 / base.p95) }
      })
      .sort((a, b) => b.times - a.times)
    return [
      group,
      { over: rows.filter(({ times }) => times > TIMES_MAX[group]).map(({ name }) => name), rows },
    ] as const
  })
  return { [PLAINEST]: base, ...Object.fromEntries(results), figures: spreadsOf(figures) }
}

/** Every filter of every list with values of its schema, of the country, or of its example. */
function filterUrls(values: Urls): Urls {
  const urls = Object.values(resources).flatMap(({ path, filters }) =>
    Object.entries(filters).map(([name, { schema }]): [string, string[]] => {
      const { items, ...own } = schema as unknown as Shape & { items?: Shape }
      const { type, enum: codes, examples = [] } = items ?? own
      const known = values[`${path.slice(1)}.${name}`] ?? values[name]
      const each = codes ?? (type === 'boolean' ? [true, false] : (known ?? examples))
      return [
        `${path.slice(1)}?${name}`,
        each.map((value) => `${path.slice(1)}?${name}=${encodeURIComponent(String(value))}`),
      ]
    }),
  )
  return Object.fromEntries(urls.filter(([, each]) => each.length > 0))
}

interface Shape {
  type?: string
  enum?: unknown[]
  examples?: unknown[]
}

const placeUrls = (spots: readonly string[]): Urls => ({
  'near, 20 km': spots.map((spot) => `service-sites?near=${spot}&radius=20000`),
  'near, 20 km, one type': spots.map(
    (spot) => `service-sites?near=${spot}&radius=20000&siteType=relais-petite-enfance`,
  ),
  'bbox of some 40 km': spots.map((spot) => {
    const [latitude = 0, longitude = 0] = spot.split(',').map(Number)
    return `service-sites?bbox=${[longitude - 0.25, latitude - 0.2, longitude + 0.25, latitude + 0.2].map((one) => one.toFixed(4))}`
  }),
})

const searchUrls = (): Urls =>
  Object.fromEntries(
    ['search', 'conventions', 'actions', 'service-sites', 'organizations', 'territories'].map((list) => [
      `${list}?q`,
      WORDS.map((words) => `${list}?q=${encodeURIComponent(words)}`),
    ]),
  )

/** Values that the country has, by the names of filters; of some by that of the list too. */
async function selectValues({ db }: Stage): Promise<Urls> {
  const samples = {
    communeCode: sql`select code as value from territory where kind = 'commune'`,
    epciCode: sql`select code as value from territory where kind = 'epci'`,
    departmentCode: sql`select code as value from territory where kind = 'departement'`,
    regionCode: sql`select code as value from territory where kind = 'region'`,
    conventionId: sql`select id as value from convention where state <> 'draft'`,
    cafId: sql`select distinct caf_id as value from convention`,
    predecessorId: sql`select predecessor_id as value from convention where predecessor_id is not null`,
    axisId: sql`select id as value from axis`,
    leadId: sql`select lead_id as value from action where lead_id is not null`,
    organizationId: sql`select id as value from organization`,
    funderId: sql`select unnest(funder_ids) as value from action`,
    siren: sql`select siren as value from organization where siren is not null`,
    spot: sql`select latitude || ',' || longitude as value from service_site where latitude is not null`,
    ...Object.fromEntries(
      Object.values(resources).map(({ path, table }) => [
        `${path.slice(1)}.ids`,
        sql`select id as value from ${sql.table(table)}`,
      ]),
    ),
  }
  const known = await Promise.all(
    Object.entries(samples).map(async ([name, query]) => {
      const { rows } = await sql<{ value: string }>`
        select value::text from (${query}) known order by md5(value::text) limit ${VALUES_MAX}`.execute(db)
      return [name, rows.map(({ value }) => value)] as const
    }),
  )
  return Object.fromEntries(known)
}
