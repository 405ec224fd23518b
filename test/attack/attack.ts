/**
 * The service attacked by one machine: slow and stuck clients, thousands of connections, floods, the largest bodies.
 * Meanwhile a client from another address is served as usual and the memory of the process stays. It takes about a minute and a
 * half, `npm run attack`; what was measured is printed.
 */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { limits } from '../../src/config.ts'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createKey } from '../support/keys.ts'
import { createTestDatabase } from '../support/registry.ts'
import { startService } from '../support/service.ts'
import { startCanary } from './canary.ts'
import { ask, askAndForget, drip, lines, many, open, residentBytes, type Target } from './clients.ts'

const GROWTH_MAX = 150 * 1024 * 1024
const P99_MAX_MS = 500
const CALM_FACTOR = 10

t.setTimeout(240_000)
const url = await createTestDatabase(t)
const service = await startService(t, {
  DATABASE_URL: url,
  BOOTSTRAP_ADMIN_KEY: ADMIN_KEY,
  LOAD_EXAMPLE: 'true',
  LOG_LEVEL: 'error',
})
const { hostname, port } = new URL(service.address)
const target: Target = { host: hostname, port: Number(port), key: ADMIN_KEY }
const pid = service.process.pid as number

/** A convention whose document has some megabytes. */
const CAF = { key: 'caf', kind: 'caf', name: "Caf de l'Orne", territory: 'departement:61' }
const documentOf = (actions: number) => ({
  title: 'CTG',
  state: 'signed',
  caf: 'caf',
  organizations: [CAF],
  actions: Array.from({ length: actions }, (_, i) => ({
    key: `${i}`,
    title: 'Action',
    description: 'é'.repeat(3_000),
  })),
})
const padded = (text: string) => text + ' '.repeat(limits.documentBytes - Buffer.byteLength(text))
const largest = padded(
  JSON.stringify({
    ...documentOf(0),
    actions: documentOf(300).actions.map((one) => ({ ...one, context: 'x'.repeat(20_000) })),
  }),
)
const dryPath = '/v1/sources/attack/conventions/other?dryRun=true'
const largePath = '/v1/sources/attack/conventions/large'
const put = await ask(target, { method: 'PUT', path: largePath, body: JSON.stringify(documentOf(300)) })
if (put !== 201) throw new Error(`the document was answered ${put}`)
const db = openDatabase(url, { connections: 1 })
const { secret: slowKey } = await createKey(db, 'Slow', {}, new Date())
await closeDatabase(db)

let highest = 0
const watch = setInterval(() => {
  highest = Math.max(highest, residentBytes(pid))
}, 50)
t.teardown(() => clearInterval(watch))

/** What a day brings: the memory of a process that has just started is no measure, nor is that after a collection. */
for (let i = 0; i < 300; i++)
  await Promise.all(['/v1/conventions', '/v1/actions', '/v1/vocabularies', '/'].map((path) => ask(target, { path })))
for (let i = 0; i < 10; i++) await ask(target, { path: largePath })
for (let i = 0; i < 3; i++) await ask(target, { method: 'PUT', path: dryPath, body: largest })

const canary = startCanary(target)
t.teardown(() => canary.stop())
await sleep(2_000)
const before = highest
highest = 0
const calm = await canary.report()
/** On a machine that others use too even a calm service makes wait. */
const p99Max = Math.max(P99_MAX_MS, CALM_FACTOR * calm.p99)

t.test('before the attack', async (t) => {
  t.comment(`${megabytes(before)} MB at most, canary ${JSON.stringify(calm)}`)
  t.same(calm.failed, [])
})

/**
 * Runs an attack, and holds the canary against what it may wait. When it waited longer the attack is run once more: one
 * that hurts does so again, what else the machine did meanwhile does not.
 */
function attack(name: string, work: () => Promise<unknown>): void {
  t.test(name, async (t) => {
    const first = await watched(t, work)
    const seen = first.p99 < p99Max ? first : await watched(t, work)
    t.ok(seen.asked > 0 && seen.p99 < p99Max, `the canary waits ${Math.round(seen.p99)} ms at most (p99)`)
    t.same([...new Set([...first.failed, ...seen.failed])], [], 'the canary is always served')
    for (const socket of stuck.splice(0)) socket.destroy()
  })
}

/** What the canary met during an attack. */
async function watched(t: Test, work: () => Promise<unknown>) {
  await canary.report()
  await work()
  const seen = await canary.report()
  t.comment(`${megabytes(residentBytes(pid))} MB, canary ${JSON.stringify(seen)}`)
  return seen
}

