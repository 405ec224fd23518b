/**
 * Postgres clusters of a test's own, for what happens to whole databases: kept on disk as in earnest, killed, copied
 * while they are stopped, dumped table by table and loaded elsewhere.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { Test } from 'tap'
import { closeDatabase, type Database, openDatabase } from '../../src/db/database.ts'
import { findPostmaster } from '../../src/db/embedded/postmaster.ts'
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded/server.ts'
import { migrate } from '../../src/db/migrations.ts'

export interface Cluster {
  dataDir: string
  server: EmbeddedServer
}

/** What was answered is on disk, as in earnest; the rest is small, for it is thrown away. */
const settings = { fsync: 'off', max_connections: '30', shared_buffers: '16MB' }

/** A new folder that the server may enter; removed with the test, and a server that a failed test left in it ends. */
export async function newFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ctg-registry-'))
  await chmod(folder, 0o755)
  t.teardown(async () => {
    const left = await findPostmaster(path.join(folder, 'postgres-18'))
    if (left !== null) process.kill(left, 'SIGQUIT')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return folder
}

/** A cluster in a folder, started, migrated and stopped with the test. */
export async function startCluster(t: Test, dataDir: string): Promise<Cluster> {
  const server = await startEmbedded({ dataDir, settings })
  t.teardown(() => server.stop())
  await migrate(server.url)
  return { dataDir, server }
}

/** A cold backup: the folder of a cluster that is stopped, as it is. */
export async function copyOf(t: Test, dataDir: string): Promise<string> {
  const copy = await newFolder(t)
  // By a program that keeps the owner: the server runs as another user than root.
  await promisify(execFile)('cp', ['-a', `${dataDir}/.`, copy])
  return copy
}

/** The process of the server of a cluster that runs. */
export async function postmasterOf(dataDir: string): Promise<number> {
  const [pid] = (await readFile(path.join(dataDir, 'postgres-18/postmaster.pid'), 'utf8')).split('\n')
  return Number(pid)
}

/** Ends the server of a cluster at once, as a crash does: what it had not written is recovered from its log. */
export async function crash({ dataDir, server }: Cluster): Promise<void> {
  const pid = await postmasterOf(dataDir)
  process.kill(pid, 'SIGKILL')
  for (let isThere = true; isThere; ) {
    await sleep(50)
    try {
      process.kill(pid, 0)
    } catch {
      isThere = false
    }
  }
  await server.stop()
}

/** A complete dump of a database and its load into another one, freshly migrated: every row, the sequences too. */
export async function dumpAndLoad(t: Test, from: string, to: string): Promise<void> {
  const folder = await newFolder(t)
  await chmod(folder, 0o777)
  await onDatabase(from, async (source) => {
    await onDatabase(to, async (target) => {
      const tables = await tablesOf(source)
      for (const { name, columns } of tables)
        await sql`copy ${sql.table(name)} (${sql.raw(columns)}) to ${sql.lit(path.join(folder, name))}`.execute(source)
      await target.transaction().execute(async (trx) => {
        // As the programs of Postgres load a dump: no function may rely on the search path.
        await sql`set local search_path = ''`.execute(trx)
        for (const { name } of tables) {
          // No trigger of the journal may take the load for changes.
          await sql`alter table ${there(name)} disable trigger all`.execute(trx)
          await sql`delete from ${there(name)}`.execute(trx)
        }
        for (const { name, columns } of tables)
          await sql`copy ${there(name)} (${sql.raw(columns)}) from ${sql.lit(path.join(folder, name))}`.execute(trx)
        for (const { name, triggers } of tables)
          for (const { trigger, firing } of triggers)
            await sql.raw(`alter table public."${name}" enable ${firing} trigger "${trigger}"`).execute(trx)
        for (const [table, column] of [
          ['commit', 'tx'],
          ['change', 'seq'],
        ] as const)
          await sql`select setval(pg_get_serial_sequence(${`public.${table}`}, ${column}), (select max(${sql.ref(column)}) from ${there(table)}))`.execute(
            trx,
          )
      })
    })
  })
}

const there = (name: string) => sql.table(`public.${name}`)

interface DumpedTable {
  name: string
  /** Those that are not generated, quoted and separated by commas. */
  columns: string
  triggers: { trigger: string; firing: string }[]
}

async function tablesOf(db: Database): Promise<DumpedTable[]> {
  const { rows } = await sql<DumpedTable>`
    select c.relname as name,
      (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      coalesce((select json_agg(json_build_object('trigger', g.tgname, 'firing', case g.tgenabled when 'A' then 'always' else '' end))
        from pg_trigger g where g.tgrelid = c.oid), '[]') as triggers
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'kysely%'`.execute(
    db,
  )
  return rows
}

async function onDatabase(url: string, work: (db: Database) => Promise<void>): Promise<void> {
  const db = openDatabase(url, { connections: 1, patienceMs: 60_000 })
  try {
    await work(db)
  } finally {
    await closeDatabase(db)
  }
}
