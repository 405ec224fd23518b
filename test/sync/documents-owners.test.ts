/** Several owners: nothing that people or another source wrote is overwritten in silence. */
import { sql } from 'kysely'
import t from 'tap'
import { apiOf, outcomeOf } from '../support/api.ts'
import {
  changedBetween,
  countsOf,
  documentOf,
  type Fields,
  fullDocument,
  stateOf,
  warningsOf,
} from '../support/documents.ts'
import { openDocument, shownConflicts } from '../support/owners.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)

const open = (source: string, document: Fields = fullDocument()) => openDocument(registry, source, document)
const [network, trip] = fullDocument().actions as [Fields, Fields]
t.test('what people changed stays while the document repeats what it sent', async (t) => {
  const { idOf, convention, put, read } = await open('repeats')
  await api.change(`/actions/${idOf('action', 'reseau')}`, { title: 'Par une main', leadId: null, axisIds: [] })
  await api.change(`/actions/${idOf('action', 'reseau')}`, { title: 'Par une autre' })
  await api.change(`/conventions/${convention.id}`, { summary: 'Un résumé', territories: ['commune:61214'] })
  await api.change(`/service-sites/${idOf('service-site', 'bus')}`, { name: 'Le bus' })
  await api.change(`/signatories/${idOf('signatory', 'rai')}`, { role: 'other' })
  const before = await stateOf(registry)
  const again = await put()
  t.same(countsOf(again), [0, 0, 0, 15], again.text)
  t.same(
    warningsOf(again).filter((one) => one.endsWith(' kept')),
    [
      '/actions/0/axes kept',
      '/actions/0/lead kept',
      '/actions/0/title kept',
      '/serviceSites/0/name kept',
      '/signatories/2/role kept',
      '/summary kept',
      '/territories kept',
    ],
  )
  t.same(await stateOf(registry), before)
  const other = await put({ actions: [{ ...network, progress: 10 }, trip] })
  t.same(countsOf(other), [0, 1, 0, 14], 'what the document changes elsewhere is written')
  t.match((await read()).actions[0], { title: 'Par une autre', lead: null, axes: [], progress: 10 })
})

t.test('another value than before is a conflict: 409 lists all of them by keys, and nothing is written', async (t) => {
  const { idOf, put } = await open('conflicts')
  const id = idOf('action', 'reseau')
  await api.change(`/actions/${id}`, { title: 'Main', leadId: idOf('organization', 'rai'), progress: 5 })
  await api.change(`/axes/${idOf('axis', '1')}`, { title: 'Axe' })
  const actions = [{ ...network, title: 'Document', lead: 'caf', progress: 5 }, trip]
  const axes = (fullDocument().axes as Fields[]).map((axis) =>
    axis.key === '1' ? { ...axis, title: 'Document' } : axis,
  )
  const before = await stateOf(registry)
  for (const dryRun of [true, false]) {
    const refused = await put({ actions, axes }, { dryRun })
    t.equal(outcomeOf(refused), '409 source-conflict')
    t.same(shownConflicts(refused), [
      ['/axes/0/title', '1', 'Soutenir la parentalité', 'Document', 'Axe'],
      ['/actions/0/title', 'reseau', 'Réseau de parentalité', 'Document', 'Main'],
      ['/actions/0/lead', 'reseau', 'cdc', 'caf', 'rai'],
    ])
    t.match(refused.body.conflicts[2], { type: 'action', id, field: 'lead' })
  }
  t.same(await stateOf(registry), before)
})

t.test('conflicts=overwrite takes the values of the document, and there is no conflict any more', async (t) => {
  const { idOf, put, read } = await open('overwrites')
  await api.change(`/actions/${idOf('action', 'reseau')}`, { title: 'Main', progress: 5 })
  const actions = [{ ...network, title: 'Document' }, trip]
  const answer = await put({ actions }, { conflicts: 'overwrite' })
  t.same(countsOf(answer), [0, 1, 0, 14])
  t.match((await read()).actions[0], { title: 'Document', progress: 5 }, 'what it repeats stays')
  t.match(countsOf(await put({ actions: [{ ...network, title: 'Encore' }, trip] })), [0, 1, 0, 14])
})

