/**
 * Migrations: they bring the tables to the state that this version of the service needs. All missing ones run in one
 * transaction under one lock: processes that start together wait for each other, and a failure leaves nothing behind.
 * Requests queue behind a migration that waits for a lock on a table: it gives up soon, lets them pass and tries again.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import { limits } from '../config.ts'
import { closeDatabase, type Database, openDatabase } from './database.ts'
import { classify, messageOf } from './errors.ts'
import { grantService, SERVICE_GROUP } from './roles.ts'
import { NotReady } from './waiting.ts'

const OLDEST_SERVER = 18
/** Trusted ones: the owner of a database may create them without being a superuser. */
const EXTENSIONS = ['btree_gist', 'cube', 'fuzzystrmatch', 'pg_trgm', 'unaccent']
const migrationFolder = path.join(import.meta.dirname, '../../migrations')

const provider = new FileMigrationProvider({ fs, path, migrationFolder })

interface MigrateOptions {
  /** Receives a line when a lock of another session delays the migration. */
  log?: (message: string) => void
  /** How long a statement waits for a lock, in milliseconds. */
  lockMs?: number
}

/**
 * The names of the migrations that were run; an empty list if there was nothing to do. Throws an Error with a line that
 * names the migration that fails, or says what is wrong with the tables, with the server or with another session.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const { lockMs = limits.migrationLockMs, log = () => undefined } = options
  // A pool of its own: building an index may take longer than any request may.
  const db = openDatabase(url, { connections: 2, patienceMs: limits.migrationMs, lockMs })
  try {
    await checkServer(db)
    const names = await runMigrations(db, { lockMs, log })
    await grantService(db, { isChanged: names.length > 0 })
    return names
  } finally {
    await closeDatabase(db)
  }
}

async function runMigrations(db: Database, { lockMs, log }: Required<MigrateOptions>): Promise<string[]> {
  const migrator = new Migrator({ db, provider })
  for (let attempt = 1; ; attempt++) {
    const { error, results = [] } = await migrator.migrateToLatest()
    if (!error) return results.map(({ migrationName }) => migrationName)
    const failed = results.find(({ status }) => status === 'Error')
    const name = failed ? `Migration ${failed.migrationName}` : 'A migration'
    if (!isBlocked(error)) {
      // An error of the library, not of the database: it refuses what it does not know.
      if (classify(error) === null) checkHistory(await readHistory(db))
      throw new Error(`${name} failed: ${messageOf(error)}`, { cause: error })
    }
    if (attempt === limits.migrationAttempts) throw new Error(`${name} ${BLOCKED}`, { cause: error })
    log(`${name} met a lock of another session and is tried again (attempt ${attempt} of ${limits.migrationAttempts})`)
    await sleep(lockMs * 2 ** (attempt - 2))
  }
}

/** Whether an error came from the locks of another session, so that the same may succeed later. */
function isBlocked(error: unknown): boolean {
  const kind = classify(error)?.kind
  return kind === 'lock-timeout' || kind === 'serialization'
}

const BLOCKED =
  'needs a lock that another session keeps, and nothing was changed: end that session, such as a backup, then start again.'

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
    const history = await readHistory(db)
    checkHistory(history)
    if (history.isBehind) throw new Error(`The tables are older than this version: ${REMEDY}`)
  } catch (error) {
    throw refusalOf(error)
  } finally {
    await closeDatabase(db)
  }
}

interface History {
  /** Migrations of this version were not run. */
  isBehind: boolean
  /** Migrations were run that this version does not have. */
  isForeign: boolean
}

async function readHistory(db: Database): Promise<History> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  const ours = Object.keys(await provider.getMigrations())
  const run = rows.map(({ name }) => name)
  return { isBehind: ours.some((name) => !run.includes(name)), isForeign: run.some((name) => !ours.includes(name)) }
}

/** Throws an Error with a clear line if this version cannot upgrade the tables. */
function checkHistory({ isBehind, isForeign }: History): void {
  // Released migrations are frozen: only those of before 0.1.0 have other names.
  if (isForeign && isBehind) throw new Error(`The tables were made before version 0.1.0: ${BEGIN_ANEW}`)
  if (isForeign) throw new Error('The tables are of a later version of the service.')
}

const REMEDY = 'run npm run migrate with the role that owns them in MIGRATE_DATABASE_URL.'
const BEGIN_ANEW =
  'they cannot be upgraded. Use an empty database (delete the folder DATA_DIR of the embedded one), then load your documents again with npm run load.'

function refusalOf(error: unknown): unknown {
  const sqlstate = classify(error)?.sqlstate
  if (sqlstate === '42P01') return new Error(`The tables are not there yet: ${REMEDY}`)
  const remedy = `grant ${SERVICE_GROUP} to it; if there is no such role, create it as an administrator of the server (create role ${SERVICE_GROUP} nologin) and run npm run migrate again`
  if (sqlstate === '42501') return new Error(`The role of DATABASE_URL may not read the tables: ${remedy}.`)
  return error
}

async function checkServer(db: Database) {
  const settings = sql<{ version: string; encoding: string; missing: string[]; recovering: boolean }>`
    select current_setting('server_version') as version, current_setting('server_encoding') as encoding,
      pg_is_in_recovery() as recovering,
      array(select unnest(${EXTENSIONS}::text[]) except select name from pg_available_extensions order by 1) as missing`
  const { rows } = await settings.execute(db).catch((cause) => {
    throw new Error(`The database cannot be used: ${messageOf(cause)}`, { cause })
  })
  const { version = '', encoding, missing = [], recovering } = rows[0] ?? {}
  if (recovering) throw new NotReady('The database is in recovery and takes no writes.')
  if (Number.parseInt(version, 10) < OLDEST_SERVER)
    throw new Error(`Postgres ${OLDEST_SERVER} or later is needed; this server is ${version}.`)
  if (encoding !== 'UTF8') throw new Error(`A database in UTF8 is needed; this one is in ${encoding}.`)
  if (missing.length > 0)
    throw new Error(`Postgres lacks extensions of its contrib package (postgresql-contrib): ${missing.join(', ')}.`)
}
