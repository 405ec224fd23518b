/**
 * The example: two real conventions, so that a new registry has something to show. They are loaded as a source would
 * load them, with ids that are the same everywhere, and only into a registry to which nothing was ever written.
 */
import path from 'node:path'
import { sql } from 'kysely'
import type { Database } from './db/database.ts'
import { inTransaction } from './db/transaction.ts'
import { EXAMPLE_SOURCE, exampleId } from './engine/example-ids.ts'
import { readDocuments } from './sync/file.ts'
import { putOwnKey } from './sync/load.ts'

const FILE = path.join(import.meta.dirname, '../examples/pays-de-l-aigle.json')
const LOCK = sql`hashtext('load example')`

/**
 * Loads the example if the journal has no row, in one transaction; answers whether it did. Of processes that start
 * together the first one does it while the others wait. `log` is told before it begins.
 */
export async function loadExample(db: Database, now: Date, log?: (message: string) => void): Promise<boolean> {
  if (await isWritten(db)) return false
  return inTransaction(db, { actor: 'example', requestId: null, source: EXAMPLE_SOURCE }, async (trx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx)
    if (await isWritten(trx)) return false
    log?.('loading the example: the conventions of the Pays de L’Aigle')
    for await (const { read } of readDocuments(FILE)) {
      await putOwnKey(trx, { source: EXAMPLE_SOURCE, document: read(), now, newId: exampleId })
    }
    return true
  })
}

async function isWritten(db: Database): Promise<boolean> {
  const { rows } = await sql<{ written: boolean }>`select exists (select from change) as written`.execute(db)
  return rows[0]?.written === true
}
