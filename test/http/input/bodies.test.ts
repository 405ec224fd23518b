/** Bodies as they arrive: their media type, their JSON, their size, their errors. */
import t from 'tap'
import { asker, errorsOf, smallApp, THING } from '../../support/small-app.ts'

const app = await smallApp()
const ask = asker(app)
t.teardown(() => app.close())

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

t.test('a body that cannot be read is a 400, none at all too, too much of it a 413', async (t) => {
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
  t.same([none.status, errorsOf(none)], [400, []])
  t.equal((await post(JSON.stringify({ title: 'x'.repeat(256 * 1024) }))).slug, 'payload-too-large')
  const document = JSON.stringify({ title: 'x'.repeat(256 * 1024) })
  t.equal((await post(document, '/v1/documents/a', 'PUT')).status, 200)
  t.equal((await post(' '.repeat(8 * 1024 * 1024 + 1), '/v1/documents/a', 'PUT')).status, 413)
})

t.test('nothing in a body is changed in silence', async (t) => {
  const post = async (payload: object) => {
    const answer = await ask('/v1/things', { method: 'POST', payload })
    return [answer.status, ...errorsOf(answer)]
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
  t.same(errorsOf(big), ['/cents too-large'])
  t.same((await ask('/v1/things', { method: 'POST', payload: { title: ' e\u0301 ', cents: null } })).json, {
    title: 'é',
    cents: null,
  })
})

t.test('of a body with a thousand errors the first hundred are told', async (t) => {
  const payload = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x${i}`, i]))
  const { json } = await ask('/v1/things', { method: 'POST', payload })
  t.equal(json.errors.length, 100)
  t.equal(json.detail, 'The body breaks more than 100 rules; the first 100 are listed.')
})

t.test('a DELETE may name a type and send nothing', async (t) => {
  const headers = { 'content-type': 'application/json', 'if-match': '"7"' }
  t.equal((await ask(THING, { method: 'DELETE', headers })).status, 204)
})

t.test('a body that is absent is one error, whether or not a type is named', async (t) => {
  for (const headers of [{}, { 'content-type': 'application/json' }]) {
    const { status, json } = await ask('/v1/things', { method: 'POST', headers })
    t.same([status, json.type, json.detail], [400, '/problems/bad-request', 'The body is empty; it must be JSON.'])
  }
})
