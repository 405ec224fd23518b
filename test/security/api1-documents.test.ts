/** OWASP API1:2023, through documents: who may write the documents of a source: whose source it is, whose convention, and what they may touch beside it. */
import t from 'tap'
import { apiOf, outcomeOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { documentOf, documentPath, errorsOf, type Fields, put, warningsOf } from '../support/documents.ts'
import { createKey, dropKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const admin = apiOf(registry)

async function member(role: 'reader' | 'contributor' | 'editor', name: string, siren: string) {
  const { id } = await admin.create('/organizations', { kind: 'caf', name, siren })
  const { secret: key } = await createKey(registry.db, role, { role, organizationId: id })
  return { id, siren, name, key }
}

const caf = await member('editor', "Caf de l'Orne", '380481010')
const other = await member('editor', 'Caf du Rhône', '216102145')

const listed = ({ siren, name }: typeof caf) => ({ key: 'caf', kind: 'caf', name, siren })
const of = (member: typeof caf, fields: Fields = {}) => documentOf({ organizations: [listed(member)], ...fields })

t.test('a source belongs to the organization of the key that first used it', async (t) => {
  t.equal((await put(registry, 'a', of(caf), { source: 'si-a', key: caf.key })).status, 201)
  for (const dryRun of [false, true])
    t.equal(outcomeOf(await put(registry, 'b', of(other), { source: 'si-a', key: other.key, dryRun })), '403 forbidden')
  t.equal((await put(registry, 'b', of(other), { source: 'si-b', key: other.key, dryRun: true })).status, 201)
  t.equal((await put(registry, 'b', of(caf), { source: 'si-b', key: caf.key })).status, 201, 'a dry run takes none')
  const { body } = await registry.request('GET', '/v1/sources')
  t.match(body.data, [
    { name: 'si-a', organizationId: caf.id },
    { name: 'si-b', organizationId: caf.id },
  ])
})

t.test('a source that holds nothing is listed for its owner and for administrators alone', async (t) => {
  await put(registry, 'only', of(caf), { source: 'si-empty', key: caf.key })
  await registry.request('DELETE', '/v1/sources/si-empty/conventions/only', {
    key: caf.key,
    headers: { 'if-match': '*' },
  })
  const named = async (key?: string) => {
    const { body } = await registry.request('GET', '/v1/sources', key === undefined ? {} : { key })
    return body.data.some(({ name }: { name: string }) => name === 'si-empty')
  }
  t.same(await Promise.all([caf.key, ADMIN_KEY, other.key, undefined].map(named)), [true, true, false, false])
})

t.test('that of an administrator belongs to nobody else, until it is handed over', async (t) => {
  t.equal((await put(registry, 'a', of(caf), { source: 'national' })).status, 201)
  t.equal(outcomeOf(await put(registry, 'a', of(caf), { source: 'national', key: caf.key })), '403 forbidden')
  t.equal(
    outcomeOf(await apiOf(registry, caf.key).patch('/sources/national', null, { organizationId: caf.id })),
    '403 forbidden',
  )
  t.match((await admin.patch('/sources/national', null, {})).body, { name: 'national', organizationId: null })
  const unknown = await admin.patch('/sources/national', null, {
    organizationId: caf.id.replace(/.$/, (digit: string) => (digit === '0' ? '1' : '0')),
  })
  t.same(errorsOf(unknown), ['/organizationId unknown-reference'])
  t.equal(outcomeOf(await admin.patch('/sources/nothing', null, { organizationId: caf.id })), '404 not-found')
  const { body } = await admin.patch('/sources/national', null, { organizationId: caf.id })
  t.match(body, { name: 'national', organizationId: caf.id })
  t.equal((await put(registry, 'a', of(caf), { source: 'national', key: caf.key })).status, 200)
})

t.test('readers and contributors put no documents', async (t) => {
  for (const role of ['reader', 'contributor'] as const) {
    const { secret: key } = await createKey(registry.db, role, { role, organizationId: caf.id })
    t.equal(outcomeOf(await put(registry, 'c', of(caf), { source: 'si-a', key })), '403 forbidden')
    t.equal(outcomeOf(await put(registry, 'c', of(caf), { source: `of-${role}`, key })), '403 forbidden')
    t.equal(outcomeOf(await registry.request('DELETE', documentPath('a', 'si-a'), { key })), '403 forbidden')
  }
})

t.test('the Caf of the document is that of the key, said before what else is wrong with it', async (t) => {
  const stale = { 'if-match': '"0"' }
  const foreign = of(other, { title: null })
  const refused = await put(registry, 'a', foreign, { source: 'si-a', key: caf.key, headers: stale })
  t.match(refused.body, { type: '/problems/forbidden', detail: /caf of the document is not the organization/ })
  const moon = { key: 'lune', kind: 'caf', name: 'Caf de la Lune', siren: '216103424' }
  const ofMoon = documentOf({ organizations: [moon], caf: 'lune' })
  const created = await put(registry, 'new', ofMoon, { source: 'si-a', key: caf.key })
  t.equal(outcomeOf(created), '403 forbidden', 'nor one that the document would create')
  const wrong = await put(registry, 'a', of(caf, { title: null }), { source: 'si-a', key: caf.key, headers: stale })
  t.equal(outcomeOf(wrong), '412 precondition-failed')
  t.equal(
    outcomeOf(await put(registry, 'a', 7, { source: 'si-a', key: caf.key, headers: stale })),
    '412 precondition-failed',
  )
  const lost = await put(registry, 'a', of(caf, { caf: 'nobody' }), { source: 'si-a', key: caf.key })
  t.same(errorsOf(lost), ['/caf unknown-reference'])
  const byId = await put(registry, 'by-id', of(caf, { caf: caf.id, organizations: [] }), {
    source: 'si-a',
    key: caf.key,
  })
  t.equal(byId.status, 201)
})

t.test('what was given to another Caf is theirs, and out of sight when it is a draft', async (t) => {
  const { body } = await put(registry, 'moved', of(caf), { source: 'si-a', key: caf.key })
  const path = `/conventions/${body.convention.id}`
  await admin.change(path, { cafId: other.id })
  const attempts = async () => [
    outcomeOf(await put(registry, 'moved', of(caf), { source: 'si-a', key: caf.key })),
    outcomeOf(await registry.request('DELETE', documentPath('moved', 'si-a'), { key: caf.key })),
  ]
  t.same(await attempts(), ['403 forbidden', '403 forbidden'])
  await admin.change(path, { state: 'draft' })
  t.same(await attempts(), ['404 not-found', '404 not-found'])
  const foreignSource = await registry.request('DELETE', documentPath('moved', 'si-a'), { key: other.key })
  t.equal(outcomeOf(foreignSource), '403 forbidden', 'it is seen, and the source is of others')
})

t.test('a document names nothing that is out of sight, by whatever id', async (t) => {
  const hidden = await admin.create('/conventions', { title: 'Projet', cafId: other.id })
  const action = await admin.create(`/conventions/${hidden.id}/actions`, { title: 'Action' })
  const naming = (id: string, carried: string) =>
    of(caf, { state: 'draft', predecessor: id, actions: [{ key: '1', title: 'Action', carriedFrom: carried }] })
  const never = hidden.id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
  const expected = ['/actions/0/carriedFrom unknown-reference', '/predecessor unknown-reference']
  const options = { source: 'si-a', key: caf.key }
  t.same(errorsOf(await put(registry, 'naming', naming(hidden.id, action.id), options)), expected)
  t.same(errorsOf(await put(registry, 'naming', naming(never, never), options)), expected, 'as what does not exist')
  t.same(
    errorsOf(await put(registry, 'naming', naming(hidden.id, action.id), { source: 'national', key: ADMIN_KEY })),
    ['/actions/0/carriedFrom draft', '/predecessor draft'],
    'nor does an administrator name it where its readers do not see it',
  )
})

t.test('a document fills nothing in an organization that holds keys of its own', async (t) => {
  const commune = await admin.create('/organizations', { kind: 'commune', name: 'Aube', siren: '216100081' })
  const { key } = await createKey(registry.db, 'Aube', { role: 'reader', organizationId: commune.id })
  const entry = { key: 'aube', kind: 'commune', name: 'Aube', siren: '216100081', phone: '02 33 00 00 00' }
  const document = of(caf, { organizations: [listed(caf), entry] })
  const answer = await put(registry, 'filling', document, { source: 'si-a', key: caf.key })
  t.equal(answer.status, 201)
  t.ok(warningsOf(answer).includes('/organizations/1/phone organization-closed'))
  t.match((await admin.get(`/organizations/${commune.id}`)).body, {
    phone: null,
    sources: [{ source: 'si-a', key: 'aube' }],
  })
  await dropKey(registry.db, key.id)
  const filled = await put(registry, 'filling', document, { source: 'si-a', key: caf.key })
  t.notOk(warningsOf(filled).includes('/organizations/1/phone organization-closed'))
  t.match((await admin.get(`/organizations/${commune.id}`)).body, { phone: '02 33 00 00 00' })
})
