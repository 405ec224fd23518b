import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { closeDatabase, type Database, openDatabase, waitingForConnection } from '../../src/db/database.ts'
import { classify } from '../../src/db/errors.ts'
import { inTransaction, OutcomeUnknown } from '../../src/db/transaction.ts'
import { openProxy } from '../support/proxy.ts'
import { createTestDatabase } from '../support/registry.ts'

const origin = { actor: 'somebody', requestId: 'a-request', source: null }
const nobody = { actor: null, requestId: null, source: null }

const backend = async (db: Database) => Number(await one(db, sql`select pg_backend_pid() as value`))
const kill = (db: Database, pid: number) => one(db, sql`select pg_terminate_backend(${pid}) as value`)
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  )
const kindOf = (error: unknown) => classify(error)?.kind

const url = await createTestDatabase(t)

t.test('a backend killed inside a transaction fails that transaction only', async (t) => {
  const db = open(t, url, 2)
  const work = inTransaction(db, nobody, async (trx) => {
    await kill(db, await backend(trx))
    await sql`select pg_sleep(60)`.execute(trx)
  })
  t.equal(kindOf(await failure(work)), 'connection-lost')
  t.same(await one(db, sql`select 1 as value`), 1)
})

t.test('idle connections that were killed are replaced without anybody noticing', async (t) => {
  const lost = Promise.withResolvers<Error>()
  const db = openDatabase(url, { connections: 1, onConnectionLost: lost.resolve })
  t.teardown(() => closeDatabase(db))
  const other = open(t, url, 1)
  await kill(other, await backend(db))
  await lost.promise
  t.same(await one(db, sql`select 1 as value`), 1)
})

t.test('connections that a dead network swallowed do not stay in the pool', async (t) => {
  const proxy = await openProxy(t, url)
  const db = openDatabase(proxy.url, { connections: 2, patienceMs: 2_000 })
  t.teardown(() => closeDatabase(db))
  await Promise.all([one(db, sql`select pg_sleep(0.05)`), one(db, sql`select pg_sleep(0.05)`)])
  proxy.swallow()
  const swallowed = await Promise.all([failure(one(db, sql`select 1`)), failure(one(db, sql`select 1`))])
  t.same(swallowed.map(kindOf), ['connection-lost', 'connection-lost'])
  proxy.heal()
  for (let query = 1; query <= 4; query++) t.same(await one(db, sql`select 1 as value`), 1, `query ${query}`)
})

t.test('a reset network fails what is running and nothing after it', async (t) => {
  const proxy = await openProxy(t, url)
  const db = open(t, proxy.url, 2)
  const running = failure(one(db, sql`select pg_sleep(60)`))
  await isRunning(open(t, url, 1), 'select pg_sleep(60)')
  proxy.cut()
  t.equal(kindOf(await running), 'connection-lost')
  t.same(await one(db, sql`select 1 as value`), 1)
})

t.test('a connection lost while committing leaves the outcome unknown', async (t) => {
  const proxy = await openProxy(t, url)
  const db = open(t, proxy.url, 1)
  const work = inTransaction(db, nobody, async (trx) => {
    await sql`select 1`.execute(trx)
    // The statement has been answered: what is cut now is the COMMIT.
    setImmediate(proxy.cut)
  })
  t.ok((await failure(work)) instanceof OutcomeUnknown)
})

t.test('a transaction tells the journal on whose behalf it writes, and only that transaction', async (t) => {
  const db = open(t, url, 1)
  const told = sql`select array[current_setting('registry.actor', true), current_setting('registry.request', true),
    current_setting('registry.source', true)] as value`
  t.same(await inTransaction(db, origin, (trx) => one(trx, told)), ['somebody', 'a-request', ''])
  t.same(await one(db, told), ['', '', ''])
})

t.test('two transactions that deadlock both succeed, for the victim is tried again', async (t) => {
  const db = open(t, url, 4)
  await sql`create table pair as select number, 0 as written from generate_series(1, 2) number`.execute(db)
  let attempts = 0
  let written = 0
  const both = Promise.withResolvers<void>()
  const write = (first: number, second: number) =>
    inTransaction(db, nobody, async (trx) => {
      attempts++
      await sql`update pair set written = written + 1 where number = ${first}`.execute(trx)
      written++
      if (written === 2) both.resolve()
      await both.promise
      await sql`update pair set written = written + 1 where number = ${second}`.execute(trx)
    })
  await Promise.all([write(1, 2), write(2, 1)])
  t.ok(attempts > 2, `${attempts} attempts`)
  t.same(await one(db, sql`select array_agg(written) as value from pair`), [2, 2])
})

