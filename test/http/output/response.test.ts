/** How answers leave: entity tags and preconditions, HEAD, formats, codings. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import t from 'tap'
import { asker, errorsOf, smallApp, THING } from '../../support/small-app.ts'

const app = await smallApp()
const ask = asker(app)
t.teardown(() => app.close())

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
  t.match((await remove('"6"')).body, 'read it, and send If-Match')
  t.match((await remove('W/"7"')).body, 'a weak tag never matches')
  for (const header of ['7', '', '"7" "8"', '"7', '*, "7"'])
    t.same(errorsOf(await remove(header)), ['If-Match malformed'], header)
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
  const { json } = await put('there', { 'if-none-match': '*' })
  t.equal(json.detail, 'The resource exists already, at version "abc", and If-None-Match asks that it does not.')
  t.equal((await put('there', { 'if-none-match': '"abd"' })).status, 200)
  t.equal((await put('new', { 'if-match': '*' })).status, 412)
})

t.test('HEAD answers what GET answers, without the body', async (t) => {
  const varying = new Set(['x-request-id', 'date'])
  const kept = (headers: object) => Object.entries(headers).filter(([name]) => !varying.has(name))
  for (const url of [THING, '/v1/things', '/v1/things?limit=x', '/nowhere', '/v1/page', '/problems/journal-pruned'])
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
    'application/json;q=2',
    'application/json;q="0.5"',
    'application/json;q=1.0000',
    'application/json;q=high',
    'application/json;q=',
  ])
    t.equal(await status(accept), 200, accept)
  for (const accept of [
    'text/html',
    'application/json;q=0',
    '*/*;q=0',
    '*/*;q="0"',
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
  const zstd = await coded('gzip, br, zstd')
  t.same([zstd.headers['content-encoding'], zstdDecompressSync(zstd.rawPayload).toString()], ['zstd', plain])
  const gzip = await coded('zstd;q=0.5, gzip')
  t.same([gzip.headers['content-encoding'], gunzipSync(gzip.rawPayload).toString()], ['gzip', plain])
  t.equal(gzip.headers['content-length'], String(gzip.rawPayload.length))
  for (const encoding of ['', 'identity', 'deflate', 'gzip;q=0', 'identity, gzip;q=0.5', '*;q=0', 'br'])
    t.equal((await coded(encoding)).headers['content-encoding'], undefined, encoding)
  t.equal((await ask('/v1/queries', { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], undefined)
  t.equal((await ask('/nowhere', { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], undefined)
})

t.test('what is kept is offered in brotli too, and each form has the tag of its coding', async (t) => {
  const coded = (encoding: string) => ask('/v1/kept', { headers: { 'accept-encoding': encoding } })
  const plain = await coded('identity')
  for (let times = 0; times < 2; times++)
    for (const [encoding, inflate] of [
      ['br', brotliDecompressSync],
      ['zstd', zstdDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const { headers, rawPayload } = await coded(encoding)
      t.equal(inflate(rawPayload).toString(), plain.body)
      t.same([headers['content-encoding'], headers.etag], [encoding, `"kept-${encoding}"`])
    }
  t.equal((await coded('gzip, deflate, br, zstd')).headers['content-encoding'], 'br')
})
