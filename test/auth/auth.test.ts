import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { apiOf, outcomeOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createKey, dropKey, listKeys } from '../support/keys.ts'
import { type Answer, openRegistry, type Registry } from '../support/registry.ts'
import { childEnvironment } from '../support/service.ts'

const READ = '/v1/vocabularies'
const DOCUMENT = '/v1/sources/orne/conventions/flers-2023'
const WRONG_KEY = `ctg_${'A'.repeat(43)}`

let registry: Registry
t.before(async () => {
  registry = await openRegistry(t)
})

const isRefused = (t: Test, { status, headers, body }: Answer, words: string) => {
  t.equal(status, 401, words)
  t.match(body, { type: '/problems/unauthorized', status: 401 })
  t.equal(headers['www-authenticate'], 'Bearer')
  t.equal(headers['cache-control'], 'no-store')
}

t.test('a key is shown once, and kept as a hash', async (t) => {
  const { key, secret } = await createKey(registry.db, "  Caf de l'Orne ")
  t.match(secret, /^ctg_[\w-]{43}$/)
  t.match(key, {
    id: /^[0-9a-f-]{36}$/,
    name: "Caf de l'Orne",
    prefix: secret.slice(0, 12),
    createdAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    revokedAt: null,
  })
  const { rows } = await sql<{ stored: string }>`
    select to_jsonb(k)::text || (select string_agg(body::text, '') from change) as stored from api_key k`.execute(
    registry.db,
  )
  t.notMatch(rows[0]?.stored, secret.slice(12), 'neither in its row nor in the journal')
  t.same(await listKeys(registry.db), [key])
  await t.rejects(createKey(registry.db, ' '), { message: 'The body breaks one rule.' })
})

t.test('reads of what is public need no key, and take a valid one', async (t) => {
  const { secret } = await createKey(registry.db, 'reader')
  for (const authorization of [`Bearer ${secret}`, `bearer  ${secret}`, `Bearer ${ADMIN_KEY}`]) {
    const { status, headers } = await registry.request('GET', READ, { headers: { authorization } })
    t.equal(status, 200, authorization.slice(0, 8))
    t.equal(headers['cache-control'], 'private, no-cache')
  }
  const anonymous = await registry.request('GET', READ)
  t.equal(anonymous.status, 200)
  t.equal(anonymous.headers['cache-control'], 'public, no-cache')
})

t.test('any other credential is a 401, on public reads too', async (t) => {
  const { secret } = await createKey(registry.db, 'writer')
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    secret,
    `Basic ${secret}`,
    `Bearer ${WRONG_KEY}`,
    `Bearer ${secret.toLowerCase()}`,
    `Bearer ${secret}x`,
    `Bearer ${secret} x`,
    `Bearer ${ADMIN_KEY.slice(1)}`,
    `Bearer ${'x'.repeat(10_000)}`,
    'Bearer é',
  ]
  for (const authorization of wrong) {
    const headers = { authorization }
    isRefused(t, await registry.request('GET', READ, { headers }), `GET with ${authorization.slice(0, 20)}`)
    isRefused(t, await registry.request('PUT', DOCUMENT, { headers, body: {} }), 'PUT')
  }
})

t.test('a key is refused as soon as it is revoked, by its id or its prefix', async (t) => {
  for (const name of ['id', 'prefix'] as const) {
    const { key, secret } = await createKey(registry.db, name)
    t.equal((await registry.request('GET', READ, { key: secret })).status, 200)
    const revoked = await dropKey(registry.db, key[name])
    t.match(revoked, { id: key.id, revokedAt: String })
    isRefused(t, await registry.request('GET', READ, { key: secret }), name)
    // When it was last used is noted in its own time.
    t.match(
      await dropKey(registry.db, key[name]),
      { revokedAt: revoked?.revokedAt, version: revoked?.version },
      'again changes nothing',
    )
  }
  t.equal(await dropKey(registry.db, 'nobody'), undefined)
})

t.test('a write without a key is a 401, whether the thing exists or not', async (t) => {
  isRefused(t, await registry.request('PUT', DOCUMENT, { body: {} }), 'PUT')
  isRefused(t, await registry.request('DELETE', DOCUMENT), 'DELETE')
  t.equal((await registry.request('DELETE', DOCUMENT, { key: ADMIN_KEY })).status, 404, 'and with one a 404')
})

t.test('the credential is checked after the path and its methods, and before all else', async (t) => {
  const wrong = { key: WRONG_KEY }
  t.equal((await registry.request('GET', '/v1/nothing', wrong)).status, 404)
  t.equal((await registry.request('POST', '/v1/nothing')).status, 404, 'also without a key')
  t.equal((await registry.request('POST', READ, { ...wrong, body: {} })).status, 405)
  t.equal((await registry.request('POST', READ, { body: {} })).status, 405, 'also without a key')
  t.equal((await registry.request('GET', `${READ}?${'x'.repeat(9_000)}`, wrong)).status, 414)
  t.equal((await registry.request('OPTIONS', READ, wrong)).status, 204)
  isRefused(t, await registry.request('GET', READ, { ...wrong, headers: { accept: 'image/png' } }), 'before 406')
  const headers = { 'content-type': 'text/plain' }
  isRefused(t, await registry.request('PUT', DOCUMENT, { headers, body: 'no JSON' }), 'before 415')
  isRefused(t, await registry.request('PUT', DOCUMENT, { body: '{' }), 'before 400')
  isRefused(t, await registry.request('GET', `${READ}?nothing=1`, wrong), 'before wrong parameters')
})

