import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { get } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { closeDatabase, type Database, openDatabase } from '../../src/db/database.ts'
import { createTestDatabase } from '../support/registry.ts'
import { spawnService, startService } from '../support/service.ts'

t.test(
  'asked to stop twice at once, as by Ctrl-C under npm, it finishes what is in flight and ends with 0',
  async (t) => {
    const url = await createTestDatabase(t)
    const service = await startService(t, { DATABASE_URL: url })
    const locking = openDatabase(url, { connections: 1 })
    t.teardown(() => closeDatabase(locking))
    const lock = await locking.startTransaction().execute()
    await sql`lock table convention`.execute(lock)
    const inFlight = fetch(`${service.address}/v1/conventions`)
    while ((await waitingForLock(lock)) === 0) await sleep(20)
    const [live, ready] = [begin(service.address, '/health/live'), begin(service.address, '/health/ready')]
    await Promise.all([live.isSent, ready.isSent])
    service.process.kill('SIGTERM')
    service.process.kill('SIGINT')
    await lock.rollback().execute()
    t.match(await (await inFlight).json(), { data: [] })
    while (await isReady(service.address)) await sleep(20)
    t.match(await live.end(), /^HTTP\/1\.1 200 /, 'it still answers')
    const notReady = await ready.end()
    t.match(notReady, /^HTTP\/1\.1 503 /)
    t.match(notReady, /^connection: close\r$/im)
    t.match(notReady, /^retry-after: \d+\r$/im)
    t.match(notReady, /"type":"\/problems\/unavailable".*"status":503/)
    t.equal(await service.ended, 0)
  },
)

t.test('a request whose body is still arriving is served before the end', async (t) => {
  const service = await startService(t, { DATABASE_URL: await createTestDatabase(t) })
  const { hostname, port } = new URL(service.address)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  const head = ['POST /nowhere HTTP/1.1', 'Host: registry', 'Content-Type: application/json', 'Content-Length: 2']
  socket.write([...head, 'Expect: 100-continue', '', '{'].join('\r\n'))
  await once(socket, 'data')
  service.process.kill('SIGTERM')
  while (await listens(Number(port), hostname)) await sleep(50)
  socket.write('}')
  await once(socket, 'close')
  t.match(answer, /HTTP\/1\.1 4\d\d /)
  t.equal(await service.ended, 0)
})

t.test('each request is one line of the log, without what people put into queries, headers and bodies', async (t) => {
  const service = await startService(t, { DATABASE_URL: await createTestDatabase(t) })
  await fetch(`${service.address}/health/live?key=SECRET`, { headers: { authorization: 'Bearer SECRET' } })
  await fetch(`${service.address}/nowhere`, { method: 'POST', body: '"SECRET"', headers: { cookie: 'SECRET' } })
  service.process.kill('SIGTERM')
  t.equal(await service.ended, 0)
  t.notMatch(service.output() + service.errors(), 'SECRET')
  const lines = service.output().trim().split('\n')
  const requests = lines.map((line) => JSON.parse(line)).filter(({ method }) => method)
  t.same(
    requests.map(({ level, method, path }) => [level, method, path]),
    [
      ['info', 'GET', '/health/live'],
      ['info', 'POST', '/nowhere'],
    ],
  )
  t.match(requests[0], { time: /^\d{4}-.*Z$/, request: /^[0-9a-f-]{36}$/, status: 200, ms: Number })
})

t.test('a request whose sender goes away before its answer is a line of the log too', async (t) => {
  const service = await startService(t, { DATABASE_URL: await createTestDatabase(t) })
  const { next } = (await (await fetch(`${service.address}/v1/changes`)).json()) as { next: string }
  const asked = get(`${service.address}/v1/changes?wait=30&since=${next}`).once('error', () => undefined)
  asked.once('finish', () => setTimeout(() => asked.destroy(), 100))
  while (!service.output().includes('"aborted":true')) await once(service.process.stdout as Readable, 'data')
  t.match(service.output(), /"method":"GET","path":"\/v1\/changes","aborted":true/)
})

t.test('a log that cannot be written ends neither the service nor keeps it from ending', async (t) => {
  const service = await startService(t, { DATABASE_URL: await createTestDatabase(t) }, '/dev/full')
  const live = async () => (await fetch(`${service.address}/health/live`)).status
  for (let times = 0; times < 3; times++) {
    t.equal(await live(), 200)
    // Longer than lines wait to be written.
    await sleep(200)
  }
  service.process.kill('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test('a port in use is one clear line, before anything is made', async (t) => {
  const first = await startService(t, { DATABASE_URL: await createTestDatabase(t) })
  const DATA_DIR = path.join(t.testdir(), 'data')
  const second = spawnService(t, { DATA_DIR, PORT: new URL(first.address).port })
  t.equal(await second.ended, 1)
  t.match(second.errors(), /^ctg-registry: Port \d+ of 127\.0\.0\.1 is in use: stop what uses it, or set PORT\.\n$/)
  t.equal(existsSync(DATA_DIR), false)
})

t.test('a wrong variable is one clear line', async (t) => {
  const service = spawnService(t, { PORT: 'eighty' })
  t.equal(await service.ended, 1)
  t.equal(
    service.errors(),
    'ctg-registry: PORT is "eighty": it must be a whole number from 0 (any free port) to 65535\n',
  )
  t.equal(service.output(), '')
})

/** Whether somebody still takes connections there. */
const listens = (port: number, host: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, host, () => resolve(true))
    socket.once('error', () => resolve(false)).once('connect', () => socket.destroy())
  })

/** A request of which all but the last line is sent; `end` sends that and reads the answer. */
function begin(address: string, path: string) {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  const isSent = new Promise((sent) => socket.write(`GET ${path} HTTP/1.1\r\nHost: registry\r\n`, sent))
  return {
    isSent,
    end() {
      socket.write('\r\n')
      return text(socket)
    },
  }
}

/** Not once the service is stopping, whether or not it still listens. */
const isReady = (address: string) =>
  fetch(`${address}/health/ready`).then(
    ({ status }) => status === 200,
    () => false,
  )

async function waitingForLock(db: Database): Promise<number> {
  const { rows } = await sql`select from pg_locks where not granted and locktype = 'relation'`.execute(db)
  return rows.length
}
