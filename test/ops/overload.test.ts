/** Before it could only wait in vain a request is refused: the database away, the queue for it full. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { limits } from '../../src/config.ts'
import { closeDatabase, openDatabase, waitingForConnection } from '../../src/db/database.ts'
import { outcomeOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { openProxy } from '../support/proxy.ts'
import { createTestDatabase, openRegistry } from '../support/registry.ts'
import { startService } from '../support/service.ts'

t.test('while too many wait for a connection, one more is a 503 at once; health and pages are served', async (t) => {
  const { serving: db, request, url } = await openRegistry(t, { connections: 1 })
  const other = openDatabase(url, { connections: 1 })
  t.teardown(() => closeDatabase(other))
  await sql`select pg_advisory_lock(1)`.execute(other)
  const held = sql`select pg_advisory_lock(1)`.execute(db)
  const waiting = Array.from({ length: limits.poolWaiting }, () => sql`select 1`.execute(db))
  while (waitingForConnection(db) < limits.poolWaiting) await nextTurn()
  const answers = [await request('GET', '/v1/conventions'), await request('POST', '/v1/conventions', { body: {} })]
  t.same(answers.map(outcomeOf), ['503 overloaded', '503 overloaded'])
  t.same(
    answers.map(({ headers }) => headers['retry-after']),
    ['1', '1'],
  )
  t.equal(waitingForConnection(db), limits.poolWaiting, 'nobody was added to the queue')
  for (const path of ['/health/live', '/health/ready', '/', '/problems/overloaded'])
    t.equal((await request('GET', path)).status, 200, path)
  await sql`select pg_advisory_unlock(1)`.execute(other)
  await Promise.allSettled([held, ...waiting])
  t.equal((await request('GET', '/v1/conventions')).status, 200)
})

t.test('while the disk of the database is full a write is a 503 that says so, and reads are served', async (t) => {
  const { db, request } = await openRegistry(t)
  await sql`create function is_full() returns trigger language plpgsql as $$
    begin raise 'could not extend file "base/5/1259": No space left on device' using errcode = 'disk_full'; end $$`.execute(
    db,
  )
  await sql`create trigger is_full before insert on organization execute function is_full()`.execute(db)
  const body = { kind: 'caf', name: "Caf de l'Orne" }
  const answer = await request('POST', '/v1/organizations', { body, key: ADMIN_KEY })
  t.equal(outcomeOf(answer), '503 unavailable')
  t.equal(answer.body.detail, 'The disk of the database is full; nothing was changed.')
  t.ok(Number(answer.headers['retry-after']) > 1, 'it is not emptied in a second')
  t.equal((await request('GET', '/v1/organizations')).status, 200)
})

t.test('the database away: 503s, live and not ready, and back by itself', async (t) => {
  const proxy = await openProxy(t, await createTestDatabase(t))
  const service = await startService(t, { DATABASE_URL: proxy.url })
  const ask = async (path: string) => {
    const answer = await fetch(service.address + path)
    const { detail } = (await answer.json()) as { detail?: string }
    return { status: answer.status, words: `${answer.status} ${answer.headers.get('retry-after')} ${detail}` }
  }
  const until = async (path: string, status: number) => {
    while ((await ask(path)).status !== status) await sleep(20)
  }
  for (const [away, back] of [
    [proxy.swallow, proxy.heal],
    [proxy.refuse, proxy.heal],
  ] as const) {
    t.equal((await ask('/v1/conventions')).status, 200)
    away()
    await until('/health/ready', 503)
    await until('/v1/vocabularies', 503)
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask('/v1/conventions')))
    const refused = '503 1 The database cannot be reached; nothing was changed.'
    t.same(new Set(answers.map(({ words }) => words)), new Set([refused]))
    t.same([(await ask('/health/live')).status, (await ask('/health/ready')).status], [200, 503])
    back()
    await until('/v1/vocabularies', 200)
    await until('/health/ready', 200)
  }
  while (!/the database is there again/.test(service.output())) await sleep(20)
  t.match(service.output(), /the database is away/)
})
