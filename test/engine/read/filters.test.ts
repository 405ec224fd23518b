/**
 * Filters and orders of all lists over invented conventions: each filter alone, random pairs and every order equal a plain
 * evaluation in memory of the answers. The seed is printed, and repeats a run as argument.
 */
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { documentsOf } from '../../../bench/country/country.ts'
import { type Random, randomOf } from '../../../bench/country/random.ts'
import { resources } from '../../../src/domain/resources.ts'
import { documentOf, type Fields, put } from '../../support/documents.ts'
import { type Meaning, meaningsOf, type World } from '../../support/meanings.ts'
import { planner } from '../../support/plans.ts'
import { openRegistry } from '../../support/registry.ts'

const NOW = '2026-03-15T12:00:00Z'
const CONVENTIONS = 4
const PAIRS = 10
const seed = Number(process.argv[2] ?? Date.now() % 1_000_000)

const registry = await openRegistry(t, { now: NOW })
const random = randomOf(seed, 'filters')
t.comment(`seed ${seed}`)

for await (const document of documentsOf({ seed, size: CONVENTIONS / 3_000 }))
  await put(registry, document.key as string, document as Fields, { source: 'country' })
const bare = { territories: [], startsOn: null, endsOn: null, actions: [{ key: '1', title: 'Éveil & œuvres' }] }
await put(registry, 'bare', documentOf(bare))
await put(registry, 'draft', documentOf({ state: 'draft', actions: [{ key: '1', title: 'Brouillon' }] }))

const names = Object.values(resources).map(({ path }) => path.slice(1))
const world: World = {
  lists: Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await walk(`/v1/${name}?limit=200`)] as const)),
  ),
  communes: await readCommunes(),
  today: NOW.slice(0, 10),
}
const meanings = meaningsOf(world)

async function get(url: string) {
  const { status, body, text } = await registry.request('GET', url)
  if (status !== 200) throw new Error(`${url}: ${text}`)
  return body
}

async function walk(url: string): Promise<Fields[]> {
  const { data, next } = await get(url)
  return next ? [...data, ...(await walk(`${url.replace(/&cursor=.*/, '')}&cursor=${next}`))] : data
}

async function readCommunes(): Promise<World['communes']> {
  const { rows } = await sql<{ key: string; codes: string[] }>`
    select kind || ':' || code as key, case kind when 'commune' then array[code] else member_codes end as codes from territory`.execute(
    registry.db,
  )
  return new Map(rows.map(({ key, codes }) => [key, new Set(codes)]))
}

/** One to three values of a filter that takes several, else one. */
function valuesOf(random: Random, name: string, filter: string, { values }: Meaning): unknown[] {
  const { schema } = resourceOf(name).filters[filter] as { schema: { type?: string } }
  const count = schema.type === 'array' ? random.whole(1, 3) : 1
  return Array.from(new Set(Array.from({ length: count }, () => random.pick(values))))
}

const resourceOf = (name: string) => Object.values(resources).find(({ path }) => path === `/${name}`) ?? failed(name)
const failed = (name: string): never => {
  throw new Error(`there is no list ${name}`)
}

type Used = { filter: string; meaning: Meaning; values: unknown[] }

/** The list with these filters answers, in its order, what they mean; its ids come in the order that `ids` says. */
async function check(t: Test, name: string, used: Used[]): Promise<void> {
  const query = used.flatMap(({ filter, values }) =>
    values.map((value) => `${filter}=${encodeURIComponent(String(value))}`),
  )
  const url = `/v1/${name}?limit=200&count=true&${query.join('&')}`
  const { data, count } = await get(url)
  const expected = (world.lists[name] ?? []).filter((row) =>
    used.every(({ meaning, values }) => values.some((value) => meaning.holds(row, value as never))),
  )
  const ids = used.find(({ filter }) => filter === 'ids')?.values
  if (ids) expected.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
  t.equal(count, expected.length, url)
  t.same(
    data.map(({ id }: Fields) => id),
    expected.slice(0, 200).map(({ id }) => id),
    url,
  )
}

const use = (name: string, filter: string): Used[] => {
  const meaning = meanings[name]?.[filter]
  // Of an empty list no value is known.
  if (!meaning || meaning.values.length === 0) return []
  return [{ filter, meaning, values: valuesOf(random, name, filter, meaning) }]
}

t.test('every filter of every list has a meaning here, but for those by source', async (t) => {
  for (const name of names)
    t.same(Object.keys(meanings[name] ?? {}).sort(), Object.keys(resourceOf(name).filters).sort(), name)
})

