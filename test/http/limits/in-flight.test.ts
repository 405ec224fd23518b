/** What a caller uses of the service at once leaves a share for others, whatever it announces and however slow it is. */
import { once } from 'node:events'
import http from 'node:http'
import { PassThrough } from 'node:stream'
import { buffer, json } from 'node:stream/consumers'
import { mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import t from 'tap'
import { limits } from '../../../src/config.ts'
import { readBody } from '../../../src/http/input/body-reader.ts'
import { cutSlowReader } from '../../../src/http/limits/slow-readers.ts'
import { apiOf, outcomeOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { documentOf } from '../../support/documents.ts'
import { createKey } from '../../support/keys.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t, { connections: 2 * limits.writeSlots.perCaller })
const { app, db, request } = registry
const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
const path = '/v1/sources/s/conventions/k?dryRun=true'

async function editor(name: string, of?: string) {
  const organizationId = of ?? (await apiOf(registry).create('/organizations', { kind: 'caf', name })).id
  const { secret } = await createKey(db, name, { role: 'editor', organizationId })
  return { secret, organizationId }
}

/** Sends the headers of a document and so many bytes of the 8 MB that they announce. */
async function begin(secret: string, bytes: number): Promise<http.ClientRequest> {
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    'content-length': String(limits.documentBytes),
    expect: '100-continue',
  }
  const asked = http.request({ port, path, method: 'PUT', headers, agent: false })
  asked.on('error', () => undefined).flushHeaders()
  await once(asked, 'continue')
  asked.write(' '.repeat(bytes))
  return asked
}

/** Begins as many changes of a site as one caller may have at once, and cuts their connections. */
async function leave(id: string, { secret }: { secret: string }): Promise<void> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'if-match': '*' }
  const begun = Array.from({ length: limits.writeSlots.perCaller }, () =>
    http
      .request({ port, path: `/v1/service-sites/${id}`, method: 'PATCH', headers, agent: false })
      .on('error', () => undefined),
  )
  for (const one of begun) one.end('{"name":"Lieu"}')
  await sleep(200)
  for (const one of begun) one.destroy()
}

/** Until so many statements wait for a lock. */
async function whenWaiting(count: number): Promise<void> {
  const waiting = () =>
    sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
  while (((await waiting()).rows[0]?.n ?? 0) < count) await sleep(10)
}

t.test('bodies count as they arrive: those that were only announced keep nobody out', async (t) => {
  const { secret, organizationId } = await editor('Slow')
  const { secret: second } = await editor('Slow', organizationId)
  const begun = await Promise.all([secret, second, secret, second].map((key) => begin(key, 1_000)))
  const body = JSON.stringify(documentOf()) + ' '.repeat(300_000)
  t.equal(outcomeOf(await request('PUT', path, { key: ADMIN_KEY, body })), '201')
  t.equal(
    outcomeOf(await request('PUT', path, { key: secret, body })),
    '403 forbidden',
    'it was read: its Caf is another',
  )
  for (const one of begun) one.destroy()
})

t.test('the keys of one organization share one part of what is there', async (t) => {
  const { secret, organizationId } = await editor('Greedy')
  const { secret: second } = await editor('Greedy', organizationId)
  const part = limits.bodiesBytes.perCaller / 2
  const begun = [await begin(secret, part), await begin(second, part)]
  const third = await begin(second, 100_000)
  const [refused] = await Promise.race([...begun, third].map((one) => once(one, 'response')))
  t.equal(refused.statusCode, 429)
  for (const one of [...begun, third]) one.destroy()
})

t.test('the addresses of one network share one part, and another network has its own', async (t) => {
  const { next } = (await request('GET', '/v1/changes')).body
  const poll = async (remoteAddress: string, wait = 30) =>
    await app.inject({ url: `/v1/changes?since=${next}&wait=${wait}`, remoteAddress })
  const { perCaller } = limits.longPolls
  const polls = Array.from({ length: perCaller }, (_, i) => poll(`10.0.0.${i}`))
  while ((await poll('10.0.0.200', 1)).statusCode !== 429) await sleep(10)
  t.equal((await poll('10.0.1.1', 1)).statusCode, 200)
  const six = Array.from({ length: perCaller }, (_, i) => poll(`2001:db8:0:${i}::1`))
  while ((await poll('2001:db8:0:ffff::1', 1)).statusCode !== 429) await sleep(10)
  t.equal((await poll('2001:db8:1::1', 1)).statusCode, 200)
  const headers = { authorization: `Bearer ${ADMIN_KEY}` }
  t.equal((await app.inject({ url: '/v1/changes', headers, remoteAddress: '10.0.0.1' })).statusCode, 200)
  await apiOf(registry).create('/organizations', { kind: 'association', name: 'Wakes them' })
  await Promise.all([...polls, ...six])
})

