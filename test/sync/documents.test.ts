/** The convention document: PUT, GET, the smallest change, dry run, what is left out. */
import t from 'tap'
import {
  CAF,
  CDC,
  changedBetween,
  countsOf,
  documentOf,
  documentPath,
  type Fields,
  fullDocument,
  getDocument,
  put,
  RAI,
  read,
  stateOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)

t.test('a first PUT is 201 with Location and the ETag of GET, one of another content 200', async (t) => {
  const created = await put(registry, 'first', fullDocument())
  t.equal(created.status, 201, created.text)
  t.equal(created.headers.location, documentPath('first'))
  t.same(countsOf(created), [15, 0, 0, 0])
  t.same(created.body.report.byType.serviceSites, { created: 1, updated: 0, deleted: 0, unchanged: 0 })
  t.same(created.body.convention.sources, [{ source: 'caf-61', key: 'first' }])
  t.same([created.body.convention.status, created.body.convention.version], ['active', 1])
  t.notOk('plan' in created.body)
  const got = await getDocument(registry, 'first')
  t.equal(got.status, 200)
  t.equal(got.headers.etag, created.headers.etag)

  const updated = await put(registry, 'first', fullDocument({ title: 'CTG du Pays de L’Aigle' }))
  t.equal(updated.status, 200)
  t.equal(updated.headers.location, undefined)
  t.same(countsOf(updated), [0, 1, 0, 14])
  t.not(updated.headers.etag, created.headers.etag)
  t.equal(updated.headers.etag, (await getDocument(registry, 'first')).headers.etag)
})

t.test('the same PUT again changes nothing: no version, no transaction in the journal, the same ETag', async (t) => {
  const first = await put(registry, 'again', fullDocument())
  const before = await stateOf(registry)
  const again = await put(registry, 'again', fullDocument())
  t.equal(again.status, 200)
  t.same(countsOf(again), [0, 0, 0, 15])
  t.same(await stateOf(registry), before)
  t.equal(again.headers.etag, first.headers.etag)
  t.same(again.body.convention, first.body.convention)
})

t.test('GET is canonical: a PUT of it changes nothing and its ETag stays', async (t) => {
  await put(registry, 'canonical', fullDocument())
  const got = await getDocument(registry, 'canonical')
  const before = await stateOf(registry)
  const again = await put(registry, 'canonical', got.body)
  t.equal(again.status, 200, again.text)
  t.same(countsOf(again), [0, 0, 0, 15])
  t.same(await stateOf(registry), before)
  t.equal(again.headers.etag, got.headers.etag)
  t.same((await getDocument(registry, 'canonical')).body, got.body)
})

t.test('GET gives every field, with keys in place of ids, and id and version of each object', async (t) => {
  const { body: result } = await put(registry, 'every-field', fullDocument())
  const { body } = await getDocument(registry, 'every-field')
  t.same([body.id, body.version], [result.convention.id, 1])
  t.same([body.key, body.caf, body.status], ['every-field', 'caf', 'active'])
  t.same(body.period, { from: '2022-01-01', to: '2026-12-31' })
  t.same([body.predecessor, body.mergedInto, body.reference, body.needs], [null, null, null, []])
  t.notOk('successorIds' in body || 'sources' in body || 'createdAt' in body)
  const [, action] = body.actions
  t.match(action, { key: 'itinerance', axes: ['2'], serviceSites: ['bus'], lead: null, partners: [], version: 1 })
  t.same(action.funding, [
    { year: 2023, funder: 'caf', funderName: CAF.name, scheme: null, plannedCents: 100_000, paidCents: null },
  ])
  t.match(body.axes[1], { key: '1.1', parent: '1', number: 2 })
  t.match(body.signatories[2], { key: 'rai', organization: 'rai', amendment: 'avenant-1', role: 'commune' })
  t.equal(body.serviceSites[0].manager, 'cdc')
  t.same(
    body.organizations.map((one: Fields) => one.key),
    ['caf', 'cdc', 'l-aigle', 'rai'],
  )
})

