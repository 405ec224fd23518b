/**
 * Statistics: figures counted by hand over the example, and at random days and instants equal to a recount in memory
 * from the journal. The seed is printed; it repeats a run as argument, before the number of pairs of a day and an instant.
 */

import { parse } from 'csv-parse/sync'
import { sql } from 'kysely'
import t from 'tap'
import { randomOf } from '../../bench/country/random.ts'
import { anonymous, type Caller } from '../../src/auth/caller.ts'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { loadExample } from '../../src/seed.ts'
import { outlines } from '../../src/statistics/map/outlines.ts'
import { type Api, apiOf, errorsOf, newConvention } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createKey } from '../support/keys.ts'
import { readRecords, recounter } from '../support/recount.ts'
import { openRegistry, type Registry } from '../support/registry.ts'
import { instantOf } from '../support/timeline.ts'

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000)
const pairs = Number(process.argv[3] ?? 200)
const STEPS = 40

const registry = await openRegistry(t)
await loadExample(registry.db, new Date('2026-03-15T12:00:00Z'))
const api = apiOf(registry)

interface Row {
  kind: string
  code: string | null
  cafId: string | null
  [figure: string]: unknown
}

async function get(path: string, key?: string, { request }: Pick<Registry, 'request'> = registry): Promise<Row[]> {
  const { status, body, text } = await request('GET', `/v1/statistics/${path}`, key === undefined ? {} : { key })
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  return body.data
}

const nothing = { conventions: 0, epcis: 0, communes: 0, population: 0, share: 0 }
const CC = { epcis: 1, communes: 32, population: 24_782 }

t.test('the Pays de L’Aigle is covered: 32 communes of the Orne, by its Caf', async (t) => {
  const rows = await get('coverage?validOn=2026-03-15')
  const of = (kind: string, code: string | null = null) => rows.find((row) => row.kind === kind && row.code === code)
  const covered = { conventions: 1, ...CC }
  t.match(of('country'), { name: 'France', covered: { ...covered, share: 0.0004 }, withoutEnd: nothing })
  t.match(of('region', '28'), { name: 'Normandie', covered })
  const orne = { total: { epcis: 16, communes: 381, population: 275_201 }, covered: { ...covered, share: 0.0901 } }
  t.match(of('departement', '61'), { name: 'Orne', ...orne })
  t.match(of('caf'), { name: "Caisse d'allocations familiales de l'Orne", cafId: exampleIds.caf, ...orne })
  t.match(of('departement', '27'), { name: 'Eure', covered: nothing, withoutEnd: nothing })
  t.equal(rows.filter(({ kind }) => kind === 'departement').length, 109)
  t.same(await get('coverage'), rows, 'left out, the day is today')
  const [country] = await get('coverage?kind=country&validOn=2027-01-01')
  t.match(country, { covered: nothing }, 'and it is no longer once the convention has ended')
})

t.test('a map of it stands alone: no script, a title, and every département by its name', async (t) => {
  const address = '/v1/statistics/coverage?validOn=2026-03-15'
  const { headers, text } = await registry.request('GET', address, { headers: { accept: 'image/svg+xml' } })
  t.match(headers['content-type'], /^image\/svg\+xml/)
  t.equal(headers['content-disposition'], 'inline; filename="coverage.svg"')
  const { text: french } = await registry.request('GET', `${address}&format=svg&labels=fr`)
  t.match(french, /<title[^>]*>Population couverte par une convention territoriale globale le 15 mars 2026</)
  t.match(text, /^<svg [^>]*role="img"[^>]*>\n<title[^>]*>Population covered by .* on 15 March 2026<\/title>\n<desc/)
  t.match(text, '<title>Orne (61): 9%</title>')
  t.match(text, 'CC BY 4.0')
  t.notMatch(text, /<script|<style|style=|href=|on\w+=/)
  t.ok(isWellFormed(text))
  const departments = await get('coverage?kind=departement&validOn=2026-03-15')
  const shown = departments.filter(({ code }) => outlines.has(code ?? '') || /^97[12346]$/.test(code ?? ''))
  t.equal(shown.length, 101)
  const escaped = (name: unknown) => String(name).replaceAll("'", '&#39;')
  for (const { name, code } of shown) t.ok(text.includes(`<title>${escaped(name)} (${code}): `), code ?? '')
})

