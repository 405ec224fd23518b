/** Pipeline of all operations: problems and their order, paths, parameters, lists. */
import t from 'tap'
import { asker, errorsOf, smallApp, THING } from '../../support/small-app.ts'

const app = await smallApp()
const ask = asker(app)
t.teardown(() => app.close())

t.test('every problem has its form, its id and the fixed headers', async (t) => {
  const { status, headers, json } = await ask('/nowhere')
  t.equal(status, 404)
  t.equal(headers['content-type'], 'application/problem+json')
  t.equal(headers['cache-control'], 'no-store')
  t.equal(headers['x-content-type-options'], 'nosniff')
  t.match(headers['content-security-policy'], /default-src 'none'/)
  t.match(headers['x-request-id'], /^[0-9a-f-]{36}$/)
  t.same(json, {
    type: '/problems/not-found',
    title: 'The resource was not found',
    status: 404,
    detail: 'There is nothing at this path; / leads to all that there is.',
    instance: `urn:uuid:${headers['x-request-id']}`,
  })
})

t.test('an id sent by the client is not taken over', async (t) => {
  const { headers } = await ask(THING, { headers: { 'x-request-id': 'mine' } })
  t.match(headers['x-request-id'], /^[0-9a-f-]{36}$/)
})

t.test('404 where no path leads, with a slash at the end too; 405 with Allow where the method is wrong', async (t) => {
  for (const url of ['/v1', '/v1/things/', `${THING}/`, '//v1/things', '/V1/things', '/v1/nothing?x=%ff'])
    t.equal((await ask(url)).slug, 'not-found', url)
  const { status, slug, headers } = await ask(THING, { method: 'PUT' })
  t.same([status, slug, headers.allow], [405, 'method-not-allowed', 'DELETE, GET, HEAD, OPTIONS, PATCH'])
  t.equal((await ask('/v1/things', { method: 'DELETE' })).headers.allow, 'GET, HEAD, OPTIONS, POST')
  t.equal((await ask('/v1/nothing', { method: 'DELETE' })).status, 404)
  t.equal((await ask('/v1/%74hings', { method: 'DELETE' })).status, 405)
})

t.test('a 404 names the path that was probably meant, and no other', async (t) => {
  const meant: Record<string, string | undefined> = {
    '/v1/things/': '/v1/things',
    '/v1//things': '/v1/things',
    '/V1/Things': '/v1/things',
    '/v1/thing?x=1': '/v1/things',
    '/things': '/v1/things',
    [`/things${THING.slice('/v1/things'.length)}/`]: THING,
    '/v1': undefined,
    '/v1/elsewhere': undefined,
    [`/v1/${'things'.repeat(50)}`]: undefined,
    [`${'/things'.repeat(20)}`]: undefined,
  }
  for (const [url, path] of Object.entries(meant)) {
    const { json } = await ask(url)
    t.equal(
      json.detail,
      `There is nothing at this path; ${path ? `did you mean ${path}?` : '/ leads to all that there is.'}`,
      url,
    )
  }
})

