/** What real conventions are like: each shape is a document with its real codes, that round-trips and reads as it is. */
import fs from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { documentPath, type Fields, getDocument, put, read, stateOf, warningsOf } from '../support/documents.ts'
import { brokenRules } from '../support/invariants.ts'
import { openRegistry } from '../support/registry.ts'

const SOURCE = 'shapes'
const registry = await openRegistry(t)
const documentsOf = (file: string) =>
  JSON.parse(fs.readFileSync(path.join(import.meta.dirname, file), 'utf8')) as Fields[]

/** PUT of the documents of a file, each by its key; the ids of their conventions in this order. */
async function load(t: Test, file: string): Promise<string[]> {
  const ids: string[] = []
  for (const document of documentsOf(file)) {
    const key = String(document.key)
    const created = await put(registry, key, document, { source: SOURCE })
    t.equal(created.status, 201, created.text)
    const got = await getDocument(registry, key, SOURCE)
    const before = await stateOf(registry)
    for (const again of [document, got.body]) {
      t.equal((await put(registry, key, again, { source: SOURCE })).status, 200)
      t.same(await stateOf(registry), before, 'nothing changes')
    }
    const now = await getDocument(registry, key, SOURCE)
    t.same(now.body, got.body)
    t.equal(now.headers.etag, got.headers.etag)
    ids.push(created.body.convention.id)
  }
  return ids
}

const convention = async (id: string) => (await registry.request('GET', `/v1/conventions/${id}`)).body

/** The names of who is bound on a day, sorted. */
async function boundOn(id: string, day: string): Promise<string[]> {
  const { body } = await registry.request(
    'GET',
    `/v1/conventions/${id}/signatories?validOn=${day}&include=organization&limit=200`,
  )
  return body.data
    .map(({ organization }: { organization: Fields }) => organization.shortName ?? organization.name)
    .sort()
}
const countOn = async (id: string, day: string) => (await boundOn(id, day)).length

/** The titles of the conventions that a filter lets through. */
async function titles(filter: string): Promise<string[]> {
  const { body } = await registry.request('GET', `/v1/conventions?${filter}&limit=200`)
  return body.data.map(({ title }: Fields) => title).sort()
}
const listed = async (id: string, list: string) =>
  (await registry.request('GET', `/v1/conventions/${id}/${list}?limit=200`)).body.data as Fields[]

t.test("Pays de L'Aigle: two conventions, an amendment by which two communes join, a renewal", async (t) => {
  const [first = '', second = ''] = await load(t, '../../examples/pays-de-l-aigle.json')
  t.match(await convention(first), {
    status: 'expired',
    startsOn: '2018',
    endsOn: '2021',
    period: { from: '2018-01-01', to: '2021-12-31' },
    successorIds: [second],
    version: 2,
  })
  const [caf, cdc] = ["Caf de l'Orne", "CdC des Pays de L'Aigle"]
  t.same(await boundOn(first, '2019-06-01'), [caf, cdc])
  t.same(await boundOn(first, '2020-06-01'), [caf, cdc, "L'Aigle", 'Rai'])
  for (const [day, count] of [
    ['2017-12-31', 0],
    ['2019-12-31', 2],
    ['2020-01-01', 4],
    ['2021-12-31', 4],
    ['2022-01-01', 0],
  ] as const)
    t.equal(await countOn(first, day), count, day)

  const now = await convention(second)
  t.match(now, { status: 'active', predecessorId: first, successorIds: [], version: 1 })
  t.same(now.period, { from: '2022-01-01', to: '2026-12-31' })
  t.same(await boundOn(second, '2022-01-01'), ['Aube', caf, cdc, "L'Aigle", 'Rai'])
  t.equal((await listed(second, 'signatories')).length, 5)
  t.same(
    (await listed(second, 'axes')).map(({ number, label, title }) => [number, label, title]),
    [
      [
        1,
        'axe',
        "Agir pour renforcer l'attractivité des services à la population et la cohérence entre les interventions",
      ],
      [2, 'axe', "Poursuivre le développement d'une politique de soutien à la parentalité"],
      [3, 'axe', "Assurer l'accès aux services de proximité pour tous et soutenir les initiatives locales"],
    ],
  )
  const actions = await listed(second, 'actions')
  t.equal(actions.length, 5)
  t.same(
    actions.filter(({ recurring }) => recurring).map(({ title }) => title),
    ['Semaine de la petite enfance'],
  )
  const [site] = await listed(second, 'service-sites')
  t.match(site, { itinerant: true, communeCode: '61214', conventionIds: [second], types: ['service-itinerant'] })
  const travelling = actions.find(({ title }) => title === "Organisation de l'itinérance des services et animations")
  t.same(travelling?.serviceSiteIds, [site?.id])
  const { body: cias } = await read(registry, '/v1/organizations?kind=cias')
  t.equal(cias.data.length, 1, 'who is listed and does not sign is there')
  t.equal((await getDocument(registry, 'pays-de-l-aigle-2018', SOURCE)).body.organizations.length, 5)
  t.same((await titles('communeCode=61342&activeOn=2020-06-01')).length, 1)
})