t.test('what the role of a key alone forbids is refused before anything of the body is read', async (t) => {
  const own = await openRegistry(t)
  const { app, db, request } = own
  const { id: organizationId } = await apiOf(own).create('/organizations', { kind: 'caf', name: 'Caf' })
  const { secret } = await createKey(db, 'Reader', { role: 'reader', organizationId })
  const path = '/v1/sources/s/conventions/k?dryRun=true'
  for (const headers of [{ accept: 'image/png' }, { 'content-type': 'text/plain' }, {}])
    t.equal(outcomeOf(await request('PUT', path, { key: secret, headers, body: '{' })), '403 forbidden')
  const { port } = new URL(await app.listen({ port: 0 }))
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'content-length': '8000000' }
  const unsent = http.request({ port, path, method: 'PUT', headers })
  unsent.on('error', () => undefined).flushHeaders()
  const [answer] = await once(unsent, 'response')
  t.equal(answer.statusCode, 403, 'none of the body came')
  unsent.destroy()
})

t.test('outside /v1 no credential is looked at', async (t) => {
  for (const path of ['/health/live', '/problems/unauthorized'])
    t.equal((await registry.request('GET', path, { key: WRONG_KEY })).status, 200, path)
})

t.test('without BOOTSTRAP_ADMIN_KEY there is no key but those that were created', async (t) => {
  const { request } = await openRegistry(t, { config: { bootstrapAdminKey: null } })
  t.equal((await request('GET', READ)).status, 200)
  isRefused(t, await request('GET', READ, { key: ADMIN_KEY }), 'the key of other tests')
})

/** `npm run keys`, on a database. */
const commandOf =
  (url: string) =>
  (...parameters: string[]) =>
    promisify(execFile)(process.execPath, ['src/commands/keys.ts', ...parameters], {
      env: { ...childEnvironment, DATABASE_URL: url },
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    )

t.test('the command creates, lists and revokes keys', async (t) => {
  const { url, request } = await openRegistry(t)
  const keys = commandOf(url)
  t.match(await keys('list'), { code: 0, stdout: '', stderr: /there is no key yet/ })
  const { stdout } = await keys('create', "Caf de l'Orne")
  const secret = stdout.trim()
  t.equal((await request('GET', READ, { key: secret })).status, 200)
  const listed = await keys('list')
  t.match(listed.stdout, /^ID +PREFIX +ROLE +ORGANIZATION +CREATED +LAST USED +EXPIRES +REVOKED +NAME\n/)
  t.match(listed.stdout, /\n[0-9a-f-]{36} +ctg_\S{8} +admin +- +\S+ \S+ UTC .* - +- +Caf de l'Orne\n$/)
  t.match(await keys('revoke', secret.slice(0, 12)), { code: 0, stderr: /is revoked since/ })
  isRefused(t, await request('GET', READ, { key: secret }), 'revoked')
  t.match(await keys('revoke', 'ctg_unknown1'), { code: 1, stderr: /There is no key ctg_unknown1/ })
  t.match(await keys('create', 'x'.repeat(301)), { code: 1, stderr: /name must have at most 300 characters/ })
  t.match(await keys('create'), { code: 1, stderr: /usage:\n/ })
})

t.test('the command makes keys of organizations, and gives one a new secret', async (t) => {
  // Whatever the clock of the command says, it is later here.
  const { url, request } = await openRegistry(t, { now: '2150-01-01T00:00:00Z' })
  const body = { kind: 'caf', name: 'Caf', siren: '380481010' }
  const { body: caf } = await request('POST', '/v1/organizations', { key: ADMIN_KEY, body })
  const keys = commandOf(url)
  const options = ['--role', 'editor', '--expires', '2199-01-01']
  const { stdout } = await keys('create', 'SI', '--organization', '380481010', ...options)
  const mine = { organizationId: caf.id, role: 'editor', expiresAt: '2199-01-01T00:00:00.000Z' }
  const seen = await request('GET', '/v1/keys', { key: stdout.trim() })
  t.match(seen.body.data, [mine])
  const rotated = await keys('rotate', stdout.slice(0, 12), '--overlap', '0')
  t.match(rotated, { code: 0, stderr: /works until/ })
  t.equal((await request('GET', '/v1/keys', { key: rotated.stdout.trim() })).status, 200)
  isRefused(t, await request('GET', READ, { key: stdout.trim() }), 'the former one')
  t.match(await keys('create', 'SI', '--organization', caf.id), { code: 1, stderr: /role is required/ })
  t.match(await keys('create', 'SI', '--role', 'reader'), { code: 1, stderr: /give organizationId/ })
  t.match(await keys('create', 'SI', '--organization', 'x', '--role', 'reader'), { code: 1, stderr: /no organization/ })
  t.match(await keys('list', '--role', 'reader'), { code: 1, stderr: /usage:\n/ })
})
