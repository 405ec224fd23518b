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

const OLDEST_SERVER = 18
const migrationFolder = path.join(import.meta.dirname, '../../migrations')

/**
 * The names of the migrations that were run; an empty list if there was nothing to do. Throws an Error that names the
 * migration at fault, or says what is wrong with the server.
 */
export async function migrate(url: string): Promise<string[]> {
  // A pool of its own: building an index may take longer than any request may.
  const db = openDatabase(url, { connections: 2, patienceMs: limits.migrationMs })
  try {
    await checkServer(db)
    const provider = new FileMigrationProvider({ fs, path, migrationFolder })
    const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest()
    const failed = results.find(({ status }) => status === 'Error')
    if (failed) throw new Error(`Migration ${failed.migrationName} failed: ${messageOf(error)}`, { cause: error })
    if (error) throw new Error(`The tables do not fit this version: ${messageOf(error)}`, { cause: error })
    return results.map(({ migrationName }) => migrationName)
  } finally {
    await closeDatabase(db)
  }
}

async function checkServer(db: Database) {
  const settings = sql<{ version: string; encoding: string }>`
    select current_setting('server_version') as version, current_setting('server_encoding') as encoding`
  const { rows } = await settings.execute(db).catch((cause) => {
    throw new Error(`The database cannot be used: ${messageOf(cause)}`, { cause })
  })
  const { version = '', encoding } = rows[0] ?? {}
  if (Number.parseInt(version, 10) < OLDEST_SERVER)
    throw new Error(`Postgres ${OLDEST_SERVER} or later is needed; this server is ${version}.`)
  if (encoding !== 'UTF8') throw new Error(`A database in UTF8 is needed; this one is in ${encoding}.`)
}

/** Errors of several addresses tried at once have no message of their own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
