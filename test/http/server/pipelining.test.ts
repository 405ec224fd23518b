/** Requests that a connection sends ahead of their answers: one after the other, not too many, none after the last answer. */
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { limits } from '../../../src/config.ts'
import { smallApp } from '../../support/small-app.ts'

/** The requests that have begun, in order, and the most that ran at once. */
const begun: string[] = []
let running = 0
let mostRunning = 0

const app = await smallApp({}, (app) =>
  app.get<{ Params: { name: string } }>('/turns/:name', async ({ params: { name } }, reply) => {
    begun.push(name)
    running += 1
    mostRunning = Math.max(mostRunning, running)
    await sleep(5)
    running -= 1
    if (name === 'last') reply.header('connection', 'close')
    return { name }
  }),
)
await app.listen({ port: 0, host: '127.0.0.1' })
const { port } = app.server.address() as AddressInfo
t.teardown(() => app.close())
t.beforeEach(() => begun.splice(0))

const get = (name: string, ...headers: string[]) =>
  `${[`GET /turns/${name} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`

/** The statuses and the names of the answers to some bytes, until the server ends the connection. */
async function send(...requests: string[]) {
  const socket = connect(port, '127.0.0.1')
  socket.write(requests.join(''))
  const answers = await text(socket)
  const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
  const names = [...answers.matchAll(/\{"name":"(\w+)"\}/g)].map(([, name]) => name)
  return { statuses, names, answers }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i))

t.test('they begin one after the other, and are answered in their order', async (t) => {
  const names = numbers(limits.pipelined - 1)
  const sent = await send(...names.map((name) => get(name)), get('end', 'Connection: close'))
  t.same(sent.names, [...names, 'end'])
  t.same(begun, [...names, 'end'])
  t.equal(mostRunning, 1)
})

t.test('beyond the bound one problem follows the answers and ends the connection; nothing more begins', async (t) => {
  const { statuses, answers } = await send(...numbers(10_000).map((name) => get(name)))
  t.same(statuses, [...Array(limits.pipelined).fill(200), 429])
  t.match(answers, /"type":"\/problems\/too-many-requests".*More than 32 requests/)
  t.same(begun, numbers(limits.pipelined))
})

t.test('nothing begins after an answer that closes the connection, nor before broken bytes are reached', async (t) => {
  t.same((await send(get('first'), get('last'), get('lost'))).names, ['first', 'last'])
  t.same((await send(get('first'), get('lost'), 'nonsense\r\n\r\n')).names, ['first'])
  t.same(begun, ['first', 'last', 'first'])
})

t.test('an expectation that cannot be met is refused in its turn, and ends the connection', async (t) => {
  t.same((await send(get('first'), get('refused', 'Expect: nonsense'), get('lost'))).statuses, [200, 417])
  t.same(begun, ['first'])
})

t.test('CONNECT behind a request is not answered in its place', async (t) => {
  const { answers } = await send(get('first'), 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n')
  t.equal(answers, '')
})

t.test('what waits behind a request whose sender has left does not begin', async (t) => {
  const socket = connect(port, '127.0.0.1')
  socket.write(get('first') + get('lost'))
  while (running === 0) await sleep(1)
  socket.resetAndDestroy()
  await send(get('end', 'Connection: close'))
  while (running > 0) await sleep(1)
  t.same(begun.toSorted(), ['end', 'first'])
})