t.test('one field is one version: everything else stays untouched', async (t) => {
  const { body: result } = await put(registry, 'minimal', fullDocument())
  const { body: document } = await getDocument(registry, 'minimal')
  const [network] = document.actions
  network.progress = 40
  const before = await stateOf(registry)
  const answer = await put(registry, 'minimal', document)
  t.same(countsOf(answer), [0, 1, 0, 14])
  t.same(answer.body.report.byType.actions, { created: 0, updated: 1, deleted: 0, unchanged: 1 })
  const after = await stateOf(registry)
  t.same(changedBetween(before, after), [`action ${network.id} 2`])
  t.equal(after.commits, before.commits + 1)
  t.equal(answer.body.convention.version, result.convention.version)
})

t.test('a title and a Caf are enough; what is left out has its default', async (t) => {
  const bare = { title: 'CTG en projet', caf: 'caf', organizations: [CAF] }
  const { body } = await put(registry, 'bare', {
    ...bare,
    amendments: [
      { key: 'a', kinds: ['other'] },
      { key: 'b', kinds: ['other'] },
    ],
    axes: [
      { key: 'x', title: 'Un' },
      { key: 'y', title: 'Deux', parent: 'x' },
    ],
    actions: [{ key: 'z', title: 'Trois' }],
    signatories: [{ key: 'caf', organization: 'caf' }],
    serviceSites: [{ key: 's', name: 'Lieu' }],
  })
  t.match(body.convention, { state: 'draft', status: 'draft', startsOn: null, territories: [], themes: [] })
  const { body: document } = await getDocument(registry, 'bare')
  t.same(
    document.amendments.map((one: Fields) => one.number),
    [1, 2],
  )
  t.same(
    document.axes.map((one: Fields) => one.number),
    [1, 2],
  )
  t.match(document.actions[0], { status: 'planned', recurring: false, progress: null, funding: [], reviews: [] })
  t.match(document.signatories[0], { role: 'caf', startsOn: null })
  t.match(document.serviceSites[0], { itinerant: false, types: [], accessible: null })
  t.same(countsOf(await put(registry, 'bare', { ...bare, state: 'signed' }, { maxDeletes: 7 })), [0, 1, 7, 1])
})

t.test('what is left out of a later document is emptied', async (t) => {
  await put(registry, 'emptied', documentOf({ summary: 'Un résumé', reference: '2019-350', endsOn: '2026' }))
  const { title, caf, organizations, state } = documentOf()
  const { body } = await put(registry, 'emptied', { title, caf, organizations, state })
  t.match(body.convention, { summary: null, reference: null, endsOn: null, territories: [], themes: [] })
  t.same(body.convention.period, { from: null, to: null })
})

t.test('names filled in by the registry stay as they were written, whatever is called so later', async (t) => {
  const lines = { funding: [{ year: 2023, funder: 'relais' }] }
  const document = documentOf({
    territories: ['epci:200068468', { kind: 'commune', code: '61999', name: 'Commune disparue' }],
    organizations: [CAF, { key: 'relais', kind: 'association', name: 'Association Relais' }],
    actions: [{ key: '1', title: 'Action', territories: ['commune:61214'], ...lines }],
  })
  const { body } = await put(registry, 'names', document)
  t.same(
    body.convention.territories.map((one: Fields) => one.name),
    ["CC des Pays de L'Aigle", 'Commune disparue'],
  )
  const { body: list } = await read(registry, '/v1/organizations?source=caf-61&sourceKey=relais')
  const [relais] = list.data
  const patched = await registry.request('PATCH', `/v1/organizations/${relais.id}`, {
    body: { name: 'Association Le Relais' },
    key: 'test-admin-key-of-more-than-32-characters',
    headers: { 'if-match': '*' },
  })
  t.equal(patched.status, 200, patched.text)
  const before = await stateOf(registry)
  const again = await put(registry, 'names', {
    ...document,
    territories: ['epci:200068468', 'commune:61999'],
  })
  t.equal(again.status, 200, again.text)
  t.same(await stateOf(registry), before)
  const { body: got } = await getDocument(registry, 'names')
  t.equal(got.actions[0].funding[0].funderName, 'Association Relais')
  t.same(got.actions[0].territories, [{ kind: 'commune', code: '61214', name: "L'Aigle" }])
  t.equal(got.territories[1].name, 'Commune disparue')
})

