/**
 * What a migrated database is given before the service listens: reference data first, then what builds on it. Each
 * step finds out by itself that there is nothing to do, for all run at every start and several processes may start
 * together.
 */
import { type Config, limits, systemClock } from './config.ts'
import { closeDatabase, openDatabase } from './db/database.ts'
import { loadExample } from './example.ts'
import { loadTerritories } from './territories/load.ts'

/** Brings the contents of the database up to date; `tell` hears in a few words of what takes time. */
export async function prepare(url: string, config: Config, tell: (message: string) => void): Promise<void> {
  // A pool of its own: the first start may take longer than any request may.
  const db = openDatabase(url, { connections: 1, patienceMs: limits.migrationMs })
  try {
    await loadTerritories(db, { log: tell })
    if (config.loadExample) await loadExample(db, systemClock.now(), tell)
  } finally {
    await closeDatabase(db)
  }
}