/** Whether each element of an XML text is closed in its turn. */
function isWellFormed(xml: string): boolean {
  const open: string[] = []
  for (const [, slash, name = '', , isEmpty] of xml.matchAll(
    /<(\/?)([\w-]+)((?: [\w:-]+="[^"<&]*(?:&#?\w+;[^"<&]*)*")*)(\/?)>/g,
  ))
    if (slash) {
      if (open.pop() !== name) return false
    } else if (!isEmpty) open.push(name)
  return open.length === 0 && !/<(?![/\w])|&(?!#?\w+;)/.test(xml)
}

t.test('as CSV, with the labels of codes, and explained by a Table Schema', async (t) => {
  const path = '/v1/statistics/coverage?format=csv&labels=fr&columns=kind,code,covered.communes,covered.share'
  const { text, headers } = await registry.request('GET', `${path}&kind=country,departement`)
  const rows: Record<string, string>[] = parse(text, { bom: true, columns: true })
  t.same(rows[0], { kind: 'Pays', code: '', 'covered.communes': '32', 'covered.share': '0.0004' })
  t.match(
    rows.find(({ code }) => code === '61'),
    { kind: 'Département', 'covered.communes': '32' },
  )
  t.match(headers.link, '/v1/schemas/coverage')
  const calendar = await registry.request('GET', '/v1/statistics/renewals?format=csv&columns=month,conventions')
  t.equal(calendar.text, '\uFEFFmonth,conventions\r\n2021-12,1\r\n2026-12,1\r\n')
})

t.test('the calendar has the months in which conventions end, and what is renewed', async (t) => {
  const [first, second] = await get('renewals')
  const { communes, population } = CC
  t.same(first, { month: '2021-12', asOf: null, conventions: 1, renewed: 1, communes, population })
  t.same(second, { month: '2026-12', asOf: null, conventions: 1, renewed: 0, communes, population })
  t.same(await get('renewals?departmentCode=61&endsAfter=2022-01-01'), [second])
  t.same(await get('renewals?departmentCode=27'), [])
})

t.test('what cannot be meant is a 400 that names the parameter', async (t) => {
  for (const [query, ...errors] of [
    ['coverage?validOn=2026', 'validOn invalid-date'],
    ['coverage?kind=commune', 'kind unknown-code'],
    ['coverage?format=svg&kind=caf', 'kind mismatch'],
    ['coverage?format=svg&columns=kind', 'columns mismatch'],
    ['coverage?labels=fr', 'labels mismatch'],
    ['coverage?asOf=2199-01-01T00:00:00Z', 'asOf future'],
    ['coverage?departmentCode=61', 'departmentCode unknown-parameter'],
    ['renewals?departmentCode=61&validOn=2026-01-01', 'validOn unknown-parameter'],
    ['renewals?departmentCode=99', 'departmentCode unknown-territory'],
    ['renewals?format=svg', 'format unknown-code'],
  ] as const) {
    const answer = await registry.request('GET', `/v1/statistics/${query}`)
    t.equal(answer.status, 400, query)
    t.same(errorsOf(answer), errors, query)
  }
  const { status } = await registry.request('GET', '/v1/statistics/renewals', { headers: { accept: 'image/svg+xml' } })
  t.equal(status, 406)
})

t.test('a draft counts for nobody; of the past, what is hidden today counts for those who see it', async (t) => {
  const caf = await api.create('/organizations', { kind: 'caf', name: 'Caf de la Sarthe', territory: 'departement:72' })
  const perimeter = { territories: ['commune:72181'], startsOn: '2020', endsOn: null }
  const keys = [undefined, ADMIN_KEY]
  for (const organizationId of [caf.id, exampleIds.caf])
    keys.push((await createKey(registry.db, 'lectrice', { role: 'reader', organizationId })).secret)
  const open = (path: string) =>
    Promise.all(
      keys.map(async (key) => {
        const rows = await get(`${path}&kind=country,caf`, key)
        return rows.map(({ kind, withoutEnd }) => `${kind} ${(withoutEnd as typeof nothing).communes}`)
      }),
    )
  const known = ['country 0', 'caf 0']
  const made = await newConvention(api, caf.id, { ...perimeter, state: 'draft' })
  t.same(
    await open('coverage?validOn=2026-03-15'),
    keys.map(() => known),
  )
  await api.change(`/conventions/${made.id}`, { state: 'signed' })
  const published = await instantOf(registry)
  const counted = ['country 1', 'caf 1', 'caf 0']
  t.same(
    (await open('coverage?validOn=2026-03-15')).map((one) => one.toSorted()),
    keys.map(() => counted.toSorted()),
  )
  t.equal((await get('renewals')).at(-1)?.month, null, 'what has no known end comes last')
  await api.change(`/conventions/${made.id}`, { state: 'draft' })
  const then = await open(`coverage?validOn=2026-03-15&asOf=${published}`)
  t.same(
    then.map((one) => one.includes('country 1')),
    [false, true, true, false],
  )
  t.same(
    await open('coverage?validOn=2026-03-15'),
    keys.map(() => known),
  )
})

t.test('at random days and instants the figures are those of a recount from the journal', async (t) => {
  t.comment(`seed ${seed}`)
  const small = await openRegistry(t)
  const { db } = small
  const random = randomOf(seed, 'statistics')
  await keepAround61(small)
  const { instants, cafs } = await liveThrough(apiOf(small), small, random)
  const recount = recounter(await readRecords(db))
  const readers: { key: string | undefined; caller: Caller }[] = [{ key: undefined, caller: anonymous }]
  for (const organizationId of cafs) {
    const { key, secret } = await createKey(db, 'lectrice', { role: 'reader', organizationId })
    readers.push({ key: secret, caller: { kind: 'key', ...key } })
  }
  const nameOf = ({ kind, code, cafId }: Row) => [kind, code ?? cafId ?? []].flat().join(' ')
  let telling = 0
  for (let pair = 0; pair < pairs; pair++) {
    const { key, caller } = random.pick(readers)
    const at = random.chance(0.8) ? random.pick(instants) : undefined
    const validOn = `${random.whole(2015, 2032)}-${String(random.whole(1, 12)).padStart(2, '0')}-${random.pick(['01', '15', '28'])}`
    const asOf = at === undefined ? '' : `&asOf=${at}`
    const rows = await get(`coverage?validOn=${validOn}${asOf}`, key, small)
    const figures = rows.map((row) => {
      const { total, covered, withoutEnd } = row
      return [nameOf(row), { total, covered, withoutEnd }] as const
    })
    if (rows.some(({ covered, withoutEnd }) => isSome(covered) || isSome(withoutEnd))) telling += 1
    const expected = recount.coverage(caller, validOn, at)
    if (!t.same(Object.fromEntries(figures), Object.fromEntries(expected), `${validOn} as of ${at}`)) break
    if (pair % 20 > 0) continue
    const months = await get(`renewals?${asOf.slice(1)}`, key, small)
    const calendar = months.map(({ month, asOf: _asOf, ...rest }) => [String(month), rest])
    t.same(Object.fromEntries(calendar), Object.fromEntries(recount.renewals(caller, at)))
  }
  t.ok(telling > 0, 'there was something to count')
})

const isSome = (figures: unknown) => (figures as typeof nothing).communes > 0

/** Leaves the Orne and the départements with which it shares EPCI: the country is counted a thousand times as fast. */
async function keepAround61({ db }: Registry): Promise<void> {
  await sql`
    with kept as (
      select array_agg(distinct department) as codes from territory, unnest(department_codes) department
      where kind = 'epci' and department_codes @> '{61}')
    delete from territory using kept where not department_codes <@ codes and kind <> 'region' or not department_codes && codes`.execute(
    db,
  )
}

/** Conventions are made, changed, hidden and deleted; what is refused is refused. Answers instants between the steps. */
async function liveThrough(api: Api, registry: Registry, random: ReturnType<typeof randomOf>) {
  const cafs: string[] = []
  for (const territory of ['departement:61', 'departement:72', null])
    cafs.push((await api.create('/organizations', { kind: 'caf', name: `Caf ${territory}`, territory })).id)
  const { rows } = await sql<{ key: string }>`
    select kind || ':' || code as key from territory where kind in ('epci', 'departement')
    union all (select 'commune:' || code from territory where kind = 'commune' order by code limit 200)
    union all (select 'commune:' || former from territory, unnest(former_codes) former order by former limit 100) order by key`.execute(
    registry.db,
  )
  const dissolved = { kind: 'epci', code: '246100000', name: 'Une communauté dissoute' }
  const territories = () => [
    ...random.some(rows, random.whole(0, 4)).map(({ key }) => key),
    ...(random.chance(0.1) ? [dissolved] : []),
  ]
  const day = (from: number, to: number) =>
    random.pick([null, `${random.whole(from, to)}`, `${random.whole(from, to)}-0${random.whole(1, 9)}`])
  const fields = () => ({
    territories: territories(),
    state: random.pick(['draft', 'signed', 'signed', 'signed', 'terminated']),
    startsOn: day(2015, 2020),
    endsOn: day(2021, 2028),
    signedOn: day(2015, 2020),
    terminatedOn: day(2018, 2026),
  })
  await newConvention(api, cafs[0] as string, { territories: ['epci:200068468'], startsOn: '2015', endsOn: '2031' })
  const ids: string[] = []
  const instants: string[] = []
  for (let step = 0; step < STEPS; step++) {
    const id = random.pick([...ids, undefined, undefined, undefined])
    if (id === undefined) {
      const body = { title: `CTG ${step}`, cafId: random.pick(cafs), predecessorId: random.pick([null, null, ...ids]) }
      const made = await api.post('/conventions', { ...body, ...fields() })
      if (made.status === 201) ids.push(made.body.id)
    } else if (random.chance(0.2)) await api.delete(`/conventions/${id}`)
    else if (random.chance(0.3))
      await api.post(`/conventions/${id}/amendments`, {
        kinds: ['extend-period'],
        endsOn: `${random.whole(2024, 2031)}`,
      })
    else await api.patch(`/conventions/${id}`, '*', { ...fields(), cafId: random.pick(cafs) })
    instants.push(await instantOf(registry))
  }
  return { instants, cafs }
}