t.test('lists of codes and keys keep their order, lists of objects have one of their own', async (t) => {
  const document = fullDocument({
    themes: ['parentalite', 'jeunesse', 'enfance', 'petite-enfance'],
    axes: [
      { key: '2', number: 2, title: 'Deux' },
      { key: '1', number: 1, title: 'Un' },
      { key: '1.1', parent: '1', number: 1, title: 'Un un' },
    ],
    actions: [
      { key: 'z', title: 'Sans numéro' },
      { key: 'b', code: '10', title: 'Dix', axes: ['2', '1.1', '1'] },
      { key: 'a', code: '2', title: 'Deux', partners: ['rai', 'caf', 'cdc'] },
    ],
    amendments: [
      { key: 'deux', number: 2, kinds: ['other'] },
      { key: 'avenant-1', number: 1, kinds: ['other', 'change-content'] },
    ],
  })
  await put(registry, 'order', document)
  const { body } = await getDocument(registry, 'order')
  const keys = (list: Fields[]) => list.map((one) => one.key)
  t.same(body.themes, document.themes)
  t.same(keys(body.axes), ['1', '1.1', '2'])
  t.same(keys(body.actions), ['a', 'b', 'z'])
  t.same(keys(body.amendments), ['avenant-1', 'deux'])
  t.same(body.amendments[0].kinds, ['other', 'change-content'])
  t.same(keys(body.signatories), ['caf', 'cdc', 'rai'])
  t.same(body.actions[1].axes, ['2', '1.1', '1'])
  t.same(body.actions[0].partners, ['rai', 'caf', 'cdc'])
  const shuffled = { ...body, signatories: body.signatories.toReversed(), actions: body.actions.toReversed() }
  const before = await stateOf(registry)
  await put(registry, 'order', shuffled)
  t.same(await stateOf(registry), before)
})

t.test('text is repaired, and comes back so', async (t) => {
  const answer = await put(
    registry,
    'text',
    documentOf({ title: '  Conve\u0301ntion ', summary: 'Une\r\ndeux ', reference: ' ' }),
  )
  t.match(answer.body.convention, { title: 'Convéntion', summary: 'Une\ndeux', reference: null })
  const before = await stateOf(registry)
  await put(registry, 'text', documentOf({ title: 'Convéntion', summary: 'Une\ndeux' }))
  t.same(await stateOf(registry), before)
})

t.test('a signatory key that means another organization is another signatory', async (t) => {
  const document = documentOf({ organizations: [CAF, CDC, RAI], signatories: [{ key: 's', organization: 'cdc' }] })
  const { body } = await put(registry, 'replaced', document)
  const list = `/v1/conventions/${body.convention.id}/signatories`
  const [former] = (await read(registry, list)).body.data
  const answer = await put(registry, 'replaced', { ...document, signatories: [{ key: 's', organization: 'rai' }] })
  t.same(answer.body.report.byType.signatories, { created: 1, updated: 0, deleted: 1, unchanged: 0 })
  const { data } = (await read(registry, list)).body
  t.equal(data.length, 1)
  t.not(data[0].id, former.id)
  t.match(data[0], { role: 'commune', version: 1, sources: [{ source: 'caf-61', key: 's' }] })
  t.equal((await read(registry, `/v1/signatories/${former.id}`)).status, 404)
})

t.test('the whole document of a convention has the keys of its owner', async (t) => {
  const { body } = await put(registry, 'whole', fullDocument())
  const whole = await registry.request('GET', `/v1/conventions/${body.convention.id}/document`)
  t.equal(whole.status, 200)
  t.same(whole.body, (await getDocument(registry, 'whole')).body)
})

t.test('Prefer: return=minimal and Idempotency-Key work as on every write', async (t) => {
  const headers = { prefer: 'return=minimal', 'idempotency-key': 'once' }
  const first = await put(registry, 'minimal-answer', documentOf(), { headers })
  t.same([first.status, first.text], [201, ''])
  t.equal(first.headers['preference-applied'], 'return=minimal')
  const again = await put(registry, 'minimal-answer', documentOf(), { headers: { prefer: 'return=minimal' } })
  t.same([again.status, again.text, again.headers.etag], [204, '', first.headers.etag])
  const replay = await put(registry, 'minimal-answer', documentOf(), { headers })
  t.same([replay.status, replay.headers['idempotent-replayed']], [201, 'true'])
  t.equal(replay.headers.etag, first.headers.etag)
  t.equal((await put(registry, 'minimal-answer', documentOf({ title: 'Autre' }), { headers })).status, 422)
})