t.test('OPTIONS answers 204 with Allow, to preflights as well', async (t) => {
  const { status, headers, body } = await ask(THING, {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
  })
  t.same([status, body, headers.allow], [204, '', 'DELETE, GET, HEAD, OPTIONS, PATCH'])
  t.equal(headers['access-control-allow-origin'], '*')
  t.equal(headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS')
  t.equal(headers['access-control-allow-credentials'], undefined)
  t.equal((await ask('/nowhere', { method: 'OPTIONS' })).status, 404)
})

t.test('foreign pages may read, never write', async (t) => {
  t.equal((await ask(THING)).headers['access-control-allow-origin'], '*')
  t.equal((await ask('/nowhere')).headers['access-control-allow-origin'], '*')
  const written = await ask('/v1/things', {
    method: 'POST',
    payload: { title: 'a' },
    headers: { origin: 'https://a.example' },
  })
  t.equal(written.headers['access-control-allow-origin'], undefined)
})

t.test('of several errors the first in the order of the contract is told', async (t) => {
  const wrong = { authorization: 'Bearer wrong', accept: 'text/html', 'content-type': 'text/plain' }
  const long = 'x'.repeat(9000)
  const payload = 'x'.repeat(300_000)
  const of = async (url: string, headers: Record<string, string>, method: 'POST' | 'PUT' | 'PATCH' = 'POST') =>
    (await ask(url, { method, headers, payload })).status
  t.equal(await of(`/v1/nothing?${long}`, wrong), 404)
  t.equal(await of(`/v1/things?${long}`, wrong, 'PUT'), 405)
  t.equal(await of(`/v1/things?${long}`, wrong), 414)
  t.equal(await of('/v1/things?x=1', wrong), 401)
  t.equal(await of('/v1/things?x=1', { ...wrong, authorization: '' }), 406)
  t.equal(await of('/v1/things?x=1', { 'content-type': 'text/plain' }), 415)
  t.equal(await of('/v1/things?x=1', { 'content-type': 'application/json' }), 413)
  const invalid = { method: 'PATCH' as const, headers: { 'content-type': 'application/json' } }
  const other = '/v1/things/01890a5d-ac96-774b-bcce-b302099a8058'
  t.equal((await ask(other, { ...invalid, payload: '{' })).status, 400)
  t.equal((await ask(other, { ...invalid, payload: '{}' })).status, 404)
  t.equal((await ask(THING, { ...invalid, payload: '{}' })).status, 428)
  t.equal((await ask(THING, { headers: { 'if-match': '"6"' }, method: 'PATCH', payload: {} })).status, 412)
  t.equal((await ask(THING, { headers: { 'if-match': '"7"' }, method: 'PATCH', payload: {} })).status, 422)
})

t.test('all that is wrong with parameters is told at once', async (t) => {
  const answer = await ask('/v1/things?limit=0x10&nope=1&types=a,d&activeOn=2023-02-30&open=yes&q=%00&at=0x10')
  t.same([answer.status, answer.slug], [400, 'invalid-parameter'])
  t.same(errorsOf(answer).sort(), [
    'activeOn invalid-date',
    'at type',
    'limit type',
    'nope unknown-parameter',
    'open type',
    'q invalid-text',
    'types unknown-code',
  ])
  t.equal(
    answer.json.errors.find(({ parameter }: { parameter: string }) => parameter === 'limit').message,
    'limit must be a whole number.',
  )
})

t.test('a parameter is meant as it is written, or it is a 400', async (t) => {
  const rows: [string, string][] = [
    ['limit=0x10', 'limit type'],
    ['limit=1e1', 'limit type'],
    ['limit=010', 'limit type'],
    ['limit=+5', 'limit type'],
    ['limit=%205', 'limit type'],
    ['limit=1.0', 'limit type'],
    ['limit=', 'limit empty'],
    ['limit', 'limit empty'],
    ['limit=0', 'limit too-small'],
    ['limit=201', 'limit too-large'],
    ['limit=-1', 'limit too-small'],
    ['limit=99999999999999999999', 'limit type'],
    ['limit=10&limit=20', 'limit repeated'],
    ['q=a&q=b', 'q repeated'],
    ['q=', 'q empty'],
    ['q=%ff', 'q invalid-encoding'],
    ['q=%', 'q invalid-encoding'],
    ['q=%0d%0a', 'q empty'],
    ['q=a%0d%0ab', 'q invalid-text'],
    ['q=%E2%80%AE', 'q invalid-text'],
    ['q=%ED%A0%80', 'q invalid-encoding'],
    ['%ff=1', ' invalid-encoding'],
    ['open=TRUE', 'open type'],
    ['open=1', 'open type'],
    ['types=', 'types empty'],
    ['types=a,,b', 'types unknown-code'],
    ['types=a,a', 'types duplicate'],
    ['types=a&types=a', 'types duplicate'],
    ['__proto__=1', '__proto__ unknown-parameter'],
    ['constructor=1', 'constructor unknown-parameter'],
    ['Limit=1', 'Limit unknown-parameter'],
  ]
  for (const [query, error] of rows) {
    const answer = await ask(`/v1/things?${query}`)
    t.same([answer.status, ...errorsOf(answer)], [400, error], query)
  }
  t.same((await ask('/v1/queries?types=a,b&open=false&limit=7&q=caf%C3%A9+a%2Cb&at=-1.5')).json, {
    types: ['a', 'b'],
    open: false,
    limit: 7,
    q: 'café a,b',
    at: -1.5,
  })
  t.same((await ask('/v1/queries?types=a&types=b,c')).json, { types: ['a', 'b', 'c'] })
  t.same((await ask('/v1/queries?')).json, {})
})

t.test('a wrong part of the path is a 400, too long a part 414, a wrong encoding 400', async (t) => {
  const answer = await ask('/v1/things/7?nope=1')
  t.same([answer.status, ...errorsOf(answer)], [400, 'id invalid-uuid', 'nope unknown-parameter'])
  t.same(errorsOf(await ask('/v1/things/%00')), ['id invalid-text'])
  t.equal((await ask(`/v1/things/${'x'.repeat(2401)}`)).slug, 'uri-too-long')
  t.equal((await ask('/v1/things/%ff')).slug, 'bad-request')
  t.equal((await ask('/v1/things/%')).slug, 'bad-request')
  t.equal((await ask(`/v1/things?q=${'x'.repeat(8000)}`)).slug, 'uri-too-long')
  t.equal(
    (await ask(`/v1/documents/${'%F0%9F%91%A9'.repeat(200)}`, { method: 'PUT', payload: { title: 'a' } })).status,
    200,
  )
})

t.test('lists answer pages; the next one is in `next` and ready-made in Link', async (t) => {
  const first = await ask('/v1/things?types=a,b&limit=100&count=true')
  t.equal(first.json.data.length, 100)
  t.equal(first.json.count, 120)
  const link = /^<(.+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? ''
  t.equal(link, `/v1/things?types=a%2Cb&limit=100&count=true&cursor=${first.json.next}`)
  const second = await ask(link)
  t.same([second.json.data[0], second.json.next, second.headers.link], [100, null, undefined])
  t.equal((await ask('/v1/things')).json.count, null)
  t.equal((await ask('/v1/things')).json.data.length, 50)
})

t.test('a cursor fits its list and its filters only, with any limit', async (t) => {
  const { next } = (await ask('/v1/things?types=a&limit=10')).json
  t.equal((await ask(`/v1/things?types=a&limit=20&cursor=${next}`)).status, 200)
  for (const url of [`/v1/things?cursor=${next}`, `/v1/things?types=b&cursor=${next}`, '/v1/things?cursor=abc'])
    t.equal((await ask(url)).slug, 'invalid-cursor', url)
  t.same(errorsOf(await ask(`/v1/things?cursor=${'a'.repeat(2001)}`)), ['cursor too-long'])
})