t.test('conflicts=keep keeps those of the registry, also when the document comes again', async (t) => {
  const { idOf, put, read } = await open('keeps')
  await api.change(`/actions/${idOf('action', 'reseau')}`, { title: 'Main' })
  const actions = [{ ...network, title: 'Document' }, trip]
  const before = await stateOf(registry)
  t.same(countsOf(await put({ actions }, { conflicts: 'keep' })), [0, 0, 0, 15])
  t.same(countsOf(await put({ actions })), [0, 0, 0, 15])
  t.same(await stateOf(registry), before)
  t.equal((await read()).actions[0].title, 'Main')
  const refused = await put({ actions: [{ ...network, title: 'Troisième' }, trip] })
  t.same(shownConflicts(refused), [['/actions/0/title', 'reseau', 'Document', 'Troisième', 'Main']])
})

t.test('what people changed is deleted by no document that leaves it out, unless the request says so', async (t) => {
  const { idOf, put, read } = await open('drops')
  const id = idOf('action', 'reseau')
  await api.change(`/actions/${id}`, { title: 'Main' })
  const without = { actions: [trip] }
  const before = await stateOf(registry)
  const refused = await put(without)
  t.equal(outcomeOf(refused), '409 source-conflict')
  t.same(shownConflicts(refused), [['/actions', 'reseau', 'Réseau de parentalité', null, 'Main']])
  for (const options of [{ conflicts: 'keep' }, {}]) {
    const kept = await put(without, options)
    t.match(warningsOf(kept), ['/actions kept'])
    t.same(await stateOf(registry), before)
  }
  t.same(
    shownConflicts(await put()).map(([pointer]) => pointer),
    ['/actions/0/title'],
    'a source that lists it again is asked again',
  )
  t.equal((await put(without, { conflicts: 'overwrite' })).status, 200)
  t.same(
    (await read()).actions.map(({ key }: Fields) => key),
    ['itinerance'],
  )
  t.equal((await api.get(`/actions/${id}`)).status, 404)
})

t.test('a source publishes its draft with a reference that people changed', async (t) => {
  const { idOf, put, read } = await open('publishes', { ...fullDocument(), state: 'draft' })
  const { id } = await api.create('/organizations', { kind: 'association', name: 'Nommée à la main' })
  await api.change(`/actions/${idOf('action', 'reseau')}`, { leadId: id })
  const answer = await put({ state: 'signed' })
  t.equal(answer.status, 200, answer.text)
  t.equal((await read()).actions[0].lead, id)
})

t.test('there is no conflict where both agree, or where people took their change back', async (t) => {
  const { idOf, put } = await open('agrees')
  const id = idOf('action', 'reseau')
  await api.change(`/actions/${id}`, { title: 'La même' })
  t.equal((await put({ actions: [{ ...network, title: 'La même' }, trip] })).status, 200)
  t.same(countsOf(await put()), [0, 1, 0, 14], 'from then on the document writes it')
  await api.change(`/actions/${id}`, { title: 'Autre' })
  await api.change(`/actions/${id}`, { title: network.title })
  t.same(countsOf(await put({ actions: [{ ...network, title: 'Nouvelle' }, trip] })), [0, 1, 0, 14])
})

t.test('a PUT of the GET takes over what people changed', async (t) => {
  const { idOf, put, read } = await open('canonical')
  await api.change(`/actions/${idOf('action', 'reseau')}`, { title: 'Main', partnerIds: [] })
  const document = await read()
  const before = await stateOf(registry)
  t.equal((await put(document)).status, 200)
  t.same(await stateOf(registry), before)
  document.actions[0].title = 'Document'
  t.equal((await put(document)).status, 200)
})

t.test(
  'what people deleted and the document lists again is a conflict; overwrite makes it again, keep does not',
  async (t) => {
    for (const conflicts of ['overwrite', 'keep']) {
      const { idOf, put, read } = await open(`deleted-${conflicts}`)
      await api.delete(`/actions/${idOf('action', 'itinerance')}`)
      await api.delete(`/service-sites/${idOf('service-site', 'bus')}`).then(() => undefined)
      const before = await stateOf(registry)
      const refused = await put()
      t.equal(outcomeOf(refused), '409 source-conflict', refused.text)
      t.match(refused.body.conflicts[0], {
        pointer: '/actions/1',
        key: 'itinerance',
        field: null,
        base: null,
        yours: { title: trip.title },
        ours: null,
      })
      t.same(await stateOf(registry), before)
      const answer = await put({}, { conflicts })
      t.same(countsOf(answer), conflicts === 'keep' ? [0, 0, 0, 14] : [1, 0, 0, 14])
      const again = await put()
      t.same(countsOf(again), [0, 0, 0, conflicts === 'keep' ? 14 : 15])
      t.equal(warningsOf(again).includes('/actions/1 kept'), conflicts === 'keep')
      t.equal((await read()).actions.length, conflicts === 'keep' ? 1 : 2)
      t.equal((await put({ actions: [network, { ...trip, title: 'Autre' }] })).status, conflicts === 'keep' ? 409 : 200)
      t.equal((await put({ actions: [network] })).status, 200)
      t.equal((await put()).status, 200, 'what was not listed meanwhile may come again')
    }
  },
)

