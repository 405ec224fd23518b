/**
 * What a migrated database is given before the service listens: reference data first, then what builds on it. Each
 * step finds out by itself that there is nothing to do, for all run at every start and several processes may start
 * together.
 */
import { type Config, limits } from './config.ts'
import { readClock } from './db/clock.ts'
import { closeDatabase, openDatabase } from './db/database.ts'
import { classify } from './db/errors.ts'
import { loadTerritories } from './domain/territories/load.ts'
import { loadExample } from './example.ts'

const NOT_ALLOWED = '42501'

/** Brings the contents of the database up to date; `tell` hears in a few words of what takes time. */
export async function prepare(url: string, config: Config, tell: (message: string) => void): Promise<void> {
  // A pool of its own: the first start may take longer than any request may.
  const db = openDatabase(url, { connections: 1, patienceMs: limits.migrationMs })
  try {
    await loadTerritories(db, { log: tell })
    if (config.loadExample) await loadExample(db, (await readClock(db)).now(), tell)
  } catch (error) {
    if (classify(error)?.sqlstate !== NOT_ALLOWED) throw error
    const remedy = 'run npm run territories with the role that owns the tables in MIGRATE_DATABASE_URL'
    throw new Error(`The territories of this version are not there, and this role may not load them: ${remedy}.`)
  } finally {
    await closeDatabase(db)
  }
}
