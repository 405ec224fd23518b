/**
 * Territories: the official geographic code as the API answers it. The numbers are those of the edition that the
 * installed package holds; a new edition changes them here too.
 */
import { sql } from 'kysely'
import t from 'tap'
import { limits } from '../../../src/config.ts'
import { closeDatabase, openDatabase } from '../../../src/db/database.ts'
import { labelCore, labelKey, labelQuery } from '../../../src/domain/territories/labels.ts'
import { loadTerritories } from '../../../src/domain/territories/load.ts'
import { nameKey } from '../../../src/domain/territories/names.ts'
import type { Territory } from '../../../src/domain/territories/schema.ts'
import { departmentsOf, territoryNames } from '../../../src/engine/write/decide/territories.ts'
import { openRegistry, type Registry } from '../../support/registry.ts'

const LAIGLE = { kind: 'commune', code: '61214' } as const
const RAI = { kind: 'commune', code: '61342' } as const
const PAYS_DE_LAIGLE = { kind: 'epci', code: '200068468' } as const
const TARN_AGOUT = { kind: 'epci', code: '200034023' } as const
const COUNTS = { commune: 34_969, epci: 1_255, departement: 109, region: 18 }

let shared: Promise<Registry> | undefined
/** These tests only read what is loaded, so one registry serves them all. */
async function openLoaded(): Promise<Registry> {
  shared ??= openRegistry(t).then(async (registry) => {
    await loadTerritories(registry.db)
    return registry
  })
  return shared
}

async function list(query: string) {
  const { request } = await openLoaded()
  const { status, body } = await request('GET', `/v1/territories?${query}`)
  return { status, body, codes: (body.data ?? []).map(({ kind, code }: Territory) => `${kind}:${code}`) }
}

async function get(path: string) {
  const { request } = await openLoaded()
  return request('GET', `/v1/territories/${path}`)
}

t.test('names that people write differently have one key', async (t) => {
  for (const name of ["L'Aigle", 'L’Aigle', 'l aigle', ' L’AIGLE ']) t.equal(nameKey(name), 'l aigle', name)
  t.equal(nameKey('Saint-Symphorien-des-Bruyères'), 'saint symphorien des bruyeres')
  t.equal(nameKey('Rai\u0308'), nameKey('RAÏ'))
  t.equal(nameKey('Œuilly'), 'oeuilly')
  t.equal(nameKey('’-%_'), '')
})

t.test('labels leave out what writers differ in, and for similarity what names share', async (t) => {
  for (const name of ["L'Aigle", 'l aigle', 'AIGLE']) t.equal(labelKey(name), 'aigle', name)
  t.equal(labelKey('St-Ouen'), 'saint ouen')
  t.equal(labelKey('Ste Mère-Église'), 'sainte mere eglise')
  t.equal(labelKey('Les'), 'les')
  t.equal(labelCore('cc des pays de l aigle'), 'pays aigle')
  t.equal(labelCore('le saint'), 'le saint')
  t.equal(labelQuery('saint denis de la reunion'), "'saint' & 'denis' & 'reunion':*")
  t.equal(labelQuery(''), '')
})

t.test('a commune is found by the beginning of its name, whatever its accents and case', async (t) => {
  for (const name of ['rai', 'RAÏ', 'Rai']) {
    const { status, codes } = await list(`name=${encodeURIComponent(name)}&departmentCode=61`)
    t.equal(status, 200)
    t.same(codes, ['commune:61342'], name)
  }
  t.ok((await list('name=rai')).codes.includes('commune:61342'))
})

t.test("hyphens, apostrophes and spaces are the same in a name: L'Aigle", async (t) => {
  for (const name of ['l aigle', 'L’Aigle', "L'AIGLE", 'l-aig'])
    t.ok((await list(`name=${encodeURIComponent(name)}`)).codes.includes('commune:61214'), name)
})

t.test('a name begins with its article or after it; St is Saint', async (t) => {
  for (const [name, code] of [
    ['aigle', '61214'],
    ['rochelle', '17300'],
    ['havre', '76351'],
    ['st-ouen-sur', '93070'],
    ['Saint Ouen sur', '93070'],
    ['lilas', '93045'],
  ] as const)
    t.ok((await list(`kind=commune&name=${name}`)).codes.includes(`commune:${code}`), name)
  t.notOk((await list('name=l-aigle')).codes.includes('commune:08003'), 'Aiglemont has no article')
  t.notOk((await list('name=lyon 1er')).codes.length > 0, 'former names are none')
})

t.test('a name without letters finds nothing, and wildcards are not understood', async (t) => {
  for (const name of ['%', '_', "'", '*']) t.same((await list(`name=${encodeURIComponent(name)}`)).codes, [], name)
})

