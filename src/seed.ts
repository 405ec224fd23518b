/**
 * Seeding: reference data, then the example of two real conventions if a configuration asks for it. Each step finds out
 * by itself that there is nothing to do, for all run at every start and several processes may start together.
 */
import path from 'node:path'
import { sql } from 'kysely'
import { operator } from './auth/caller.ts'
import { type Config, limits } from './config.ts'
import { readClock } from './db/clock.ts'
import { closeDatabase, type Database, openDatabase } from './db/database.ts'
import { classify } from './db/errors.ts'
import { inTransaction } from './db/transaction.ts'
import { loadTerritories } from './domain/territories/load.ts'
import { EXAMPLE_SOURCE, exampleId } from './engine/example-ids.ts'
import { readDocuments } from './sync/file.ts'
import { putOwnKey } from './sync/load.ts'

const NOT_ALLOWED = '42501'
const EXAMPLE = path.join(import.meta.dirname, '../examples/pays-de-l-aigle.json')
const EXAMPLE_LOCK = sql`hashtext('load example')`

/**
 * Brings the contents of a migrated database up to date; `log` receives a line before what takes time. Throws an Error
 * with a clear line if the role of the URL may not load the territories of this version.
 */
export async function seed(url: string, config: Config, log: (message: string) => void): Promise<void> {
  // A pool of its own: the first start may take longer than any request may.
  const db = openDatabase(url, { connections: 1, patienceMs: limits.migrationMs })
  try {
    await loadTerritories(db, { log })
    if (config.loadExample) await loadExample(db, (await readClock(db)).now(), log)
  } catch (error) {
    if (classify(error)?.sqlstate !== NOT_ALLOWED) throw error
    const remedy = 'run npm run territories with the role that owns the tables in MIGRATE_DATABASE_URL'
    throw new Error(`The territories of this version are not there, and this role may not load them: ${remedy}.`)
  } finally {
    await closeDatabase(db)
  }
}

/**
 * Loads the example if the journal has no row, as a source would load it, with ids that are the same everywhere, in one
 * transaction; returns whether it did. Of processes that start together one does it while the others wait.
 */
export async function loadExample(db: Database, now: Date, log?: (message: string) => void): Promise<boolean> {
  if (await isWritten(db)) return false
  return inTransaction(db, { actor: 'example', requestId: null, source: EXAMPLE_SOURCE }, async (trx) => {
    await sql`select pg_advisory_xact_lock(${EXAMPLE_LOCK})`.execute(trx)
    if (await isWritten(trx)) return false
    log?.('loading the example: the conventions of the Pays de L’Aigle')
    for await (const { read } of readDocuments(EXAMPLE)) {
      const document = read()
      await putOwnKey(trx, { caller: operator, source: EXAMPLE_SOURCE, document, dryRun: false, now, newId: exampleId })
    }
    return true
  })
}

async function isWritten(db: Database): Promise<boolean> {
  return (await db.selectFrom('change').select('seq').limit(1).executeTakeFirst()) !== undefined
}
