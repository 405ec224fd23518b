/**
 * Brings the tables to the state that this version of the service needs. All missing migrations run in one
 * transaction under one lock: processes that start together wait for each other, and a failure leaves nothing behind.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import { limits } from '../config.ts'
import { closeDatabase, type Database, openDatabase } from './database.ts'
import { classify } from './errors.ts'
import { grantService, SERVICE_GROUP } from './roles.ts'

const OLDEST_SERVER = 18
const EXTENSION = 'btree_gist'
const migrationFolder = path.join(import.meta.dirname, '../../migrations')

const provider = new FileMigrationProvider({ fs, path, migrationFolder })

/**
 * The names of the migrations that were run; an empty list if there was nothing to do. Throws an Error that names the
 * migration at fault, or says what is wrong with the server.
 */
export async function migrate(url: string): Promise<string[]> {
  // A pool of its own: building an index may take longer than any request may.
  const db = openDatabase(url, { connections: 2, patienceMs: limits.migrationMs })
  try {
    await checkServer(db)
    const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest()
    const failed = results.find(({ status }) => status === 'Error')
    if (failed) throw new Error(`Migration ${failed.migrationName} failed: ${messageOf(error)}`, { cause: error })
    if (error) throw new Error(`The tables do not fit this version: ${messageOf(error)}`, { cause: error })
    await grantService(db, { isChanged: results.length > 0 })
    return results.map(({ migrationName }) => migrationName)
  } finally {
    await closeDatabase(db)
  }
}

/** Whether the role of this URL may migrate: it owns the tables, or may make them where there are none. */
export async function mayMigrate(url: string): Promise<boolean> {
  const db = openDatabase(url, { connections: 1 })
  try {
    await checkServer(db)
    const { rows } = await sql<{ may: boolean }>`
      select coalesce(
        (select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass('kysely_migration')),
        has_schema_privilege(current_schema(), 'create')) as may`.execute(db)
    return rows[0]?.may === true
  } finally {
    await closeDatabase(db)
  }
}

/** Throws an Error with a clear line unless the role of this URL may serve, and the tables are those of this version. */
export async function checkTables(url: string): Promise<void> {
  const db = openDatabase(url, { connections: 1 })
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
    const known = Object.keys(await provider.getMigrations()).sort()
    const there = rows.map(({ name }) => name)
    if (known.some((name) => !there.includes(name)))
      throw new Error(`The tables are older than this version: ${REMEDY}`)
    if (there.some((name) => !known.includes(name)))
      throw new Error('The tables are of a later version of the service.')
  } catch (error) {
    throw refusalOf(error)
  } finally {
    await closeDatabase(db)
  }
}

const REMEDY = 'run npm run migrate with the role that owns them in MIGRATE_DATABASE_URL.'

function refusalOf(error: unknown): unknown {
  const sqlstate = classify(error)?.sqlstate
  if (sqlstate === '42P01') return new Error(`The tables are not there yet: ${REMEDY}`)
  const remedy = `grant ${SERVICE_GROUP} to it; if there is no such role, create it as an administrator of the server (create role ${SERVICE_GROUP} nologin) and run npm run migrate again`
  if (sqlstate === '42501') return new Error(`The role of DATABASE_URL may not read the tables: ${remedy}.`)
  return error
}

async function checkServer(db: Database) {
  const settings = sql<{ version: string; encoding: string; extensible: boolean }>`
    select current_setting('server_version') as version, current_setting('server_encoding') as encoding,
      exists (select from pg_available_extensions where name = ${EXTENSION}) as extensible`
  const { rows } = await settings.execute(db).catch((cause) => {
    throw new Error(`The database cannot be used: ${messageOf(cause)}`, { cause })
  })
  const { version = '', encoding, extensible } = rows[0] ?? {}
  if (Number.parseInt(version, 10) < OLDEST_SERVER)
    throw new Error(`Postgres ${OLDEST_SERVER} or later is needed; this server is ${version}.`)
  if (encoding !== 'UTF8') throw new Error(`A database in UTF8 is needed; this one is in ${encoding}.`)
  if (!extensible)
    throw new Error(`Postgres needs the extension ${EXTENSION}, of its contrib package (postgresql-contrib).`)
}

/** Errors of several addresses tried at once have no message of their own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
