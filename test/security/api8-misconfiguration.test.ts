/** OWASP API8:2023, security misconfiguration: the same headers on every answer, nothing that helps an attacker. */
import t from 'tap'
import { ADMIN_KEY } from '../support/config.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { app, request } = registry

const paths = [
  '/v1/conventions',
  '/v1/nowhere',
  '/v1/conventions/x',
  '/',
  '/openapi.json',
  '/health/live',
  '/problems/gone',
]

t.test('every answer forbids browsers what they need not do', async (t) => {
  for (const path of [...paths, '/docs', '/docs/static/index.html']) {
    const { headers } = await app.inject(path)
    t.equal(headers['x-content-type-options'], 'nosniff', path)
    t.equal(headers['referrer-policy'], 'no-referrer', path)
    const policy = String(headers['content-security-policy'])
    t.match(policy, /default-src 'none'/, path)
    t.match(policy, /frame-ancestors 'none'/, path)
    t.notMatch(policy, /unsafe|\*|https?:/, path)
    for (const name of ['server', 'x-powered-by', 'set-cookie']) t.equal(headers[name], undefined, `${path}: ${name}`)
  }
})

t.test('HSTS is said behind TLS only, and only a trusted proxy says that there is TLS', async (t) => {
  const headers = { 'x-forwarded-proto': 'https' }
  t.equal((await app.inject({ url: '/', headers })).headers['strict-transport-security'], undefined)
  const behind = await openRegistry(t, { config: { trustProxy: ['10.0.0.0/8'] } })
  const hsts = async (remoteAddress: string) =>
    (await behind.app.inject({ url: '/', headers, remoteAddress })).headers['strict-transport-security']
  t.equal(await hsts('10.1.1.1'), 'max-age=31536000')
  t.equal(await hsts('192.0.2.1'), undefined)
})

t.test('foreign pages may read what is public, without credentials, and write nothing', async (t) => {
  const origin = 'https://evil.example'
  for (const method of ['GET', 'POST', 'OPTIONS'] as const) {
    const { headers } = await request(method, '/v1/conventions', { headers: { origin } })
    t.equal(headers['access-control-allow-origin'], method === 'POST' ? undefined : '*', method)
    t.equal(headers['access-control-allow-credentials'], undefined)
    t.notMatch(headers['access-control-allow-methods'] ?? '', /POST|PUT|PATCH|DELETE/)
    t.notMatch(headers['access-control-allow-headers'] ?? '', /authorization/i)
  }
})

t.test('an error names no file, statement, table, version or key', async (t) => {
  const key = ADMIN_KEY
  const answers = await Promise.all([
    request('GET', '/v1/conventions?source=%27%20or%201=1--'),
    request('POST', '/v1/organizations', { key, body: '{"kind":' }),
    request('POST', '/v1/organizations', { key, body: { kind: 'caf', name: 'a\u0000b' } }),
    request('GET', '/v1/conventions', { key: 'wrong-key-of-somebody' }),
    request('GET', '/v1/conventions/%00'),
    request('GET', '/docs/static/..%2f..%2fpackage.json'),
    request('GET', '/v1/../../etc/passwd'),
  ])
  for (const { status, text } of answers) {
    t.ok(status >= 400 && status < 500, `${status}`)
    t.notMatch(text, /node_modules|\.ts\b|select |postgres|fastify|stack|wrong-key|test-admin|ctg_/i)
  }
})

t.test('what the database says when it fails stays inside', async (t) => {
  const { sql } = await import('kysely')
  const broken = await openRegistry(t)
  await sql`alter view convention_read rename to convention_hidden`.execute(broken.db)
  const { status, text, headers } = await broken.request('GET', '/v1/conventions')
  t.equal(status, 500)
  t.notMatch(text, /convention_hidden|relation|does not exist|42P01/)
  t.match(text, `urn:uuid:${headers['x-request-id']}`)
})

t.test('methods that servers offer by mistake are refused', async (t) => {
  for (const method of ['TRACE', 'PROPFIND', 'LOCK'] as const) {
    const answer = await app.inject({ method: method as 'GET', url: '/v1/conventions' })
    t.equal(answer.statusCode, 405, method)
  }
})
