/** Organizations of documents meet those of the registry by rules in an order; none is changed, none is made twice. */
import { sql } from 'kysely'
import t from 'tap'
import { ADMIN_KEY } from '../support/config.ts'
import {
  AUBE,
  CAF,
  changedBetween,
  create,
  documentOf,
  errorsOf,
  type Fields,
  getDocument,
  LAIGLE,
  put,
  read,
  stateOf,
  warningsOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const SIRENS = ['130005481', '180020026', '775672272', '552100554', '542065479']

/** PUT of a document that lists these; the ids that it met or made, by key. */
async function meet(key: string, organizations: Fields[], source?: string) {
  const answer = await put(
    registry,
    key,
    documentOf({ organizations: [CAF, ...organizations] }),
    source ? { source } : {},
  )
  const { body } = await getDocument(registry, key, source)
  const ids = Object.fromEntries((body.organizations ?? []).map((one: Fields) => [one.key, one.id]))
  return { answer, ids }
}
const organization = async (id: string) => (await read(registry, `/v1/organizations/${id}`)).body
const post = (body: Fields) => create(registry, '/v1/organizations', body)

t.test('the SIREN comes first, whatever the kind, name, territory and key say', async (t) => {
  const known = await post({ kind: 'association', name: 'Les Lutins', siren: SIRENS[0] })
  const other = await post({ kind: 'ccas', name: 'CCAS de Rai', territory: 'commune:61342' })
  const { ids, answer } = await meet('siren', [
    { key: 'x', kind: 'ccas', name: 'CCAS de Rai', siren: SIRENS[0], territory: 'commune:61342' },
  ])
  t.equal(ids.x, known.id)
  t.not(ids.x, other.id)
  t.ok(warningsOf(answer).includes('/organizations/1/kind organization-differs'))
  t.ok(warningsOf(answer).includes('/organizations/1/name organization-differs'))
  t.match(await organization(known.id), { kind: 'association', name: 'Les Lutins', territory: { code: '61342' } })
})

t.test('a commune, EPCI, département or region is met by its territory, whatever its name', async (t) => {
  const kinds = { commune: '61401', epci: '246100663', departement: '61', region: '28' }
  for (const [kind, code] of Object.entries(kinds)) {
    const territory = { kind, code, name: 'Nom connu' }
    const known = await post({ kind, name: 'Nom connu', territory })
    const { ids } = await meet(`territory-${kind}`, [{ key: kind, kind, name: 'Autre nom', territory }])
    t.equal(ids[kind], known.id, kind)
  }
})

t.test('others are met by kind, territory and name without accents, case and punctuation', async (t) => {
  const territory = 'commune:61214'
  const known = await post({ kind: 'ccas', name: 'C.C.A.S. de l’Aigle-Évrard', territory })
  const listed = { key: 'ccas', kind: 'ccas', name: "c c a s  DE L'AIGLE EVRARD", territory }
  t.equal((await meet('name', [listed])).ids.ccas, known.id)
  const elsewhere = [
    { ...listed, key: 'kind', kind: 'association' },
    { ...listed, key: 'territory', territory: 'commune:61008' },
    { ...listed, key: 'name', name: 'CCAS' },
    { ...listed, key: 'nowhere', territory: null },
  ]
  const { ids } = await meet('name-not', elsewhere)
  t.equal(new Set(Object.values(ids)).size, 5)
  t.notOk(Object.values(ids).includes(known.id))
})

t.test('one département may have two Cafs', async (t) => {
  const north = { key: 'nord', kind: 'caf', name: 'Caf du Nord', territory: 'departement:59' }
  const { ids } = await meet('cafs', [north, { ...north, key: 'flandres', name: 'Caf des Flandres' }])
  t.not(ids.nord, ids.flandres)
  const again = await meet('cafs-14', [{ ...north, name: 'CAF DU NORD' }], 'caf-14')
  t.equal(again.ids.nord, ids.nord)
})

t.test('the key of the source comes last: a body may be renamed by its source', async (t) => {
  const first = await meet('key', [{ key: 'k', kind: 'association', name: 'Ancien nom' }])
  const second = await meet('key', [{ key: 'k', kind: 'association', name: 'Nouveau nom' }])
  t.equal(second.ids.k, first.ids.k)
  t.ok(warningsOf(second.answer).includes('/organizations/1/name organization-differs'))
  t.equal((await organization(String(first.ids.k))).name, 'Ancien nom')
  const third = await meet('key', [{ key: 'k', kind: 'association', name: 'Nouveau nom' }], 'caf-14')
  t.not(third.ids.k, first.ids.k)
})

t.test('two entries that meet the same organization are a 422, also when it is new', async (t) => {
  const entry = { key: 'a', kind: 'association', name: 'La Ruche', siren: SIRENS[1] }
  const organizations = [CAF, entry, { key: 'b', kind: 'mutuelle', name: 'Autre', siren: SIRENS[1] }]
  for (const body of [documentOf({ organizations }), documentOf({ organizations: organizations.toReversed() })])
    t.same(errorsOf(await put(registry, 'twice', body)).length, 1)
  t.same(errorsOf(await put(registry, 'twice', documentOf({ organizations }))), ['/organizations/2 duplicate'])
  await post({ kind: 'commune', name: 'Crulai', territory: 'commune:61140' })
  const filled = [
    { key: 'a', kind: 'commune', name: 'Crulai', siren: SIRENS[2], territory: 'commune:61140' },
    { key: 'b', kind: 'association', name: 'Amis de Crulai', siren: SIRENS[2] },
  ]
  const answer = await put(registry, 'twice', documentOf({ organizations: [CAF, ...filled] }))
  t.same(errorsOf(answer), ['/organizations/2 duplicate'])
})

t.test('a key that meets another organization moves to it, with a warning', async (t) => {
  const first = await meet('moves', [{ key: 'm', kind: 'association', name: 'Une' }])
  const target = await post({ kind: 'association', name: 'Autre', siren: SIRENS[3] })
  const second = await meet('moves', [{ key: 'm', kind: 'association', name: 'Autre', siren: SIRENS[3] }])
  t.equal(second.ids.m, target.id)
  t.ok(warningsOf(second.answer).includes('/organizations/1/key key-moved'))
  t.same((await organization(target.id)).sources, [{ source: 'caf-61', key: 'm' }])
  t.same((await organization(String(first.ids.m))).sources, [])
  const list = await read(registry, '/v1/organizations?source=caf-61&sourceKey=m')
  t.same(
    list.body.data.map(({ id }: Fields) => id),
    [target.id],
  )
  const before = await stateOf(registry)
  const third = await meet('moves', [{ key: 'm', kind: 'association', name: 'Autre', siren: SIRENS[3] }])
  t.notOk(warningsOf(third.answer).some((warning) => warning.includes('key-moved')))
  t.same(await stateOf(registry), before)
})

t.test('what is unknown is filled in, what is known otherwise stays with a warning', async (t) => {
  const known = await post({ kind: 'mutuelle', name: 'Mutuelle', shortName: 'MUT', territory: 'departement:61' })
  const listed = {
    key: 'mut',
    kind: 'mutuelle',
    name: 'Mutuelle',
    shortName: 'Mutu',
    siret: `${SIRENS[4]}00012`,
    siren: SIRENS[4],
    territory: { kind: 'departement', code: '61', name: "L'Orne" },
    identifiers: [{ scheme: 'other', value: '1' }],
    website: 'https://mutuelle.example',
  }
  const { answer } = await meet('fill', [listed])
  const got = ['identifiers', 'siren', 'siret', 'website'].map(
    (field) => `/organizations/1/${field} organization-filled`,
  )
  t.same(warningsOf(answer), [...got, '/organizations/1/shortName organization-differs'].sort())
  const filled = await organization(known.id)
  t.match(filled, { shortName: 'MUT', siren: SIRENS[4], website: 'https://mutuelle.example', version: 2 })
  t.same(filled.identifiers, listed.identifiers)
  t.equal(filled.territory.name, 'Orne')
  const before = await stateOf(registry)
  await meet('fill', [{ key: 'mut', kind: 'mutuelle', name: 'Mutuelle', siren: SIRENS[4] }])
  const empties = {
    key: 'mut',
    kind: 'mutuelle',
    name: 'Mutuelle',
    siren: SIRENS[4],
    website: null,
    identifiers: [],
    email: null,
  }
  t.same(warningsOf((await meet('fill', [empties])).answer), [
    '/organizations/1/identifiers organization-differs',
    '/organizations/1/website organization-differs',
  ])
  t.same(await stateOf(registry), before)
})

t.test('a SIREN or SIRET that contradicts the one that is known is a warning, never an error', async (t) => {
  await post({ kind: 'commune', name: 'Irai', siren: '200033579', territory: 'commune:61208' })
  await post({ kind: 'commune', name: 'Vitrai', siret: '20003402300012', territory: 'commune:61510' })
  const { answer, ids } = await meet('contradicts', [
    {
      key: 'irai',
      kind: 'commune',
      name: 'Irai',
      siren: '200060010',
      siret: '20006001000012',
      territory: 'commune:61208',
    },
    { key: 'vitrai', kind: 'commune', name: 'Vitrai', siren: '200070795', territory: 'commune:61510' },
  ])
  t.same(warningsOf(answer), [
    '/organizations/1/siren organization-differs',
    '/organizations/1/siret organization-differs',
    '/organizations/2/siren organization-differs',
  ])
  t.match(await organization(String(ids.irai)), { siren: '200033579', siret: null })
})

t.test('one organization may have several keys in a source, one in each document', async (t) => {
  const one = await meet('keys-1', [{ ...AUBE, key: 'aube' }])
  const two = await meet('keys-2', [{ ...AUBE, key: 'commune-aube' }])
  t.equal(two.ids['commune-aube'], one.ids.aube)
  t.same(Object.keys((await meet('keys-1', [{ ...AUBE, key: 'aube' }])).ids).sort(), ['aube', 'caf'])
  const before = await stateOf(registry)
  for (const key of ['keys-1', 'keys-2']) await put(registry, key, (await getDocument(registry, key)).body)
  t.same(await stateOf(registry), before)
  t.same((await organization(String(one.ids.aube))).sources, [
    { source: 'caf-61', key: 'aube' },
    { source: 'caf-61', key: 'commune-aube' },
  ])
})

t.test(
  'an organization that is listed and named by nothing comes back; one that is no longer listed stays',
  async (t) => {
    const { ids } = await meet('listed', [LAIGLE])
    const before = await stateOf(registry)
    const answer = await put(registry, 'listed', documentOf())
    t.same(answer.body.report.byType.organizations, { created: 0, updated: 0, deleted: 0, unchanged: 1 })
    t.same(changedBetween(before, await stateOf(registry)), [])
    t.equal((await organization(String(ids['l-aigle']))).name, "L'Aigle")
    t.same((await getDocument(registry, 'listed')).body.organizations.length, 1)
  },
)

t.test('an organization may be named without being listed: by a key of the source, or by its id', async (t) => {
  const { ids } = await meet('listed-elsewhere', [AUBE, LAIGLE])
  const actions = [{ key: 'a', title: 'Action', lead: 'aube', partners: [ids['l-aigle'], ids.caf] }]
  const answer = await put(registry, 'not-listed', documentOf({ organizations: [], actions }))
  t.equal(answer.status, 201, answer.text)
  const { body } = await getDocument(registry, 'not-listed')
  t.same(body.organizations, [])
  t.match(body.actions[0], { lead: 'aube', partners: ['l-aigle', 'caf'] })
  const twice = [{ ...actions[0], partners: [ids.aube, 'aube'] }]
  const faulty = await put(registry, 'not-listed', documentOf({ organizations: [], actions: twice }))
  t.same(errorsOf(faulty), ['/actions/0/partners/1 duplicate'])
})

t.test('a key means what its document lists, although another document has moved it', async (t) => {
  const townHall = { key: 'town-hall', kind: 'association', name: 'Mairie une' }
  const actions = [{ key: 'a', title: 'Action', lead: 'town-hall' }]
  await put(registry, 'before-move', documentOf({ organizations: [CAF, townHall], actions }))
  const other = await post({ kind: 'association', name: 'Mairie deux' })
  await meet('after-move', [{ ...townHall, name: 'Mairie deux' }])
  const action = (await getDocument(registry, 'before-move')).body.actions[0]
  const headers = { 'if-match': '*' }
  const body = { leadId: other.id }
  await registry.request('PATCH', `/v1/actions/${action.id}`, { key: ADMIN_KEY, headers, body })
  const document = (await getDocument(registry, 'before-move')).body
  t.equal(document.actions[0].lead, other.id)
  const again = await put(registry, 'before-move', document)
  t.match([again.status, again.body.report.byType.actions.updated], [200, 0], 'a PUT of it leaves the action')
})

t.test('a document never deletes an organization, nor what it knows of it', async (t) => {
  const { ids } = await meet('kept', [{ key: 'kept', kind: 'hopital', name: 'Hôpital', phone: '02 33 00 00 00' }])
  await meet('kept', [{ key: 'kept', kind: 'hopital', name: 'Hôpital' }])
  t.equal((await organization(String(ids.kept))).phone, '02 33 00 00 00')
  const gone = await registry.request('DELETE', '/v1/sources/caf-61/conventions/kept', { key: ADMIN_KEY })
  t.equal(gone.status, 204)
  t.equal((await organization(String(ids.kept))).name, 'Hôpital')
  t.equal((await meet('kept-2', [{ key: 'kept', kind: 'hopital', name: 'Clinique' }])).ids.kept, ids.kept)
})

t.test('an organization names 200 of the sources that hold it, and is held by all of them', async (t) => {
  const known = await post({ kind: 'region', name: 'Région', siren: '200053403' })
  const many = Array.from({ length: 200 }, (_, i) => ({ source: 'many', key: `${i}` }))
  await sql`update organization set sources = ${JSON.stringify(many)}::jsonb where id = ${known.id}`.execute(
    registry.db,
  )
  const region = { key: 'region', kind: 'region', name: 'Région', siren: '200053403' }
  const { answer, ids } = await meet('full', [region])
  t.equal(answer.status, 201, answer.text)
  t.equal(ids.region, known.id)
  t.equal((await organization(known.id)).sources.length, 200)
  const held = await read(registry, '/v1/organizations?source=caf-61&sourceKey=region')
  t.equal(held.body.data.length, 1)
})
