/** Keys of sources in paths and documents, and the preconditions of PUT and DELETE. */
import t from 'tap'
import { ADMIN_KEY } from '../support/config.ts'
import {
  CAF,
  documentOf,
  documentPath,
  errorsOf,
  fullDocument,
  getDocument,
  put,
  read,
  stateOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const remove = (key: string, headers = {}) => registry.request('DELETE', documentPath(key), { key: ADMIN_KEY, headers })

t.test('keys are told apart by case, and hold slashes, percent signs, dots and 200 characters', async (t) => {
  const keys = [
    'CTG',
    'ctg',
    '2019/350',
    '2019%2F350',
    '../ctg',
    'CTG 2022 (Aube) ? #1',
    '🏠'.repeat(200),
    "L'Aigle & Rai",
  ]
  for (const [i, key] of keys.entries()) {
    const answer = await put(registry, key, documentOf({ title: `Convention ${i}`, key }))
    t.equal(answer.status, 201, `${key}: ${answer.text}`)
    t.equal(answer.headers.location, documentPath(key))
  }
  for (const [i, key] of keys.entries()) {
    const { body } = await getDocument(registry, key)
    t.same([body.title, body.key], [`Convention ${i}`, key])
    const filtered = await read(registry, `/v1/conventions?source=caf-61&sourceKey=${encodeURIComponent(key)}`)
    t.same(
      filtered.body.data.map(({ title }: { title: string }) => title),
      [`Convention ${i}`],
    )
  }
})

t.test('a key is NFC and trimmed, in the path as in the document', async (t) => {
  t.equal((await put(registry, 'e\u0301te\u0301 ', documentOf({ key: '\u00e9t\u00e9' }))).status, 201)
  t.equal((await put(registry, '\u00e9t\u00e9', documentOf({ key: ' e\u0301te\u0301' }))).status, 200)
  t.equal((await getDocument(registry, '\u00e9t\u00e9')).body.key, '\u00e9t\u00e9')
  const axes = [{ key: ' e\u0301 ', title: 'Axe' }]
  const actions = [{ key: 'a', title: 'Action', axes: ['\u00e9'] }]
  t.equal((await put(registry, '\u00e9t\u00e9', documentOf({ axes, actions }))).status, 200)
})

t.test('a key in the path that is empty, dots, too long or holds control characters is a 400', async (t) => {
  for (const key of [' ', ' .', '.. ', 'a'.repeat(201), 'a\u0000b', 'a\nb', 'a\u202eb']) {
    const answer = await put(registry, key, documentOf())
    t.same([answer.status, answer.body.errors?.[0]?.parameter], [400, 'key'], JSON.stringify(key))
    t.equal((await getDocument(registry, key)).status, 400)
  }
})

t.test('a key of . or .. is a 422: no URL could lead to it, for clients resolve these before they ask', async (t) => {
  for (const key of ['.', '..', ' .. ']) {
    const answer = await put(registry, 'dots', documentOf({ axes: [{ key, title: 'Axe' }] }))
    t.same([answer.status, errorsOf(answer)], [422, ['/axes/0/key invalid-form']], key)
  }
  const axes = ['...', '.a', '..a', '. .', 'a.', '..\u00e9'].map((key) => ({ key, title: 'Axe' }))
  t.equal((await put(registry, 'dots', documentOf({ axes }))).status, 201)
  t.same(errorsOf(await put(registry, 'dots', documentOf({ predecessor: '..' }))), ['/predecessor invalid-form'])
})

t.test('a source is named in small letters, digits and hyphens, up to 50', async (t) => {
  for (const source of ['Caf-61', 'caf_61', 'a'.repeat(51), '%C3%A9']) {
    const answer = await registry.request('PUT', `/v1/sources/${source}/conventions/x`, { key: ADMIN_KEY, body: {} })
    t.same([answer.status, answer.body.errors[0].parameter], [400, 'source'], source)
  }
  t.equal((await put(registry, 'x', documentOf(), { source: 'a'.repeat(50) })).status, 201)
})

t.test('a key in the document that is not that of the path is a 422 at /key', async (t) => {
  const answer = await put(registry, 'mine', documentOf({ key: 'Mine' }))
  t.same([answer.status, errorsOf(answer)], [422, ['/key mismatch']])
})

t.test('keys inside a document stand once in their list, and count apart by type', async (t) => {
  const axes = [
    { key: 'a', title: 'Un' },
    { key: 'A', title: 'Deux' },
    { key: 'a', title: 'Trois' },
  ]
  const twice = await put(registry, 'inside', documentOf({ axes, organizations: [CAF, CAF] }))
  t.same(errorsOf(twice), ['/axes/2/key duplicate', '/organizations/1 duplicate', '/organizations/1/key duplicate'])
  const apart = documentOf({
    axes: [{ key: 'caf', title: 'Axe' }],
    actions: [{ key: 'caf', title: 'Action', axes: ['caf'], lead: 'caf' }],
    signatories: [{ key: 'caf', organization: 'caf' }],
  })
  t.equal((await put(registry, 'inside', apart)).status, 201)
})

t.test('the same key in another source is another convention', async (t) => {
  const one = await put(registry, 'shared', documentOf())
  const other = await put(registry, 'shared', documentOf(), { source: 'caf-14' })
  t.equal(other.status, 201)
  t.not(other.body.convention.id, one.body.convention.id)
})

t.test('If-None-Match: * only creates; If-Match only changes what was read', async (t) => {
  const once = { headers: { 'if-none-match': '*' } }
  const created = await put(registry, 'guarded', documentOf(), once)
  t.equal(created.status, 201)
  const again = await put(registry, 'guarded', documentOf(), once)
  t.same([again.status, again.headers.etag], [412, created.headers.etag])
  const absent = await put(registry, 'absent', documentOf(), { headers: { 'if-match': '*' } })
  t.equal(absent.status, 412)
  t.equal((await getDocument(registry, 'absent')).status, 404)

  const etag = String(created.headers.etag)
  const changed = await put(registry, 'guarded', documentOf({ summary: 'a' }), { headers: { 'if-match': etag } })
  t.equal(changed.status, 200)
  const stale = await put(registry, 'guarded', documentOf({ summary: 'b' }), { headers: { 'if-match': etag } })
  t.same([stale.status, stale.headers.etag], [412, changed.headers.etag])
  const compressed = await read(registry, documentPath('guarded'), { headers: { 'accept-encoding': 'gzip' } })
  const list = `"x", ${compressed.headers.etag}`
  t.equal((await put(registry, 'guarded', documentOf(), { headers: { 'if-match': list } })).status, 200)
  t.equal((await put(registry, 'guarded', documentOf(), { headers: { 'if-match': 'x' } })).status, 400)
})

t.test('a stale If-Match is told before a wrong body', async (t) => {
  await put(registry, 'order', documentOf())
  t.equal((await put(registry, 'order', {}, { headers: { 'if-match': '"x"' } })).status, 412)
})

t.test('DELETE takes the convention and all under it, and answers 404 when there is nothing', async (t) => {
  t.equal((await remove('never')).status, 404)
  const { body } = await put(registry, 'deleted', fullDocument())
  const { id } = body.convention
  const path = `/v1/conventions/${id}`
  const [action] = (await read(registry, `${path}/actions`)).body.data
  const [site] = (await read(registry, `${path}/service-sites`)).body.data
  const { headers } = await getDocument(registry, 'deleted')
  t.equal((await remove('deleted', { 'if-match': '"x"' })).status, 412)
  const gone = await remove('deleted', { 'if-match': headers.etag })
  t.same([gone.status, gone.text], [204, ''])
  for (const missing of [path, `/v1/actions/${action.id}`, `/v1/service-sites/${site.id}`, documentPath('deleted')])
    t.equal((await read(registry, missing)).status, 404, missing)
  t.equal((await remove('deleted')).status, 404)
  t.same((await read(registry, '/v1/actions?source=caf-61&sourceKey=itinerance')).body.data, [])
  const again = await put(registry, 'deleted', fullDocument())
  t.equal(again.status, 201)
  t.not(again.body.convention.id, id)
})

t.test('writing needs a key, whether the thing exists or not', async (t) => {
  const before = await stateOf(registry)
  for (const key of ['deleted', 'never']) {
    const answer = await registry.request('PUT', documentPath(key), { body: documentOf() })
    t.same([answer.status, answer.headers['www-authenticate']], [401, 'Bearer'])
    t.equal((await registry.request('DELETE', documentPath(key))).status, 401)
  }
  t.same(await stateOf(registry), before)
})
