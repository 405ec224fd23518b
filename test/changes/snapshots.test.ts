/** Moments of the registry hold a connection each: whatever becomes of their readers, it is given back. */
import { getEventListeners, once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { operator } from '../../src/auth/caller.ts'
import { startHeadPoller } from '../../src/changes/head-poller.ts'
import { snapshotsOf } from '../../src/changes/snapshot/snapshot.ts'
import { limits } from '../../src/config.ts'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { loadExample } from '../../src/seed.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { documentOf, put } from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const CONNECTIONS = 6
const everything = { filter: {}, caller: operator }
const registry = await openRegistry(t, { connections: CONNECTIONS })
await loadExample(registry.db, registry.clock.now())
const { app, db, request } = registry
const address = new URL(await app.listen({ port: 0 }))

/** A reader who goes away once the request is sent, or at the first byte of the answer. */
const leave = (path: string, afterFirstByte: boolean) =>
  new Promise<void>((resolve) => {
    const asked = httpRequest({ host: address.hostname, port: address.port, path })
    asked.once('close', resolve).once('error', () => undefined)
    if (afterFirstByte) asked.once('response', (answer) => answer.once('data', () => asked.destroy()))
    else asked.once('finish', () => setImmediate(() => asked.destroy()))
    asked.end()
  })

/** Until all that was given up has been noticed. */
async function whole() {
  for (let tries = 0; tries < 100; tries++) {
    const asked = [{}, {}, { key: ADMIN_KEY }, { key: ADMIN_KEY }]
    const answers = await Promise.all(asked.map((options) => request('GET', '/v1/snapshot?minimal=true', options)))
    if (answers.every(({ status }) => status === 200)) return true
    await sleep(50)
  }
  return false
}

t.test('readers that want no body, or that go away, give their connection back', async (t) => {
  for (let i = 0; i < CONNECTIONS * 2; i++) t.equal((await request('HEAD', '/v1/snapshot')).status, 200)
  for (const path of ['/v1/snapshot', '/v1/digest']) {
    for (const afterFirstByte of [false, true]) {
      for (let i = 0; i < CONNECTIONS * 2; i++) await leave(path, afterFirstByte)
      t.ok(await whole(), `${path} ${afterFirstByte ? 'after the first byte' : 'before any'}`)
    }
  }
  t.equal((await request('GET', '/health/ready')).status, 200)
})

t.test('who waits for a snapshot is not idle', async (t) => {
  for (const path of ['/v1/snapshot', '/v1/digest']) {
    const { responded } = await db.transaction().execute(async (trx) => {
      await sql`lock table organization in access exclusive mode`.execute(trx)
      const connected = once(app.server, 'connection')
      const asked = httpRequest({ host: address.hostname, port: address.port, path, agent: false }).end()
      const responded = once(asked, 'response')
      responded.catch(() => undefined)
      const [socket] = await connected
      while (!(await isHeldUp())) await sleep(5)
      t.equal(socket.timeout, 0, path)
      return { responded }
    })
    const [response] = await responded
    t.equal(response.statusCode, 200, path)
    for await (const _ of response);
    t.ok(response.complete, `${path}: whole`)
  }
})

/** Whether somebody waits for a lock. */
async function isHeldUp(): Promise<boolean> {
  const { rows } = await sql`select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
  return rows.length > 0
}

t.test('few moments are open at once, fairly by caller, and leave room for all else', async (t) => {
  const moments = snapshotsOf(db)
  const open = (id: string) => moments.open(everything, { id, hasKey: false })
  const held = await Promise.all(Array.from({ length: limits.snapshotSlots }, () => open('one')))
  const begun: string[] = []
  const waiting = ['one', 'one', 'other'].map(async (id) => {
    const moment = await open(id)
    begun.push(id)
    await moment.close()
  })
  t.equal((await request('GET', '/v1/conventions')).status, 200)
  t.same(begun, [])
  await held[0]?.close()
  await held[0]?.close()
  await Promise.all(waiting)
  t.same(begun, ['one', 'other', 'one'])
  await Promise.all(held.map((moment) => moment.close()))
})

t.test('a reader that takes nothing of a snapshot keeps no connection of the database', async (t) => {
  const own = await openRegistry(t, { connections: 1 })
  const { port } = new URL(await own.app.listen({ port: 0 }))
  const actions = Array.from({ length: 380 }, (_, i) => ({ key: `${i}`, title: 'A', description: 'x'.repeat(20_000) }))
  for (const key of ['one', 'two', 'three']) t.equal((await put(own, key, documentOf({ actions }))).status, 201)
  const asked = httpRequest({ port, path: '/v1/snapshot' }).end()
  const [answer] = await once(asked, 'response')
  t.equal((await own.request('GET', '/v1/conventions')).status, 200, 'the only connection is free')
  answer.destroy()
  const { text } = await own.request('GET', '/v1/snapshot?types=action&minimal=true')
  const ids = text.match(/"id":"[^"]+"/g)
  t.equal(new Set(ids).size, 3 * actions.length, 'batches that end early miss nothing')
  t.equal(ids?.length, 3 * actions.length)
})

t.test('a moment may be read for longer than any other transaction', async (t) => {
  const hasty = openDatabase(`${registry.url}?options=-c%20transaction_timeout%3D200`, { connections: 1 })
  const moment = await snapshotsOf(hasty).open(everything, { id: 'one', hasKey: false })
  await sleep(400)
  t.equal((await Array.fromAsync(moment.contents())).length, 27)
  await moment.close()
  await closeDatabase(hasty)
})

t.test('who waited for a change leaves nothing behind', async (t) => {
  const poller = startHeadPoller(db)
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 50 }, () => poller.waitPast(Number.MAX_SAFE_INTEGER, 10, signal)))
  t.equal(getEventListeners(signal, 'abort').length, 0)
  const waiting = poller.waitPast(Number.MAX_SAFE_INTEGER, 60_000)
  poller.stop()
  await waiting
})
