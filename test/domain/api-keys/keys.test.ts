/** API keys: made, listed, rotated and revoked, by administrators and by an organization for itself. */
import { once } from 'node:events'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { limits } from '../../../src/config.ts'
import type { ApiKeyInput } from '../../../src/domain/api-keys/schema.ts'
import { versionTag } from '../../../src/http/output/etags.ts'
import { apiOf, errorsOf, outcomeOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { createKey } from '../../support/keys.ts'
import { openRegistry, type Registry, serve } from '../../support/registry.ts'

const NOW = '2026-03-15T12:00:00Z'

async function open(t: Parameters<typeof openRegistry>[0]) {
  const registry = await openRegistry(t, { now: NOW })
  const admin = apiOf(registry)
  const caf = (await admin.create('/organizations', { kind: 'caf', name: "Caf de l'Orne" })).id
  const other = (await admin.create('/organizations', { kind: 'caf', name: 'Caf du Rhône' })).id
  const member = async (role: ApiKeyInput['role'], organizationId: string | null = caf) => {
    const { key, secret } = await createKey(registry.db, role, { role, organizationId })
    return { id: key.id, secret, api: apiOf(registry, secret) }
  }
  return { registry, admin, caf, other, member }
}

const statusWith = async ({ request }: Registry, key: string) =>
  (await request('GET', '/v1/vocabularies', { key })).status

t.test('an editor makes keys of its organization with a role up to its own, an administrator any', async (t) => {
  const { admin, caf, other, member } = await open(t)
  const { api: editor } = await member('editor')
  for (const role of ['reader', 'contributor', 'editor'] as const) {
    const { status, headers, body } = await editor.post('/keys', { organizationId: caf, role, name: ' SI ' })
    t.equal(status, 201)
    t.match(body, { organizationId: caf, role, name: 'SI', key: /^ctg_[\w-]{43}$/, expiresAt: null, version: 1 })
    t.equal(headers.location, `/v1/keys/${body.id}`)
    t.equal(body.prefix, body.key.slice(0, 12))
    const { key: _secret, ...shown } = body
    const read = await editor.get(`/keys/${body.id}`)
    t.same(read.body, shown, 'never shown again')
    t.match(read.headers.etag, /^"1-/)
  }
  t.equal(outcomeOf(await editor.post('/keys', { organizationId: caf, role: 'admin', name: 'SI' })), '403 forbidden')
  t.equal(outcomeOf(await editor.post('/keys', { organizationId: other, role: 'reader', name: 'SI' })), '403 forbidden')
  for (const role of ['reader', 'contributor'] as const)
    t.equal(outcomeOf(await (await member(role)).api.post('/keys', {})), '403 forbidden')
  t.same(errorsOf(await editor.post('/keys', { expiresAt: NOW })), [
    '/expiresAt past',
    '/name required',
    '/role required',
  ])
  t.same(errorsOf(await editor.post('/keys', { role: 'reader', name: 'SI' })), ['/organizationId required'])
  const unknown = caf.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
  const wrong = { organizationId: unknown, role: 'reader', name: 'SI' }
  t.same(errorsOf(await admin.post('/keys', wrong)), ['/organizationId unknown-reference'])
  t.equal((await admin.post('/keys', { role: 'admin', name: 'Exploitation' })).status, 201)
  const offset = { role: 'admin', name: 'Loin', expiresAt: '2027-01-01T00:00:00.0009+23:59' }
  t.equal((await admin.post('/keys', offset)).body.expiresAt, '2026-12-31T00:01:00.000Z')
})

t.test('what only the registry writes of a key is read-only in every body', async (t) => {
  const { admin, caf, member } = await open(t)
  const { id } = await member('reader')
  const { key: secret, ...shown } = (await admin.post('/keys', { role: 'admin', name: 'SI' })).body
  const written = ['organizationId', 'role', 'name', 'expiresAt']
  const all = Object.keys({ key: secret, ...shown })
  for (const field of all.filter((one) => !written.includes(one))) {
    const input = { organizationId: caf, role: 'reader', name: 'SI', [field]: 'x' }
    t.same(errorsOf(await admin.post('/keys', input)), [`/${field} read-only`])
  }
  for (const field of all)
    t.same(errorsOf(await admin.post(`/keys/${id}/rotate`, { [field]: 'x' })), [`/${field} read-only`])
  t.same(errorsOf(await admin.post('/keys', { role: 'admin', name: 'SI', hash: 'x' })), ['/hash unknown-field'])
  t.equal((await admin.get(`/keys/${id}`)).body.version, 1)
})

t.test('a key sees itself, an editor those of its organization, an administrator all', async (t) => {
  const { admin, other, member } = await open(t)
  const [reader, contributor, editor] = [await member('reader'), await member('contributor'), await member('editor')]
  const stranger = await member('editor', other)
  const chief = await member('admin', null)
  const of = async ({ api }: typeof reader) => (await api.get('/keys?count=true')).body
  const ids = async (one: typeof reader) => (await of(one)).data.map(({ id }: { id: string }) => id)
  for (const one of [reader, contributor, stranger]) t.same(await ids(one), [one.id])
  t.same(await ids(editor), [reader.id, contributor.id, editor.id])
  t.equal((await of(editor)).count, 3)
  t.equal((await of({ ...chief, api: admin })).count, 5)
  const pages = await editor.api.get('/keys?limit=2')
  const { body } = await editor.api.get(`/keys?limit=2&cursor=${pages.body.next}`)
  t.match(body, { data: [{ id: editor.id }], next: null })
  t.equal(outcomeOf(await stranger.api.get(`/keys/${reader.id}`)), '404 not-found')
  t.notMatch(JSON.stringify(await of(editor)), new RegExp(reader.secret.slice(12)))
})

t.test('an expired key is refused from its instant on', async (t) => {
  const { registry, caf } = await open(t)
  const options = { role: 'reader', organizationId: caf, expiresAt: '2026-03-16T00:00:00.000Z' } as const
  const { secret } = await createKey(registry.db, 'SI', options)
  registry.clock.set('2026-03-15T23:59:59.999Z')
  t.equal(await statusWith(registry, secret), 200)
  registry.clock.set('2026-03-16T00:00:00.000Z')
  t.equal(await statusWith(registry, secret), 401)
})

t.test('after a rotation both secrets work until the overlap ends, and an earlier one no longer', async (t) => {
  const { registry, member } = await open(t)
  const [editor, reader] = [await member('editor'), await member('reader')]
  const path = `/keys/${reader.id}/rotate`
  const first = await editor.api.post(path, { overlapSeconds: 60 })
  t.match(first, { status: 200, body: { version: 2, key: /^ctg_/, formerUntil: '2026-03-15T12:01:00.000Z' } })
  t.same(await Promise.all([reader.secret, first.body.key].map((key) => statusWith(registry, key))), [200, 200])
  registry.clock.set('2026-03-15T12:01:00Z')
  t.same(await Promise.all([reader.secret, first.body.key].map((key) => statusWith(registry, key))), [401, 200])
  const second = await editor.api.post(path, {})
  t.equal(second.body.formerUntil, '2026-03-16T12:01:00.000Z', 'a day when nothing else is said')
  const third = await editor.api.post(path, { overlapSeconds: 0 })
  const all = [first.body.key, second.body.key, third.body.key]
  t.same(await Promise.all(all.map((key) => statusWith(registry, key))), [401, 401, 200])
  t.same(errorsOf(await editor.api.post(path, { overlapSeconds: 604_801 })), ['/overlapSeconds too-large'])
  t.equal(outcomeOf(await reader.api.post(path, {})), '401 unauthorized')
  await editor.api.delete(`/keys/${reader.id}`)
  t.equal(outcomeOf(await editor.api.post(path, {})), '409 conflict')
})

t.test('a revocation counts on every process for every request that begins after its answer', async (t) => {
  const { registry, member } = await open(t)
  const elsewhere = await serve(t, registry)
  const [editor, reader] = [await member('editor'), await member('reader')]
  const { body } = await editor.api.post(`/keys/${reader.id}/rotate`, {})
  t.equal(outcomeOf(await editor.api.delete(`/keys/${reader.id}`, null)), '428 precondition-required')
  t.equal(outcomeOf(await editor.api.delete(`/keys/${reader.id}`, versionTag(1))), '412 precondition-failed')
  t.equal((await editor.api.delete(`/keys/${reader.id}`, 2)).status, 204)
  for (const process of [registry, elsewhere])
    for (const key of [reader.secret, body.key]) t.equal(await statusWith(process, key), 401)
  const { headers, body: kept } = await editor.api.get(`/keys/${reader.id}`)
  t.match(kept, { revokedAt: '2026-03-15T12:00:00.000Z', version: 3 }, 'it stays in the list')
  t.equal((await editor.api.delete(`/keys/${reader.id}`, headers.etag as string)).status, 204)
  t.equal((await editor.api.get(`/keys/${reader.id}`)).body.version, 3, 'again changes nothing')
})

t.test('an open stream ends soon after its secret holds no more, and tells nothing then', async (t) => {
  const { registry, admin, caf, member } = await open(t)
  const address = await registry.app.listen({ port: 0, host: '127.0.0.1' })
  const [revoked, kept] = [await member('reader'), await member('reader')]
  const options = { role: 'reader', organizationId: caf, expiresAt: '2026-03-15T12:00:30Z' } as const
  const { secret } = await createKey(registry.db, 'SI', options)
  const follow = async (key?: string) => {
    const headers = { connection: 'close', ...(key && { authorization: `Bearer ${key}` }) }
    const [stream] = await once(get(`${address}/v1/changes/stream`, { headers }), 'response')
    let text = ''
    stream.on('data', (chunk: Buffer) => {
      text += chunk
    })
    const hears = async (words: string) => {
      while (!text.includes(words)) await once(stream, 'data')
      return text
    }
    return { stream, hears }
  }
  const leaked = await member('reader')
  const ending = [await follow(revoked.secret), await follow(secret), await follow(leaked.secret)]
  const lasting = [await follow(kept.secret), await follow(ADMIN_KEY), await follow()]
  for (const { hears } of [...ending, ...lasting]) await hears('event: complete')
  const ended = ending.map(({ stream }) => once(stream, 'end'))
  await admin.delete(`/keys/${revoked.id}`)
  t.equal((await admin.post(`/keys/${leaked.id}/rotate`, { overlapSeconds: 0 })).status, 200)
  // A stream that has just looked at its key may read once more: none of these does when the time comes.
  const { position } = (await admin.get('/changes')).body
  for (const { hears } of ending) await hears(`{"position":${position},`)
  registry.clock.set('2026-03-15T12:01:00Z')
  await admin.create('/organizations', { kind: 'other', name: 'Nouvelle' })
  await Promise.all(ended)
  for (const { hears } of ending) t.notMatch(await hears('event: complete'), /Nouvelle/)
  for (const { stream, hears } of lasting) {
    t.match(await hears('Nouvelle'), /event: change/)
    stream.destroy()
  }
})

t.test('a replay answers without the secret, which is stored nowhere', async (t) => {
  const { registry, caf, member } = await open(t)
  const { api: editor } = await member('editor')
  const once = { 'idempotency-key': 'key-1' }
  const input = { organizationId: caf, role: 'reader', name: 'SI' }
  const made = await editor.post('/keys', input, once)
  const again = await editor.post('/keys', input, once)
  t.equal(again.headers['idempotent-replayed'], 'true')
  t.match(again, { status: 201, headers: { location: made.headers.location, etag: made.headers.etag } })
  t.same(again.body, { ...made.body, key: null })
  const path = `/keys/${made.body.id}/rotate`
  const rotated = await editor.post(path, {}, once)
  t.same((await editor.post(path, {}, once)).body, { ...rotated.body, key: null })
  const { rows } = await sql<{ text: string }>`select (select string_agg(a::text, '') from idempotent_answer a)
    || (select string_agg(k::text, '') from api_key k) || (select string_agg(c::text, '') from change c) as text`.execute(
    registry.db,
  )
  for (const { body } of [made, rotated]) t.notOk(rows[0]?.text.includes(body.key.slice(12)))
})

t.test('the last use is noted about once a minute, makes no version and is in no feed', async (t) => {
  const { registry, admin, member } = await open(t)
  const { id, api } = await member('reader')
  const noted = async (until: (lastUsedAt: string | null) => boolean) => {
    for (let look = 0; look < 100; look++) {
      const { body } = await admin.get(`/keys/${id}`)
      if (until(body.lastUsedAt)) return body
      await sleep(50)
    }
  }
  t.match(await noted((one) => one === null), { lastUsedAt: null, version: 1 })
  await api.get('/vocabularies')
  t.match(await noted((one) => one !== null), { lastUsedAt: '2026-03-15T12:00:00.000Z', version: 1 })
  registry.clock.set('2026-03-15T12:00:59Z')
  await api.get('/vocabularies')
  registry.clock.set('2026-03-15T12:01:00Z')
  await api.get('/vocabularies')
  t.match(await noted((one) => one !== '2026-03-15T12:00:00.000Z'), { lastUsedAt: '2026-03-15T12:01:00.000Z' })
  const { body } = await admin.get('/changes?since=beginning&limit=1000')
  t.same([...new Set(body.data.map(({ type }: { type: string }) => type))], ['organization'])
})

t.test('an organization holds so many keys that are not revoked, whoever makes them at once', async (t) => {
  const { registry, caf, member } = await open(t)
  const { api: editor } = await member('editor')
  const input = { organizationId: caf, role: 'reader', name: 'SI' }
  for (let made = 1; made < limits.keysOfOrganization - 2; made++)
    await createKey(registry.db, 'SI', { role: 'reader', organizationId: caf })
  const answers = await Promise.all(Array.from({ length: 4 }, () => editor.post('/keys', input)))
  t.same(answers.map(outcomeOf).sort(), ['201', '201', '409 conflict', '409 conflict'])
  await editor.delete(`/keys/${answers.find(({ status }) => status === 201)?.body.id}`)
  t.equal((await editor.post('/keys', input)).status, 201, 'a revoked one makes place')
})

t.test('a key learns who it is, and what it may write and use', async (t) => {
  const { registry, admin, caf, member } = await open(t)
  const { id, api } = await member('editor')
  await registry.db.insertInto('source').values({ name: 'caf-61', organization_id: caf }).execute()
  const { body } = await api.get('/me')
  t.match(body, { name: 'editor', role: 'editor', key: { id }, organization: { id: caf }, sources: ['caf-61'] })
  const operations = (of: typeof body) => of.operations.map((one: { operationId: string }) => one.operationId)
  t.ok(operations(body).includes('putSourceConvention'))
  t.notOk(operations(body).includes('updateSource'), 'which takes an administrator')
  t.match(body.limits, { documentBytes: limits.documentBytes, writesAtOnce: limits.writeSlots.perCaller })
  const reader = await member('reader')
  t.notOk(operations((await reader.api.get('/me')).body).includes('createAction'))
  const own = (await admin.get('/me')).body
  t.match(own, { role: 'admin', key: null, organization: null, sources: [] })
  t.ok(operations(own).includes('updateSource'))
  t.equal(outcomeOf(await registry.request('GET', '/v1/me')), '401 unauthorized')
})