const stuck: Socket[] = []
const stopping = new AbortController()
const post = (length: number) =>
  lines(
    'POST /v1/organizations HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${slowKey}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
  )
const slow = { ...target, from: '127.0.0.3' }
const slowHeaders: Socket[] = []
const slowBodies: Socket[] = []
let started = 0

attack('slow headers and bodies', async () => {
  slowHeaders.push(...(await many(500, slow)))
  slowBodies.push(...(await many(500, slow)))
  for (const socket of slowHeaders) socket.write('GET /v1/conventions HTTP/1.1\r\nHost: x\r\n')
  for (const socket of slowBodies) socket.write(post(10_000))
  void drip(slowHeaders, 'X: y\r\n', 1_000, stopping.signal)
  void drip(slowBodies, ' ', 1_000, stopping.signal)
  started = performance.now()
  await sleep(5_000)
})

attack('readers that read nothing of large documents, snapshots and streams', async () => {
  const paths = [
    largePath,
    '/v1/snapshot',
    '/v1/digest',
    '/v1/changes/stream?since=beginning',
    '/v1/changes?since=beginning&limit=1000',
  ]
  for (const path of paths)
    stuck.push(...(await Promise.all(Array.from({ length: 100 }, () => askAndForget(target, path)))))
  await sleep(5_000)
})

attack('5,000 connections', async () => {
  stuck.push(...(await many(5_000, target)))
  for (const [i, socket] of stuck.entries()) if (i % 2) socket.write('GET ')
  await sleep(3_000)
})

/** What is expected of each of the largest bodies, and what ten at once were answered; 0 is cut off. */
const answered: [status: number, answers: number[]][] = []

attack('the largest bodies: brackets, faults without end, and a document that is right', async () => {
  const bodies: [body: string, status: number][] = [
    [padded(`{"actions":[${'[],'.repeat(2_700_000)}0]}`), 400],
    [padded(`{"actions":[${'{"a":1},'.repeat(250_000)}0]}`), 400],
    [padded(`{"actions":[${'1,'.repeat(4_000_000)}0]}`), 400],
    [padded(`{"actions":[${'{"a":[0]},'.repeat(2_000)}0],"axes":[${'1,'.repeat(9_000)}0]}`), 422],
    [largest, 200],
  ]
  for (const [body, status] of [...bodies, ...bodies])
    answered.push([
      status,
      await Promise.all(Array.from({ length: 10 }, () => ask(target, { method: 'PUT', path: dryPath, body }))),
    ])
})

t.test('of ten of the largest bodies at once one or more are read, the others refused for a moment', async (t) => {
  for (const [status, answers] of answered) {
    t.ok(answers.includes(status), answers.join())
    t.same(
      answers.filter((one) => ![status, 429, 0].includes(one)),
      [],
    )
  }
})

attack('a flood of reads, of guessed keys and of pipelined requests', async () => {
  const until = performance.now() + 5_000
  const flood = async (i: number) => {
    while (performance.now() < until) {
      const other = { ...target, key: `ctg_${String(Math.random()).slice(2).padEnd(43, 'x')}` }
      await ask(other, { path: '/v1/conventions', isKeyed: i % 2 === 0 })
    }
  }
  const pipelining = async () => {
    const socket = await open(target)
    socket.resume()
    socket.write(lines('GET /v1/actions HTTP/1.1', 'Host: x').repeat(5_000))
    stuck.push(socket)
  }
  await Promise.all([...Array.from({ length: 20 }, (_, i) => flood(i)), pipelining(), pipelining()])
})

t.test('who sends too slowly is cut off in time', async (t) => {
  const left = limits.requestMs + limits.connectionsCheckMs * 2 + 3_000 - (performance.now() - started)
  await sleep(Math.max(0, left))
  stopping.abort()
  const alive = (sockets: Socket[]) =>
    sockets.filter(({ destroyed, readyState }) => !destroyed && readyState === 'open').length
  t.same([alive(slowHeaders), alive(slowBodies)], [0, 0])
})

t.test('the memory of the process did not grow beyond its bound', async (t) => {
  t.comment(`highest: ${megabytes(highest)} MB, ${megabytes(highest - before)} MB more than ordinary work`)
  t.ok(highest - before < GROWTH_MAX, `${megabytes(highest - before)} MB`)
  t.equal(await ask(target, { path: '/health/ready' }), 200)
})

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