t.test('writes of one caller that wait for a lock leave connections for the writes and reads of others', async (t) => {
  const [greedy, other] = [await editor('Waits'), await editor('Goes on')]
  const make = async ({ secret }: typeof greedy) =>
    (await request('POST', '/v1/service-sites', { key: secret, body: { name: 'Lieu' } })).body.id as string
  const patch = (id: string, { secret }: typeof greedy) =>
    request('PATCH', `/v1/service-sites/${id}`, {
      key: secret,
      headers: { 'if-match': '*' },
      body: { name: `Lieu ${Math.random()}` },
    })
  const [wanted, own] = [await make(greedy), await make(other)]
  let waiting: ReturnType<typeof patch>[] = []
  await db.transaction().execute(async (trx) => {
    await trx.selectFrom('service_site').where('id', '=', wanted).forUpdate().execute()
    waiting = Array.from({ length: 2 * limits.poolConnections }, () => patch(wanted, greedy))
    await whenWaiting(limits.writeSlots.perCaller)
    // Clients who leave make no room for more of their writes.
    for (let round = 0; round < 3; round++) await leave(wanted, greedy)
    t.equal(outcomeOf(await patch(own, other)), '200')
    t.equal(outcomeOf(await request('GET', `/v1/service-sites/${own}`)), '200')
  })
  await Promise.all(waiting)
})

t.test(
  'answers that a caller does not read keep no other caller from reading, and count until they have gone',
  async (t) => {
    const { secret, organizationId } = await editor('Reads nothing')
    const { secret: second } = await editor('Reads nothing', organizationId)
    const { secret: other } = await editor('Reads')
    const prose = 'é'.repeat(20_000)
    const actions = Array.from({ length: 40 }, (_, i) => {
      return { key: `${i}`, title: 'A', objective: prose, description: prose, context: prose, expectedResults: prose }
    })
    const large = '/v1/sources/s/conventions/large'
    const body = { ...documentOf({ actions }), state: 'signed' }
    t.equal(outcomeOf(await request('PUT', large, { key: ADMIN_KEY, body })), '201')
    // More than a connection takes by itself, and more than half of what one caller may leave unread.
    const read = async (key: string) => {
      const headers = { authorization: `Bearer ${key}`, 'accept-encoding': 'identity' }
      const [answer] = await once(http.get({ port, path: large, headers, agent: false }), 'response')
      return answer as http.IncomingMessage
    }
    const unread = await read(secret)
    t.equal(unread.statusCode, 200)
    const refused = await read(second)
    t.match(await json(refused), { status: 429, detail: /answers that were not read/ })
    t.equal(outcomeOf(await request('GET', '/v1/conventions', { key: second })), '200', 'what is small is answered')
    t.equal(outcomeOf(await request('GET', large, { key: other })), '200')
    unread.destroy()
    while ((await readWhole(await read(second))) !== 200) await sleep(20)
  },
)

async function readWhole(answer: http.IncomingMessage): Promise<number | undefined> {
  await buffer(answer)
  return answer.statusCode
}

t.test('a body that comes too slowly is cut off', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const { bytesPerSecond, checkMs } = limits.slowPeers
  const asked = { headers: {}, routeOptions: { bodyLimit: limits.documentBytes } } as FastifyRequest
  const payload = new PassThrough()
  const read = readBody(asked, payload)
  payload.write(Buffer.alloc((bytesPerSecond * checkMs) / 1_000))
  await once(payload, 'data')
  mock.timers.tick(checkMs)
  payload.write(Buffer.alloc(1))
  await once(payload, 'data')
  mock.timers.tick(checkMs)
  await t.rejects(read, /less than 8192 bytes a second/)
})

t.test('a reader that takes too little of an answer while more is waiting is cut off', async (t) => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { bytesPerSecond, checkMs } = limits.slowPeers
  const socket = { bytesWritten: 0, writableLength: 0 }
  const answer = (bytes?: number) => {
    const raw = Object.assign(new PassThrough(), { socket })
    cutSlowReader({ raw, request: { raw: { socket } } } as unknown as FastifyReply, bytes)
    return raw
  }
  const stream = answer()
  mock.timers.tick(checkMs * 10)
  t.notOk(stream.destroyed, 'nothing waits')
  socket.writableLength = 1
  // As the network takes it: much at once, then nothing for long.
  for (let i = 0; i < 10; i++) {
    socket.bytesWritten += limits.burstBytes
    mock.timers.tick((limits.burstBytes / bytesPerSecond) * 1_000)
  }
  t.notOk(stream.destroyed, 'it is read at the rate')
  mock.timers.tick(2 * checkMs)
  t.ok(stream.destroyed, 'what was read long ago counts no more')
  const whole = answer(bytesPerSecond)
  mock.timers.tick(checkMs + 999)
  t.notOk(whole.destroyed)
  mock.timers.tick(1)
  t.ok(whole.destroyed)
})
