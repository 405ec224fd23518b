/** The manners of all operations: problems, order of errors, parameters, entity tags, HEAD, OPTIONS, formats, codings. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { smallApp, THING_ID } from './support/small-app.ts'

const app = await smallApp()
t.teardown(() => app.close())

const THING = `/v1/things/${THING_ID}`

async function ask(url: string, options: InjectOptions = {}) {
  const { statusCode: status, headers, body, rawPayload } = await app.inject({ url, ...options })
  const json = String(headers['content-type']).includes('json') && body !== '' ? JSON.parse(body) : undefined
  return { status, headers, body, rawPayload, json, slug: json?.type?.replace('/problems/', '') }
}

const told = ({ json }: { json?: { errors?: { parameter?: string; pointer?: string; code: string }[] } }) =>
  (json?.errors ?? []).map(({ parameter, pointer, code }) => `${parameter ?? pointer} ${code}`)

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
    title: 'There is nothing here',
    status: 404,
    detail: 'There is nothing at this path.',
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
  const answer = await ask('/v1/things?limit=0x10&nope=1&types=a,d&activeOn=2023-02-30&open=yes&q=%00&at=1e1')
  t.same([answer.status, answer.slug], [400, 'invalid-parameter'])
  t.same(told(answer).sort(), [
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
    ['q=%0d%0a', 'q invalid-text'],
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
  for (const [query, fault] of rows) {
    const answer = await ask(`/v1/things?${query}`)
    t.same([answer.status, ...told(answer)], [400, fault], query)
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
  t.same([answer.status, ...told(answer)], [400, 'id invalid-uuid', 'nope unknown-parameter'])
  t.same(told(await ask('/v1/things/%00')), ['id invalid-text'])
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
  t.same(told(await ask(`/v1/things?cursor=${'a'.repeat(2001)}`)), ['cursor too-long'])
})

t.test('an item has the tag of its version; other representations have others that begin with it', async (t) => {
  const plain = await ask(THING)
  t.same([plain.headers.etag, plain.headers['cache-control']], ['"7"', 'public, no-cache'])
  t.match(plain.headers.vary, /Accept-Encoding/)
  t.match((await ask(`${THING}?include=more`)).headers.etag, /^"7-[0-9a-f]{32}"$/)
  t.equal((await ask(THING, { headers: { 'accept-encoding': 'gzip' } })).headers.etag, '"7-gzip"')
  t.equal(
    (await ask(THING, { headers: { authorization: 'Bearer key' } })).headers['cache-control'],
    'private, no-cache',
  )
  const list = await ask('/v1/things')
  t.match(list.headers.etag, /^"[0-9a-f]{32}"$/)
  t.equal((await ask('/v1/things', { headers: { 'if-none-match': String(list.headers.etag) } })).status, 304)
})

t.test('If-None-Match with any tag of what is current gives 304 without a body', async (t) => {
  for (const header of ['"7"', 'W/"7"', '"1", "7"', '*', '"7-gzip"', ',"7",', '"7-br"']) {
    const { status, headers, body } = await ask(THING, { headers: { 'if-none-match': header } })
    t.same([status, body, headers['content-type'], headers['content-length']], [304, '', undefined, undefined], header)
    t.match(headers.etag, /^"7(-gzip|-br)?"$/)
    t.equal(headers['cache-control'], 'public, no-cache')
    t.ok(headers.vary)
  }
  for (const header of ['"6"', '"7', '7', '"7-zip"', '"70"'])
    t.equal((await ask(THING, { headers: { 'if-none-match': header } })).status, 200, header)
  t.equal((await ask('/nowhere', { headers: { 'if-none-match': '*' } })).status, 404)
})

t.test('If-Match: any tag of the version fits; others are 412 with the current tag', async (t) => {
  const remove = (header?: string) =>
    ask(THING, { method: 'DELETE', ...(header !== undefined && { headers: { 'if-match': header } }) })
  for (const header of ['"7"', '"7-gzip"', '"7-3fa2"', '*', '"1", "7"'])
    t.equal((await remove(header)).status, 204, header)
  for (const header of ['"6"', '"70"', 'W/"7"', '"6", W/"7"']) {
    const { status, headers } = await remove(header)
    t.same([status, headers.etag], [412, '"7"'], header)
  }
  for (const header of ['7', '', '"7" "8"', '"7', '*, "7"'])
    t.same(told(await remove(header)), ['If-Match malformed'], header)
  const { status, slug, headers } = await remove()
  t.same([status, slug, headers.etag], [428, 'precondition-required', '"7"'])
})

t.test('If-None-Match: * creates only', async (t) => {
  const put = (key: string, headers: Record<string, string>) =>
    ask(`/v1/documents/${key}`, { method: 'PUT', headers, payload: { title: 'a' } })
  t.equal((await put('new', { 'if-none-match': '*' })).status, 200)
  t.same(
    [
      (await put('there', { 'if-none-match': '*' })).status,
      (await put('there', { 'if-none-match': '*' })).headers.etag,
    ],
    [412, '"abc"'],
  )
  t.equal((await put('there', { 'if-none-match': '"abd"' })).status, 200)
  t.equal((await put('new', { 'if-match': '*' })).status, 412)
})

t.test('HEAD answers what GET answers, without the body', async (t) => {
  const varying = new Set(['x-request-id', 'date'])
  const kept = (headers: object) => Object.entries(headers).filter(([name]) => !varying.has(name))
  for (const url of [THING, '/v1/things', '/v1/things?limit=x', '/nowhere', '/v1/page', '/problems/gone'])
    for (const headers of [{}, { 'accept-encoding': 'br' }, { 'if-none-match': '"7"' }]) {
      const get = await ask(url, { headers })
      const head = await ask(url, { headers, method: 'HEAD' })
      t.same([head.status, kept(head.headers)], [get.status, kept(get.headers)], `${url} ${JSON.stringify(headers)}`)
      t.equal(head.body, '')
    }
})

t.test('Accept: what is served as JSON only is a 406 for those who exclude it', async (t) => {
  const status = async (accept: string, url = THING) => (await ask(url, { headers: { accept } })).status
  for (const accept of [
    '*/*',
    'application/*',
    'application/json',
    'text/html, */*;q=0.1',
    'APPLICATION/JSON;q=0.5',
    'application/json;charset=utf-8',
  ])
    t.equal(await status(accept), 200, accept)
  for (const accept of [
    'text/html',
    'application/json;q=0',
    '*/*;q=0',
    'application/json;q=0, */*',
    'application/xml',
    'nonsense',
    'application/problem+json',
  ])
    t.equal(await status(accept), 406, accept)
  t.equal((await ask(THING, { headers: { accept: 'text/html' } })).headers['content-type'], 'application/problem+json')
  t.equal(await status('application/json', '/v1/page'), 200)
  t.equal(await status('image/png', '/v1/page'), 406)
})