t.test('Bassin de Brive: an agglomération, a syndicate and some communes, each by its own deliberation', async (t) => {
  const [id = ''] = await load(t, 'shapes/bassin-de-brive.json')
  t.equal(await countOn(id, '2021-01-01'), 10)
  const signatories = await listed(id, 'signatories')
  t.equal(signatories.filter(({ deliberatedOn }) => deliberatedOn !== null).length, 8)
  t.ok(signatories.some(({ role }) => role === 'syndicat'))
  t.ok((await titles('communeCode=19109')).length === 1, 'a commune that did not sign is in the perimeter')
})

t.test("Val de l'Eyre: five communes sign, the EPCI that they form does not", async (t) => {
  const [id = ''] = await load(t, 'shapes/val-de-l-eyre.json')
  t.equal(await countOn(id, '2023-12-31'), 6)
  const { period, version } = await convention(id)
  t.same(period, { from: '2020-01-01', to: '2023-12-31' }, 'the amendment changes content only')
  t.equal(version, 1)
  t.same(
    (await listed(id, 'amendments')).map(({ kinds, number }) => [kinds, number]),
    [[['change-content'], 1]],
  )
  for (const filter of ['epciCode=243301405', 'communeCode=33260', 'departmentCode=33'])
    t.equal((await titles(filter)).length, 1, filter)
})

t.test('Vallées du Clain: Caf, MSA, the EPCI and all its sixteen communes, from day to day', async (t) => {
  const [id = ''] = await load(t, 'shapes/vallees-du-clain.json')
  t.equal(await countOn(id, '2022-01-01'), 19)
  t.equal(await countOn(id, '2026-12-31'), 19)
  t.same([await countOn(id, '2021-12-31'), await countOn(id, '2027-01-01')], [0, 0])
  t.equal((await listed(id, 'signatories')).filter(({ role }) => role === 'commune').length, 16)
})

t.test("Vallée de l'Hérault: signed more than a year after the start, bound from the start", async (t) => {
  const [id = ''] = await load(t, 'shapes/vallee-de-l-herault.json')
  t.same(await countOn(id, '2022-01-01'), 15)
  t.match(await convention(id), { signedOn: '2023-02-06', period: { from: '2022-01-01', to: '2026-12-31' } })
  const [document] = documentsOf('shapes/vallee-de-l-herault.json')
  const again = await put(registry, String(document?.key), document, { source: SOURCE })
  t.same(warningsOf(again), ['/signedOn late-signature'])
})

t.test('Sèvremoine: one commune alone in an EPCI that does not sign, five enjeux', async (t) => {
  const [id = ''] = await load(t, 'shapes/sevremoine.json')
  t.same(await boundOn(id, '2024-01-01'), ["Caisse d'allocations familiales de Maine-et-Loire", 'Sèvremoine'])
  t.same(new Set((await listed(id, 'axes')).map(({ label }) => label)), new Set(['enjeu']))
  t.equal((await listed(id, 'axes')).length, 5)
  t.equal((await listed(id, 'actions')).length, 4)
  t.same(await titles('epciCode=200060010'), ['Convention territoriale globale de Sèvremoine 2023-2026'])
  t.same(await titles('communeCode=49218'), [])
  const { body } = await read(registry, '/v1/organizations?siren=200054385')
  t.equal(body.data[0].name, 'Sèvremoine')
})

t.test('Grand Arras: an unknown start, two axes of eight and seven, partners that do not sign', async (t) => {
  const [id = ''] = await load(t, 'shapes/grand-arras.json')
  t.match(await convention(id), { startsOn: null, status: 'active', period: { from: null, to: '2026-12-31' } })
  t.equal(await countOn(id, '1990-01-01'), 2)
  t.equal(await countOn(id, '2027-01-01'), 0)
  const actions = await listed(id, 'actions')
  const axes = await listed(id, 'axes')
  t.same(
    axes.map((axis) => actions.filter((one) => (one.axisIds as string[])[0] === axis.id).length),
    [8, 7],
  )
  t.ok(actions.every(({ partnerIds }) => (partnerIds as string[]).length === 2))
  t.equal((await listed(id, 'signatories')).length, 2)
})

t.test('Lespinasse: a commune, the Caf and the département; twenty-two fiches in order', async (t) => {
  const [id = ''] = await load(t, 'shapes/lespinasse.json')
  t.equal(await countOn(id, '2025-06-01'), 3)
  t.equal((await listed(id, 'axes')).length, 3)
  t.same(
    (await listed(id, 'actions')).map(({ code }) => code),
    Array.from({ length: 22 }, (_, i) => `${i + 1}`),
  )
})

t.test('Pays de Meaux: the second renews the first', async (t) => {
  const [first = '', second = ''] = await load(t, 'shapes/pays-de-meaux.json')
  t.match(await convention(first), { status: 'expired', signedOn: '2021-03-01', successorIds: [second] })
  t.match(await convention(second), { status: 'active', predecessorId: first, signedOn: '2025-04-28' })
  t.equal(await countOn(second, '2025-01-01'), 2, 'a signature after the start does not count')
})

