/** Bytes that no HTTP library would send: each gets a problem, and none of them hurts the next request. */
import { type AddressInfo, connect } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { liftRequestTimeout } from '../../../src/http/server/request-timeout.ts'
import { serverOptions } from '../../../src/http/server/server-options.ts'
import { smallApp, THING } from '../../support/small-app.ts'

/** It waits for what never ends no longer than a test may, and for what is large as long as a busy machine takes. */
const impatient = {
  requestTimeout: 2_000,
  http: { ...serverOptions.http, headersTimeout: 1_500, connectionsCheckingInterval: 50 },
}
const app = await smallApp(impatient, (app) => {
  app.post('/unhurried', { config: { consumes: ['application/x-ndjson'] } }, async (request, reply) => {
    liftRequestTimeout(request)
    return reply.type('application/json').send(JSON.stringify(await text(request.body as Readable)))
  })
})
await app.listen({ port: 0, host: '127.0.0.1' })
const { port } = app.server.address() as AddressInfo
t.teardown(() => app.close())

/** What the server answers until so many answers have come whole, or it closes the connection. */
function send(bytes: string | Buffer, answers = 1): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes)).setEncoding('latin1')
    socket.on('data', (data) => {
      text += data
      if (wholeAnswers(text) >= answers) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

function wholeAnswers(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return 0
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, headEnd))?.[1] ?? 0)
  const end = headEnd + 4 + length
  return text.length < end ? 0 : 1 + wholeAnswers(text.slice(end))
}

const lines = (...given: string[]) => `${given.join('\r\n')}\r\n\r\n`
const get = (path: string, ...headers: string[]) => lines(`GET ${path} HTTP/1.1`, 'Host: x', ...headers)
const post = (body: string, ...headers: string[]) =>
  `${lines('POST /v1/things HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers)}${body}`