t.test('answers above 1 KB are compressed as the client likes it best', async (t) => {
  const coded = (encoding: string) => ask(THING, { headers: { 'accept-encoding': encoding } })
  const plain = (await ask(THING)).body
  const br = await coded('gzip, br')
  t.same([br.headers['content-encoding'], brotliDecompressSync(br.rawPayload).toString()], ['br', plain])
  const gzip = await coded('br;q=0.5, gzip')
  t.same([gzip.headers['content-encoding'], gunzipSync(gzip.rawPayload).toString()], ['gzip', plain])
  t.equal(gzip.headers['content-length'], String(gzip.rawPayload.length))
  for (const encoding of ['', 'identity', 'deflate', 'gzip;q=0', 'identity, gzip;q=0.5', '*;q=0'])
    t.equal((await coded(encoding)).headers['content-encoding'], undefined, encoding)
  t.equal((await ask('/v1/queries', { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], undefined)
  t.equal((await ask('/nowhere', { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], undefined)
})

t.test('a body must be of a type that the operation takes; an invalid one never passes', async (t) => {
  const rows: [string | undefined, number][] = [
    ['application/json', 422],
    [' application/json', 422],
    ['Application/JSON', 422],
    ['application/json; charset=utf-8', 422],
    ['application/json;charset="UTF-8"', 422],
    ['application/json;charset=utf-16', 415],
    ['application/json;charset=latin1', 415],
    ['application/json\t;x', 415],
    ['application/json; charset', 415],
    ['application/json\ta', 415],
    ['application/json a', 415],
    ['application/json, text/plain', 415],
    ['application/vnd.x+json', 415],
    ['application/merge-patch+json', 415],
    ['text/plain', 415],
    ['multipart/form-data; boundary=x', 415],
    ['', 415],
    [undefined, 415],
  ]
  for (const [type, expected] of rows) {
    const { status } = await ask('/v1/things', {
      method: 'POST',
      payload: '{"title":5}',
      headers: type === undefined ? {} : { 'content-type': type },
    })
    t.equal(status, expected, `${type}`)
  }
  const patch = await ask(THING, {
    method: 'PATCH',
    payload: '{"title":"a"}',
    headers: { 'content-type': 'application/merge-patch+json', 'if-match': '"7"' },
  })
  t.equal(patch.status, 200)
  const coded = await ask('/v1/things', {
    method: 'POST',
    payload: { title: 'a' },
    headers: { 'content-encoding': 'gzip' },
  })
  t.same([coded.status, coded.headers['accept-encoding']], [415, 'identity'])
})

t.test('a body that cannot be read is a 400, none at all a 422, too much of it a 413', async (t) => {
  const post = (payload: string | Buffer | undefined, url = '/v1/things', method: 'POST' | 'PUT' = 'POST') =>
    ask(url, { method, ...(payload !== undefined && { payload, headers: { 'content-type': 'application/json' } }) })
  for (const bad of [
    '{',
    '{"title":"a","title":"b"}',
    '{"a":{"__proto__":{}}}',
    '['.repeat(100_000),
    Buffer.from([34, 255, 34]),
  ])
    t.equal((await post(bad)).slug, 'bad-request', String(bad).slice(0, 30))
  t.equal(
    (await ask('/v1/things', { method: 'POST', headers: { 'content-type': 'application/json' }, payload: '' })).status,
    400,
  )
  const none = await post(undefined)
  t.same([none.status, told(none)], [422, [' type']])
  t.equal((await post(JSON.stringify({ title: 'x'.repeat(256 * 1024) }))).slug, 'payload-too-large')
  const document = JSON.stringify({ title: 'x'.repeat(256 * 1024) })
  t.equal((await post(document, '/v1/documents/a', 'PUT')).status, 200)
  t.equal((await post(' '.repeat(8 * 1024 * 1024 + 1), '/v1/documents/a', 'PUT')).status, 413)
})

t.test('nothing in a body is changed in silence', async (t) => {
  const post = async (payload: object) => {
    const answer = await ask('/v1/things', { method: 'POST', payload })
    return [answer.status, ...told(answer)]
  }
  t.same(await post({ title: null, cents: 'null' }), [422, '/title type', '/cents type'])
  t.same(await post({ title: 5, cents: '1e3', ok: 'true' }), [422, '/title type', '/cents type', '/ok type'])
  t.same(await post({ title: ['a'], tags: 'a' }), [422, '/title type', '/tags type'])
  t.same(await post({ title: 'a', ownerId: 7 }), [422, '/ownerId unknown-field'])
  t.same(await post({ title: 'a\u0000b' }), [422, '/title invalid-text'])
  t.same(await post({ title: '\ud800' }), [422, '/title invalid-text'])
  const big = await ask('/v1/things', {
    method: 'POST',
    payload: '{"title":"a","cents":9007199254740993}',
    headers: { 'content-type': 'application/json' },
  })
  t.same(told(big), ['/cents too-large'])
  t.same((await ask('/v1/things', { method: 'POST', payload: { title: ' e\u0301 ', cents: null } })).json, {
    title: 'é',
    cents: null,
  })
})

t.test('of a body with a thousand faults the first hundred are told', async (t) => {
  const payload = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x${i}`, i]))
  const { json } = await ask('/v1/things', { method: 'POST', payload })
  t.equal(json.errors.length, 100)
  t.equal(json.detail, 'The body breaks more than 100 rules; the first 100 are listed.')
})