t.test('Pays de Trie et du Magnoac: signed for five years, the start unknown', async (t) => {
  const [id = ''] = await load(t, 'shapes/pays-de-trie-et-du-magnoac.json')
  t.same((await convention(id)).period, { from: null, to: '2028-01-23' })
  t.same([await countOn(id, '2023-01-23'), await countOn(id, '2023-01-24'), await countOn(id, '2028-01-23')], [0, 5, 5])
  t.equal(await countOn(id, '2028-01-24'), 0)
  const roles = (await listed(id, 'signatories')).map(({ role }) => role)
  t.same(roles.sort(), ['caf', 'cpam', 'departement', 'epci', 'msa'])
  t.match((await convention(id)).themes, [
    'petite-enfance',
    'enfance',
    'jeunesse',
    'parentalite',
    'insertion',
    'mobilite',
  ])
})

t.test('Val ès Dunes: the EPCI and six of its nineteen communes', async (t) => {
  const [id = ''] = await load(t, 'shapes/val-es-dunes.json')
  t.equal(await countOn(id, '2028-12-31'), 8)
  t.equal((await titles('communeCode=14659')).length, 1)
})

t.test('Tarn-Agout: one Caf, two départements: the Caf is stated, never computed', async (t) => {
  const [id = ''] = await load(t, 'shapes/tarn-agout.json')
  const { cafId } = await convention(id)
  const { body: caf } = await read(registry, `/v1/organizations/${cafId}`)
  t.same(caf.departmentCodes, ['81'])
  for (const code of ['81', '31'])
    t.ok((await titles(`departmentCode=${code}`)).includes('Convention territoriale globale de Tarn-Agout'))
  t.equal((await titles(`cafId=${cafId}`)).length, 1)
  t.equal((await titles('communeCode=31038')).length, 1, 'a commune of the other département')
})

t.test("Mond'Arverne: it overlaps the contract before it", async (t) => {
  const [first = '', second = ''] = await load(t, 'shapes/mond-arverne.json')
  t.equal((await titles('epciCode=200069177&activeOn=2019-06-01')).length, 2)
  t.same([await countOn(first, '2019-06-01'), await countOn(second, '2019-06-01')], [2, 2])
  t.match(await convention(second), { predecessorId: first, signedOn: '2019-12-23', status: 'expired' })
})

t.test('without a published case: an extension, an exit, an EPCI that is gone, a plan of three levels', async (t) => {
  const [extended = '', left = '', gone = '', plan = ''] = await load(t, 'shapes/inventions.json')
  t.match(await convention(extended), {
    endsOn: '2022',
    status: 'expired',
    period: { from: '2019-01-01', to: '2023-12-31' },
  })
  t.same([await countOn(extended, '2023-12-31'), await countOn(extended, '2024-01-01')], [3, 0])
  t.ok((await titles('activeOn=2023-06-01')).includes('Convention prolongée d’un an par avenant'))

  t.same([await countOn(left, '2022-06-30'), await countOn(left, '2022-07-01')], [3, 2])
  t.notOk((await boundOn(left, '2022-07-01')).includes('Rai'))

  t.same((await convention(gone)).territories, [{ kind: 'epci', code: '246199999', name: 'CC de la Vallée disparue' }])
  t.equal((await titles('epciCode=246199999')).length, 1)
  const bare = { ...documentsOf('shapes/inventions.json')[2], territories: ['epci:246199999'] }
  const unnamed = await put(registry, 'other', { ...bare, key: 'other' }, { source: SOURCE })
  t.equal(unnamed.body.errors[0].code, 'unknown-territory')

  const axes = await listed(plan, 'axes')
  t.same(
    axes.map(({ code, label }) => `${label} ${code}`),
    ['axe A', 'orientation A.1', 'objectif A.1.a', 'objectif A.1.b', 'axe B'],
  )
  const [action] = await listed(plan, 'actions')
  t.same(action?.axisIds, [axes[4]?.id, axes[2]?.id], 'an action under two axes, the first is the main one')
  for (const filter of ['epciCode=200068468', 'epciCode=200065589', 'communeCode=61008', 'departmentCode=14'])
    t.ok((await titles(filter)).includes('Convention dont le plan a trois niveaux'), filter)
})

t.test('what is invented says so in the document itself', async (t) => {
  for (const file of fs.readdirSync(path.join(import.meta.dirname, 'shapes')))
    for (const { summary } of documentsOf(`shapes/${file}`)) t.match(summary, /Exemple inventé|recouvre/, file)
})

t.test('every document of the source is listed, by its key', async (t) => {
  const { body } = await read(registry, `/v1/sources/${SOURCE}/conventions?limit=200&count=true`)
  const keys = body.data.map(({ key }: Fields) => key)
  t.same(keys, keys.toSorted())
  t.equal(body.count, keys.length)
  for (const key of keys) t.equal((await registry.request('GET', documentPath(key, SOURCE))).status, 200)
})

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})