const refused: Record<string, [bytes: string | Buffer, status: number, slug: string]> = {
  'bytes that are no HTTP': ['nonsense\r\n\r\n', 400, 'bad-request'],
  'a TLS handshake': [Buffer.from('160301020001000', 'hex'), 400, 'bad-request'],
  'the preface of HTTP/2': [lines('PRI * HTTP/2.0', '', 'SM'), 400, 'bad-request'],
  'an unknown version': [lines('GET / HTTP/9.9', 'Host: x'), 400, 'bad-request'],
  'an unknown method': [lines(`FOO ${THING} HTTP/1.1`, 'Host: x'), 400, 'bad-request'],
  'a method in small letters': [lines(`get ${THING} HTTP/1.1`, 'Host: x'), 400, 'bad-request'],
  'a space in the path': [get('/v1/thi ngs'), 400, 'bad-request'],
  'two lengths': [post('{}', 'Content-Length: 2', 'Content-Length: 3'), 400, 'bad-request'],
  'a length and chunks': [post('0\r\n\r\n', 'Content-Length: 2', 'Transfer-Encoding: chunked'), 400, 'bad-request'],
  'a negative length': [post('{}', 'Content-Length: -2'), 400, 'bad-request'],
  'a broken chunk': [post('zz\r\n{}\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'), 400, 'bad-request'],
  'a NUL in a header': [get(THING, 'X-A: a\0b'), 400, 'bad-request'],
  'a header without a colon': [get(THING, 'nonsense'), 400, 'bad-request'],
  'a header that goes on in a second line': [get(THING, 'X-A: a', ' b'), 400, 'bad-request'],
  'two Hosts': [get(THING, 'hOST: x'), 400, 'bad-request'],
  'a Host that is none': [lines(`GET ${THING} HTTP/1.1`, 'Host: a b<>"'), 400, 'bad-request'],
  'two credentials': [get(THING, 'Authorization: Bearer a', 'authorization: Bearer b'), 400, 'bad-request'],
  'two types of a body': [post('{"title":5}', 'Content-Type: text/plain', 'Content-Length: 11'), 400, 'bad-request'],
  'two Idempotency-Keys': [
    post('{}', 'Idempotency-Key: a', 'Idempotency-Key: b', 'Content-Length: 2'),
    400,
    'bad-request',
  ],
  'a transfer of HTTP/1.0 in chunks': [
    `${lines('POST /v1/things HTTP/1.0', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    400,
    'bad-request',
  ],
  'a coded transfer': [post('0\r\n\r\n', 'Transfer-Encoding: gzip, chunked'), 400, 'bad-request'],
  'a star that is no path': [get('*'), 400, 'bad-request'],
  'a star before a path': [lines(`OPTIONS *${THING} HTTP/1.1`, 'Host: x'), 400, 'bad-request'],
  'a fragment': [get(`${THING}#part`), 400, 'bad-request'],
  'no Host': [lines(`GET ${THING} HTTP/1.1`), 400, 'bad-request'],
  'a wrong encoding in the path': [get('/v1/things/%zz'), 400, 'bad-request'],
  'a URL of 9,000 characters': [get(`/v1/things?q=${'x'.repeat(9000)}`), 414, 'uri-too-long'],
  'a URL of 40,000 characters': [get(`/v1/things?q=${'x'.repeat(40_000)}`), 414, 'uri-too-long'],
  'headers of 40,000 bytes': [get(THING, `X-A: ${'x'.repeat(40_000)}`), 431, 'headers-too-large'],
  'headers of 2 MB': [get(THING, `X-A: ${'x'.repeat(2_000_000)}`), 431, 'headers-too-large'],
  'an unknown expectation': [get(THING, 'Expect: nonsense'), 417, 'expectation-failed'],
  CONNECT: [lines('CONNECT example.org:443 HTTP/1.1', 'Host: x'), 405, 'method-not-allowed'],
  TRACE: [lines(`TRACE ${THING} HTTP/1.1`, 'Host: x'), 405, 'method-not-allowed'],
  PURGE: [lines(`PURGE ${THING} HTTP/1.1`, 'Host: x'), 405, 'method-not-allowed'],
  'a path with a second slash': [get('//evil.example/v1/things'), 404, 'not-found'],
  'a body that is too long by its length': [post('', 'Content-Length: 99999999'), 413, 'payload-too-large'],
  'a body of chunks that is too long': [
    post(`50000\r\n${'x'.repeat(0x50000)}\r\n`, 'Transfer-Encoding: chunked'),
    413,
    'payload-too-large',
  ],
  'headers that never end': ['GET / HTTP/1.1\r\nHost: x\r\n', 408, 'request-timeout'],
  'a body that never ends': [post('{"a"', 'Content-Length: 10'), 408, 'request-timeout'],
}

for (const [name, [bytes, status, slug]] of Object.entries(refused))
  t.test(`${name}: ${status}`, async (t) => {
    const answer = await send(bytes)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    t.match(head, new RegExp(`^HTTP/1.1 ${status} `))
    t.match(head, /content-type: application\/problem\+json\r\n/i)
    t.match(head, /x-content-type-options: nosniff/i)
    if (status === 405) t.match(head, /^allow: .*GET/im)
    const id = /^x-request-id: (.*)$/im.exec(head)?.[1]
    t.match(JSON.parse(body), { type: `/problems/${slug}`, status, instance: `urn:uuid:${id}` })
    t.equal((await app.inject(THING)).statusCode, 200, 'the next request is served')
  })

const served: Record<string, [bytes: string, status: number]> = {
  'HTTP/1.0 without a Host': [lines(`GET ${THING} HTTP/1.0`), 200],
  'a wish to upgrade': [get(THING, 'Connection: Upgrade', 'Upgrade: websocket'), 200],
  'an absolute URL': [get(`http://evil.example${THING}`), 200],
  'a list by an absolute URL of no host': [get('http://a:99999/v1/things?limit=1'), 400],
  'an unknown absolute URL': [get('http://evil.example/nowhere'), 404],
  'OPTIONS *': [lines('OPTIONS * HTTP/1.1', 'Host: x'), 204],
  'OPTIONS with an absolute URL': [lines(`OPTIONS http://evil.example${THING} HTTP/1.1`, 'Host: x'), 204],
  'an empty Host': [lines(`GET ${THING} HTTP/1.1`, 'Host:'), 200],
  'a body with a GET': [`${get(THING, 'Content-Length: 2')}{}`, 200],
  'an expectation that can be met': [post('{"title":"a"}', 'Content-Length: 13', 'Expect: 100-continue'), 100],
  'a Host by address and port': [lines(`GET ${THING} HTTP/1.1`, 'Host: [::1]:3000'), 200],
}

for (const [name, [bytes, status]] of Object.entries(served))
  t.test(`${name}: ${status}`, async (t) => {
    t.match(await send(bytes), new RegExp(`^HTTP/1.1 ${status} `))
  })

t.test('the next page never leads to a host that the client named', async (t) => {
  for (const request of [
    get('http://evil.example/v1/things?limit=5', 'X-Forwarded-Host: evil.example'),
    lines('GET /v1/things?limit=5 HTTP/1.1', 'Host: evil.example'),
  ])
    t.match(await send(request), /^link: <\/v1\/things\?limit=5&cursor=[\w-]+>; rel="next"\r$/im)
})

t.test('an answer is not lost because broken bytes follow its request', async (t) => {
  const answer = await send(`${get(THING)}nonsense\r\n\r\n`, 2)
  t.same(answer.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 200'])
})

t.test('after a refusal the connection serves the next request', async (t) => {
  const answer = await send(`${get('/nowhere')}${post('{', 'Content-Length: 1')}${get(THING)}`, 3)
  t.same(answer.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 404', 'HTTP/1.1 400', 'HTTP/1.1 200'])
})

t.test('a client that leaves in the midst of its body leaves no trace', async (t) => {
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(post('{"a"', 'Content-Length: 10'), () => socket.destroy()),
    )
    socket.on('close', () => resolve())
  })
  t.equal((await app.inject(THING)).statusCode, 200)
})

t.test('a body that has limits of its own may come later than others', async (t) => {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `${lines('POST /unhurried HTTP/1.1', 'Host: x', 'Content-Type: application/x-ndjson', 'Content-Length: 8', 'Connection: close')}half`,
  )
  await sleep(1.5 * impatient.requestTimeout)
  socket.write('half')
  t.match(await text(socket), /"halfhalf"$/)
})
