/** Migrations: who meets whom while they run, and which tables they refuse. */
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { limits } from '../../src/config.ts'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { serviceUrlOf } from '../../src/db/embedded/server.ts'
import { checkTables, migrate } from '../../src/db/migrations.ts'
import { createEmptyDatabase, createTestDatabase } from '../support/registry.ts'
import { spawnService } from '../support/service.ts'

t.test('two processes may migrate at once; a third time there is nothing to do', async (t) => {
  const url = await createEmptyDatabase(t)
  const [one, two] = await Promise.all([migrate(url), migrate(url)])
  t.ok(one.length > 0 !== two.length > 0, 'one of them does it all')
  t.same(await migrate(url), [])
})

t.test('a migration that meets a lock gives way and is tried again', async (t) => {
  const url = await createEmptyDatabase(t)
  const other = await makeTable(t, url, 'action')
  const delayed = Promise.withResolvers<string>()
  const migrating = migrate(url, { log: delayed.resolve })
  t.match(await delayed.promise, /^Migration \d+-resources met a lock .* is tried again \(attempt 1 of 5\)$/)
  await other.rollback().execute()
  t.ok((await migrating).length > 0)
  await checkTables(url)
})

t.test('a lock that stays ends the migration with a line that says what to do, and nothing is changed', async (t) => {
  const url = await createEmptyDatabase(t)
  const other = await makeTable(t, url, 'action')
  const lines: string[] = []
  const line = /^Migration \d+-resources needs a lock that another session keeps.*: end that session, .* start again\.$/
  await t.rejects(migrate(url, { lockMs: 100, log: (line) => lines.push(line) }), line)
  t.equal(lines.length, limits.migrationAttempts - 1)
  const { rows } = await sql`select tablename from pg_tables where tablename in ('commit', 'territory')`.execute(other)
  t.same(rows, [])
  await other.rollback().execute()
  t.ok((await migrate(url)).length > 0)
})

t.test('tables of before 0.1.0 are refused with one line that says what to do', async (t) => {
  const url = await createTestDatabase(t)
  const db = openDatabase(url, { connections: 1 })
  t.teardown(() => closeDatabase(db))
  await sql`delete from kysely_migration`.execute(db)
  const names = ['001-dates-and-order', '002-territories', '003-journal']
  await sql`insert into kysely_migration select name, '2026-01-01T00:00:00.000Z' from unnest(${names}::text[]) name`.execute(
    db,
  )
  const line =
    'The tables were made before version 0.1.0: they cannot be upgraded. Use an empty database (delete the folder DATA_DIR of the embedded one), then load your documents again with npm run load.'
  for (const DATABASE_URL of [url, serviceUrlOf(url)]) {
    const service = spawnService(t, { DATABASE_URL })
    t.equal(await service.ended, 1)
    t.equal(service.errors(), `ctg-registry: ${line}\n`)
  }
})

t.test('a server that cannot be reached and a database that is missing are said so', async (t) => {
  await t.rejects(migrate('postgres://nobody@127.0.0.1:1/nothing'), /The database cannot be used: .*ECONNREFUSED/)
  const missing = Object.assign(new URL(await createTestDatabase(t)), { pathname: '/missing' }).href
  await t.rejects(migrate(missing), /The database cannot be used: database "missing" does not exist/)
})

/** Another session that has made a table and not committed: whoever makes one of that name waits for it. */
async function makeTable(t: Test, url: string, name: string) {
  const db = openDatabase(url, { connections: 1, patienceMs: limits.migrationMs })
  t.teardown(() => closeDatabase(db))
  const transaction = await db.startTransaction().execute()
  await sql`create table ${sql.table(name)} ()`.execute(transaction)
  return transaction
}