t.test('one commune', async (t) => {
  const { status, headers, body } = await get('commune/49301')
  t.equal(status, 200)
  t.match(headers.etag, /^"[^"]+"$/)
  t.same(body, {
    kind: 'commune',
    code: '49301',
    name: 'Sèvremoine',
    siren: '200054385',
    population: 25_797,
    populationYear: 2023,
    departmentCodes: ['49'],
    regionCodes: ['52'],
    memberCodes: [],
    formerCodes: ['49179', '49206', '49210', '49258', '49263', '49264', '49273', '49285', '49349', '49350'],
  })
})

t.test('an EPCI has the communes that form it and the sum of their populations', async (t) => {
  const { body } = await get('epci/200068468')
  t.match(body, { name: "CC des Pays de L'Aigle", siren: '200068468', population: 24_782, populationYear: 2023 })
  t.equal(body.memberCodes.length, 32)
  for (const code of ['61008', '61214', '61342']) t.ok(body.memberCodes.includes(code), code)
})

t.test('an EPCI over several départements answers to each of them', async (t) => {
  const { body } = await get('epci/200034023')
  t.same(body.departmentCodes, ['31', '81'])
  t.same(body.regionCodes, ['76'])
  for (const code of body.departmentCodes)
    t.ok((await list(`kind=epci&departmentCode=${code}`)).codes.includes('epci:200034023'), code)
})

t.test('départements and regions have their communes', async (t) => {
  const { body: orne } = await get('departement/61')
  t.match(orne, { name: 'Orne', siren: null, departmentCodes: ['61'], regionCodes: ['28'], formerCodes: [] })
  t.ok(orne.memberCodes.every((code: string) => code.startsWith('61')))
  const { body: normandy } = await get('region/28')
  t.match(normandy, { name: 'Normandie', departmentCodes: ['14', '27', '50', '61', '76'], regionCodes: ['28'] })
  t.equal(normandy.memberCodes.length, 2_644)
})

t.test('Corsica and what is overseas', async (t) => {
  t.match((await get('commune/2A004')).body, { name: 'Ajaccio', departmentCodes: ['2A'], regionCodes: ['94'] })
  t.match((await get('departement/974')).body, { name: 'La Réunion', regionCodes: ['04'] })
  t.match((await get('departement/976')).body, { name: 'Mayotte', populationYear: 2017 })
  t.match((await get('departement/987')).body, { population: 278_786, populationYear: null, regionCodes: [] })
  t.match((await get('commune/98412')).body, { population: null, populationYear: null, siren: null })
})

t.test('a former code is a 404 that names the commune of today', async (t) => {
  const { status, headers, body } = await get('commune/49349')
  t.equal(status, 404)
  t.match(headers['content-type'], /^application\/problem\+json/)
  t.match(body.detail, /Sèvremoine.*49301/)
})

t.test('what does not exist is a 404, what cannot be a code a 400', async (t) => {
  t.equal((await get('commune/61999')).status, 404)
  t.equal((await get('epci/999999999')).status, 404)
  t.match(await get('commune/6134'), { status: 400, body: { errors: [{ parameter: 'code' }] } })
  t.match(await get('canton/6101'), { status: 400, body: { errors: [{ parameter: 'kind' }] } })
  t.match(await get('epci/61342'), { status: 400, body: { errors: [{ parameter: 'code' }] } })
  t.match(await list('departmentCode=1'), { status: 400, body: { errors: [{ parameter: 'departmentCode' }] } })
  t.match(await list('name='), { status: 400, body: { errors: [{ parameter: 'name' }] } })
})

t.test('all of the official code is there', async (t) => {
  for (const [kind, count] of Object.entries(COUNTS)) {
    const { body } = await list(`kind=${kind}&limit=1&count=true`)
    t.equal(body.count, count, kind)
  }
  t.equal((await list('limit=1')).body.count, null)
  const { db } = await openLoaded()
  const { rows } = await sql<{ former: number; spanning: number; single: number }>`
    select sum(cardinality(former_codes))::int as former,
      count(*) filter (where kind = 'epci' and cardinality(department_codes) > 1)::int as spanning,
      (select count(*)::int from (select code from territory where kind = 'commune'
        except select unnest(member_codes) from territory where kind = 'epci') as alone) as single
    from territory`.execute(db)
  t.same(rows[0], { former: 4_287, spanning: 89, single: 98 })
})

t.test('a walk sees each territory of its filter once, in order', async (t) => {
  const seen = await walk('departmentCode=61&limit=100')
  t.equal(seen.length, (await list('departmentCode=61&limit=1&count=true')).body.count)
  t.same(seen, [...new Set(seen)].sort())
})