t.test('what fails in a transaction for another reason is rolled back and not tried again', async (t) => {
  const db = open(t, url, 1)
  await sql`create table kept (number int constraint kept_positive check (number > 0))`.execute(db)
  let attempts = 0
  const work = inTransaction(db, nobody, async (trx) => {
    attempts++
    await sql`insert into kept values (1)`.execute(trx)
    await sql`insert into kept values (${-1})`.execute(trx)
  })
  const error = await failure(work)
  t.match(classify(error), { kind: 'constraint', sqlstate: '23514', constraint: 'kept_positive', table: 'kept' })
  t.equal(attempts, 1)
  t.equal(await one(db, sql`select count(*) as value from kept`), '0')
})

t.test('a prepared statement survives a change of its table: it fails once at most', async (t) => {
  const db = open(t, url, 1)
  await sql`create table wide (a int)`.execute(db)
  await sql`select * from wide`.execute(db)
  await sql`alter table wide add b int`.execute(db)
  await sql`select * from wide`.execute(db).catch((error) => t.equal(kindOf(error), 'connection-lost'))
  t.same((await sql`select * from wide`.execute(db)).rows, [])
})

t.test('days and instants stay text, alone and in lists', async (t) => {
  const db = open(t, url, 1)
  t.equal(await one(db, sql`select date '2022-01-01' as value`), '2022-01-01')
  t.same(await one(db, sql`select array[date '2022-01-01'] as value`), ['2022-01-01'])
  t.equal(
    await one(db, sql`select timestamptz '2022-01-01T00:00:00.123456Z' as value`),
    '2022-01-01 00:00:00.123456+00',
  )
  t.equal(await one(db, sql`select 9007199254740993 as value`), '9007199254740993')
})

t.test('sessions have every time limit', async (t) => {
  const db = open(t, url, 1)
  const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout']
  for (const name of names) t.not(await one(db, sql`select current_setting(${name}) as value`), '0', name)
})

t.test('who waits for a connection is counted, and gives up in time', async (t) => {
  const db = open(t, url, 1)
  const other = open(t, url, 1)
  await sql`select pg_advisory_lock(1)`.execute(other)
  const holding = one(db, sql`select pg_advisory_lock(1)::text as value`)
  const waiting = one(db, sql`select 1 as value`)
  while (waitingForConnection(db) < 1) await nextTurn()
  t.equal(waitingForConnection(db), 1)
  await sql`select pg_advisory_unlock(1)`.execute(other)
  await Promise.all([holding, waiting])
  t.equal(waitingForConnection(db), 0)
})

t.test('errors of the database are told apart', async (t) => {
  const db = open(t, url, 2)
  const text = 'a\0b'
  t.equal(kindOf(await failure(one(db, sql`select ${text}::text`))), 'invalid-text')
  t.equal(kindOf(await failure(one(db, sql`select 1 / ${0}::int`))), 'invalid-value')
  t.equal(kindOf(await failure(one(db, sql`select no_such_column`))), 'defect')
  t.equal(kindOf(await failure(one(db, sql`set statement_timeout = 20; select pg_sleep(1)`))), 'timeout')
  const nowhere = open(t, 'postgres://nobody@127.0.0.1:1/nothing', 1)
  t.equal(kindOf(await failure(one(nowhere, sql`select 1`))), 'unavailable')
  t.equal(classify(new Error('another')), null)
  t.equal(classify(null), null)
})

function open(t: Test, url: string, connections: number): Database {
  const db = openDatabase(url, { connections })
  t.teardown(() => closeDatabase(db))
  return db
}

async function one(db: Database, query: ReturnType<typeof sql>): Promise<unknown> {
  const { rows } = await query.execute(db)
  return (rows[0] as { value?: unknown }).value
}

/** Waits until another connection runs this statement. */
async function isRunning(db: Database, statement: string): Promise<void> {
  const query = sql`select count(*)::int as value from pg_stat_activity
    where state = 'active' and query = ${statement} and datname = current_database()`
  while ((await one(db, query)) === 0);
}