t.test('a convention that people deleted is not made again by its document alone', async (t) => {
  const { convention, put } = await open('gone', documentOf())
  await api.delete(`/conventions/${convention.id}`)
  for (const conflicts of [undefined, 'keep'])
    t.match((await put({}, { conflicts })).body.conflicts, [{ pointer: '', type: 'convention', key: 'doc' }])
  t.equal((await put({}, { conflicts: 'overwrite' })).status, 201)
  t.equal((await put()).status, 200)
})

t.test('a convention that people hid stays hidden, and leaves no trace on organizations', async (t) => {
  const { convention, put } = await open('hidden')
  await api.change(`/conventions/${convention.id}`, { state: 'draft' })
  const partner = { key: 'secret', kind: 'association', name: 'Partenaire nouveau' }
  const organizations = [...(fullDocument().organizations as Fields[]), partner]
  const answer = await put({ organizations })
  t.equal(answer.body.convention.state, 'draft', answer.text)
  const made = answer.body.objects.find(({ key }: Fields) => key === 'secret')
  t.same((await api.get(`/organizations/${made.id}`)).body.sources, [])
  t.equal((await put({ organizations, state: 'terminated' })).status, 409)
})

t.test('what people made under a convention is no conflict, and what they changed of no source neither', async (t) => {
  const { convention, put } = await open('free')
  const action = await api.create(`/conventions/${convention.id}/actions`, { title: 'À la main' })
  await api.change(`/actions/${action.id}`, { title: 'Encore à la main' })
  const before = await stateOf(registry)
  t.equal((await put()).status, 200)
  t.same(changedBetween(before, await stateOf(registry)), [])
})

t.test('what the registry filled in has a base too: it is compared as the source had got it', async (t) => {
  const { idOf, put, read } = await open('copied')
  const [caf] = fullDocument().organizations as [Fields]
  const funding = [{ year: 2023, funder: 'caf', plannedCents: 100_000 }]
  await api.change(`/signatories/${idOf('signatory', 'rai')}`, { role: 'other' })
  await api.change(`/actions/${idOf('action', 'itinerance')}`, { funding: [] })
  await api.change(`/organizations/${idOf('organization', 'caf')}`, { name: 'Caf renommée' })
  t.equal((await put()).status, 200, 'the name of the funder was that of before')
  const signatories = (role: string) =>
    (fullDocument().signatories as Fields[]).map((one) => (one.key === 'rai' ? { ...one, role } : one))
  t.equal((await put({ signatories: signatories('commune') })).status, 200, 'the role of before is no other one')
  t.equal((await read()).signatories[2].role, 'other')
  const actions = [network, { ...trip, funding: [{ ...funding[0], plannedCents: 1 }] }]
  const refused = await put({ signatories: signatories('epci'), actions })
  t.same(
    shownConflicts(refused).map(([pointer]) => pointer),
    ['/signatories/2/role', '/actions/1/funding'],
  )
  t.equal(refused.body.conflicts[1].base[0].funderName, caf.name)
})

t.test('a base that was kept in an earlier form is the same', async (t) => {
  const { idOf, put } = await open('older')
  await api.change(`/actions/${idOf('action', 'itinerance')}`, { funding: [] })
  await sql`update override set base = (base::jsonb #- '{0,commitment}' #- '{0,scheme}')::json where source = 'older'`.execute(
    registry.db,
  )
  t.ok(warningsOf(await put()).includes('/actions/1/funding kept'))
})

t.test('overwrite does not make again what the document repeats and people deleted', async (t) => {
  const { idOf, put } = await open('repeated')
  await api.delete(`/actions/${idOf('action', 'itinerance')}`)
  await put({}, { conflicts: 'keep' })
  t.same(countsOf(await put({}, { conflicts: 'overwrite' })), [0, 0, 0, 14])
  const actions = [network, { ...trip, title: 'Autre' }]
  t.same(countsOf(await put({ actions }, { conflicts: 'overwrite' })), [1, 0, 0, 14])
})