t.test('each filter alone lets through what it means', async (t) => {
  for (const name of names)
    for (const filter of Object.keys(meanings[name] ?? {})) await check(t, name, use(name, filter))
})

t.test('two filters let through what both mean', async (t) => {
  for (const name of names)
    for (let i = 0; i < PAIRS; i++) {
      const filters = random.some(Object.keys(meanings[name] ?? {}), 2)
      await check(
        t,
        name,
        filters.flatMap((filter) => use(name, filter)),
      )
    }
})

t.test('each order, walked in pages, has all of a list once, and runs backwards as it runs forwards', async (t) => {
  for (const name of names)
    for (const key of Object.keys(resourceOf(name).sortKeys)) {
      const idsBy = async (sort: string) => (await walk(`/v1/${name}?limit=150&sort=${sort}`)).map(({ id }) => id)
      const forwards = await idsBy(key)
      t.same(forwards.toSorted(), world.lists[name]?.map(({ id }) => id).toSorted(), `${name} by ${key}`)
      t.same(await idsBy(`-${key}`), forwards.toReversed(), `${name} by -${key}`)
    }
})

t.test('unknown codes and parameters are told what is near', async (t) => {
  const messageOf = async (query: string) => {
    const { status, body } = await registry.request('GET', `/v1/actions?${query}`)
    return `${status} ${body.errors?.[0]?.code} ${body.errors?.[0]?.message}`
  }
  t.match(await messageOf('communeCode=61515'), /^400 unknown-territory .*did you mean .*\(61\d{3}\)/)
  t.match(await messageOf('epciCode=200068486'), /^400 unknown-territory .*did you mean .*\(200068468\)/)
  t.match(await messageOf('theme=parentalit'), /^400 unknown-code .*; did you mean parentalite\?$/)
  t.match(await messageOf('themes=enfance'), /^400 unknown-parameter .*; did you mean theme\?$/)
})

/** Of these the whole country has a few thousand rows at most. */
const SMALL_TABLES = ['convention', 'dataset']
/** What lets nearly all rows through no index leads to. */
const UNSELECTIVE = ['/v1/service-sites?itinerant=false']
const TERRITORIES = [
  ...['kind=epci', 'name=rai', 'q=rai', 'ids=commune:61214,epci:200068468', 'communeCode=61214', 'epciCode=200068468'],
  ...['departmentCode=61', 'regionCode=28'],
]

t.test('no filter reads a large table from end to end, neither for its page nor for its count', async (t) => {
  const stepsOf = await planner(t, registry)
  const large = (steps: string[]) => steps.filter((step) => !SMALL_TABLES.some((table) => step === `Seq Scan ${table}`))
  const ofResources = names.flatMap((name) =>
    Object.entries(meanings[name] ?? {}).flatMap(([filter, { values }]) =>
      [...new Set(values)].slice(0, 3).map((value) => `/v1/${name}?${filter}=${encodeURIComponent(String(value))}`),
    ),
  )
  const urls = [...ofResources, ...TERRITORIES.map((query) => `/v1/territories?${query}`)]
  for (const url of urls.filter((one) => !UNSELECTIVE.includes(one)))
    t.same(large((await stepsOf(`${url}&count=true`, ['seqscan'])).filter((step) => step !== 'Sort')), [], url)
  const blind = await stepsOf('/v1/service-sites?theme=enfance&count=true', ['seqscan'], 'service_site_themes')
  t.ok(blind.includes('Seq Scan service_site'), 'it sees that an index is gone')
})

t.test('no order sorts a list: each has its index, for both directions', async (t) => {
  const stepsOf = await planner(t, registry)
  const orders = Object.fromEntries(names.map((name) => [name, Object.keys(resourceOf(name).sortKeys)]))
  for (const [name, keys] of Object.entries({ ...orders, territories: ['name', 'population'] }))
    for (const order of keys.flatMap((key) => [key, `-${key}`])) {
      const steps = await stepsOf(`/v1/${name}?sort=${order}`, ['seqscan', 'sort'])
      t.same(
        steps.filter((step) => step !== 'Seq Scan dataset'),
        [],
        `${name} by ${order}`,
      )
    }
  t.ok((await stepsOf('/v1/territories?sort=name', ['seqscan', 'sort'], 'territory_by_name')).includes('Sort'))
})

t.test('a page reads its own rows, by the estimates that tables of any size have', async (t) => {
  await sql`analyze`.execute(registry.db)
  const stepsOf = await planner(t, registry)
  for (const name of ['actions', 'service-sites', 'signatories'])
    t.notOk((await stepsOf(`/v1/${name}?limit=1`, [])).includes('Sort'), name)
})
