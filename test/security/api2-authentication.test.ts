/**
 * OWASP API2:2023, broken authentication: a key is taken from one place only, guessing leads nowhere, and a refusal
 * tells nothing of why. More of it: test/auth/auth.test.ts, test/domain/api-keys/keys.test.ts, test/http/limits/rate-limit.test.ts.
 */
import http from 'node:http'
import t from 'tap'
import { limits } from '../../src/config.ts'
import { apiOf, outcomeOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createKey, dropKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t, { config: { rateLimit: 0 } })
const { request } = registry
const { id: cafId } = await apiOf(registry).create('/organizations', { kind: 'caf', name: 'Caf' })
const { id: draft } = await apiOf(registry).create('/conventions', { title: 'Projet', cafId })
const path = `/v1/conventions/${draft}`

t.test('a key counts in the header Authorization and nowhere else', async (t) => {
  t.equal((await request('GET', path, { key: ADMIN_KEY })).status, 200)
  for (const headers of [
    { 'x-api-key': ADMIN_KEY },
    { cookie: `authorization=Bearer ${ADMIN_KEY}; key=${ADMIN_KEY}` },
    { 'proxy-authorization': `Bearer ${ADMIN_KEY}` },
    { 'x-forwarded-authorization': `Bearer ${ADMIN_KEY}` },
  ])
    t.equal(outcomeOf(await request('GET', path, { headers })), '404 not-found', Object.keys(headers).join())
  for (const name of ['access_token', 'key', 'api_key'])
    t.equal(outcomeOf(await request('GET', `${path}?${name}=${ADMIN_KEY}`)), '400 invalid-parameter', name)
  const body = { kind: 'caf', name: 'Caf', authorization: `Bearer ${ADMIN_KEY}` }
  t.equal(outcomeOf(await request('POST', '/v1/organizations', { body })), '401 unauthorized')
})

t.test('of two credentials none is chosen to the advantage of the sender', async (t) => {
  const address = new URL(await registry.app.listen({ port: 0, host: '127.0.0.1' }))
  const statusOf = (...values: string[]) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = ['host', 'x', ...values.flatMap((value) => ['authorization', value])]
      const asked = http.get({ hostname: address.hostname, port: address.port, path, headers, agent: false })
      asked.on('error', reject).on('response', (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
    })
  t.equal(await statusOf('Bearer wrong', `Bearer ${ADMIN_KEY}`), 400)
  t.equal(await statusOf(`Bearer ${ADMIN_KEY}`, 'Bearer wrong'), 400)
  t.equal(await statusOf(`Bearer ${ADMIN_KEY}, Bearer wrong`), 401)
  t.equal(await statusOf(`Bearer ${ADMIN_KEY}`), 200)
})

t.test(
  'a key that never was, one that is revoked and one that has expired are refused in the same words',
  async (t) => {
    const [revoked, expired] = [
      await createKey(registry.db, 'SI'),
      await createKey(registry.db, 'SI', { expiresAt: '2026-02-01T00:00:00Z' }, new Date('2026-01-01')),
    ]
    await dropKey(registry.db, revoked.key.id)
    const words = async (key: string) => {
      const { status, headers, text } = await request('GET', path, { key })
      const { 'x-request-id': id, date: _date, ...rest } = headers
      return { status, rest, text: text.replace(String(id), '') }
    }
    const never = await words(`ctg_${'A'.repeat(43)}`)
    t.equal(never.status, 401)
    t.same(await words(revoked.secret), never)
    t.same(await words(expired.secret), never)
  },
)

t.test('secrets are of 256 random bits, and no part of one opens anything', async (t) => {
  const made = await Promise.all(Array.from({ length: 50 }, () => createKey(registry.db, 'SI')))
  t.equal(new Set(made.map(({ secret }) => secret)).size, made.length)
  const [{ secret, key } = { secret: '', key: { id: '', prefix: '' } }] = made
  t.equal(Buffer.from(secret.slice(4), 'base64url').length, 32)
  for (const part of [key.prefix, key.id, secret.slice(4), secret.slice(0, -1), `${secret.slice(0, -1)}%`, '*', '%'])
    t.equal((await request('GET', path, { key: part })).status, 401, part.slice(0, 4))
})

t.test(
  'an address that guesses is stopped, and the right key among its guesses is not looked up any more',
  async (t) => {
    const guarded = await openRegistry(t, { config: { rateLimit: 1_000 } })
    const { secret } = await createKey(guarded.db, 'SI')
    const ask = async (key: string) => (await guarded.request('GET', '/v1/keys', { key })).status
    const guesses = 1_000 / limits.costs.failedAuth
    for (let i = 0; i < guesses; i++) t.equal(await ask(`ctg_${String(i).padStart(43, 'A')}`), 401)
    t.equal(await ask(`ctg_${'B'.repeat(43)}`), 429)
    t.equal(await ask(secret), 429)
  },
)
