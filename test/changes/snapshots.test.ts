/** Moments of the registry hold a connection each: whatever becomes of their readers, it is given back. */
import { getEventListeners } from 'node:events'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { operator } from '../../src/auth/caller.ts'
import { startWaker } from '../../src/changes/head-poller.ts'
import { momentsOf } from '../../src/changes/snapshot.ts'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { loadExample } from '../../src/seed.ts'
import { ADMIN_KEY } from '../support/config.ts'
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

t.test(
  'more than four at once, or two of one caller, are refused for a moment, and leave room for all else',
  async (t) => {
    const moments = momentsOf(db)
    const held = await Promise.all(['one', 'one', 'other', 'other'].map((caller) => moments.open(everything, caller)))
    await t.rejects(moments.open(everything, 'third'), /There are too many snapshots/)
    await t.rejects(moments.open(everything, 'one'), /You have too many snapshots/)
    t.equal((await request('GET', '/v1/conventions')).status, 200)
    await held[0]?.close()
    await held[0]?.close()
    const next = await moments.open(everything, 'one')
    await t.rejects(moments.open(everything, 'third'), 'closed twice it counts once')
    await Promise.all([next, ...held].map((moment) => moment.close()))
  },
)

t.test('a moment may be read for longer than any other transaction', async (t) => {
  const hasty = openDatabase(`${registry.url}?options=-c%20transaction_timeout%3D200`, { connections: 1 })
  const moment = await momentsOf(hasty).open(everything, 'one')
  await sleep(400)
  t.equal((await Array.fromAsync(moment.contents())).length, 27)
  await moment.close()
  await closeDatabase(hasty)
})

t.test('who waited for a change leaves nothing behind', async (t) => {
  const waker = startWaker(db)
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 50 }, () => waker.beyond(Number.MAX_SAFE_INTEGER, 10, signal)))
  t.equal(getEventListeners(signal, 'abort').length, 0)
  const waiting = waker.beyond(Number.MAX_SAFE_INTEGER, 60_000)
  waker.stop()
  await waiting
})