/** All pages of a list. */
async function walk(query: string) {
  const seen: string[] = []
  for (let cursor = ''; ; ) {
    const { status, body, codes } = await list(`${query}${cursor}`)
    if (status !== 200) throw new Error(body.detail)
    seen.push(...codes)
    if (body.next === null) return seen
    cursor = `&cursor=${encodeURIComponent(body.next)}`
  }
}

t.test('territories of a place are it, contain it or lie in it; several values are either', async (t) => {
  const around = await walk('communeCode=61342')
  t.same(around, ['commune:61342', 'departement:61', 'epci:200068468', 'region:28'])
  t.same(await walk('communeCode=61214,61342&kind=commune'), ['commune:61214', 'commune:61342'])
  const { body: epci } = await get('epci/200068468')
  t.same(
    await walk('epciCode=200068468&kind=commune,epci&limit=20'),
    [...epci.memberCodes.map((code: string) => `commune:${code}`), 'epci:200068468'].sort(),
  )
  t.same(await walk('kind=region&departmentCode=61,2A'), ['region:28', 'region:94'])
  t.same(await walk('kind=departement&regionCode=94'), ['departement:2A', 'departement:2B'])
  t.ok((await walk('communeCode=75112')).includes('commune:75056'), 'an arrondissement is in its commune')
  const { status, body } = await list('communeCode=61515')
  t.same([status, body.errors[0].code], [400, 'unknown-territory'])
})

t.test('territories come in the order that is asked for, and all of them', async (t) => {
  const ids = ['region:28', 'commune:61342', 'epci:200068468']
  t.same((await list(`ids=${ids.concat('commune:61999')}`)).codes, ids)
  t.same((await list(`ids=${ids}&kind=epci`)).codes, ['epci:200068468'])
  const all = (await walk('departmentCode=61&limit=200')).toSorted()
  for (const sort of ['name', 'population']) {
    const forwards = await walk(`departmentCode=61&limit=99&sort=${sort}`)
    t.same(forwards.toSorted(), all, sort)
    t.same(await walk(`departmentCode=61&limit=99&sort=-${sort}`), forwards.toReversed(), sort)
  }
  const populations = (await list('kind=epci&sort=population&limit=50')).body.data.map(
    (one: Territory) => one.population,
  )
  t.same(
    populations,
    populations.toSorted((a: number, b: number) => a - b),
  )
  t.equal((await list('q=rai&sort=name')).status, 400)
  t.match((await list('nom=rai')).body.errors[0].message, /name/)
})

t.test('names and départements of many territories', async (t) => {
  const { db } = await openLoaded()
  const names = await territoryNames(db, [LAIGLE, RAI, PAYS_DE_LAIGLE, { kind: 'commune', code: '61999' }])
  t.same(Object.fromEntries(names), {
    'commune:61214': "L'Aigle",
    'commune:61342': 'Rai',
    'epci:200068468': "CC des Pays de L'Aigle",
  })
  const brittany = { kind: 'region', code: '53' } as const
  const former = { kind: 'commune', code: '97499' } as const
  const departments = await departmentsOf(db, [TARN_AGOUT, brittany, former, { kind: 'epci', code: '999999999' }])
  t.same(Object.fromEntries(departments), {
    'epci:200034023': ['31', '81'],
    'region:53': ['22', '29', '35', '56'],
    'commune:97499': ['974'],
  })
  t.equal((await territoryNames(db, [])).size, 0)
  t.equal((await departmentsOf(db, [])).size, 0)
})

t.test('an edition is loaded once; by force what differs is brought back', async (t) => {
  // As patient as a start is: loads are heavy work.
  const db = openDatabase((await openRegistry(t)).url, { connections: 2, patienceMs: limits.migrationMs })
  t.teardown(() => closeDatabase(db))
  const both = await Promise.all([loadTerritories(db), loadTerritories(db)])
  t.ok(both.filter(({ isLoaded }) => isLoaded).length <= 1, 'of two at once one at most does the work')
  t.match(await loadTerritories(db), { isLoaded: false, written: 0, removed: 0 })
  await sql`update territory set name = 'Ray', name_key = 'ray' where kind = 'commune' and code = '61342'`.execute(db)
  await sql`insert into territory select kind, '61999', name, name_key, null, population, population_year,
    department_codes, region_codes, member_codes, former_codes from territory where code = '61214'`.execute(db)
  t.match(await loadTerritories(db, { force: true }), { isLoaded: true, written: 1, removed: 1 })
  t.equal((await territoryNames(db, [RAI])).get('commune:61342'), 'Rai')
  t.match(await loadTerritories(db, { force: true }), { written: 0, removed: 0 })
})
