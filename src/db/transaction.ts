/**
 * Transactions: each passes its origin to the journal, is retried as a whole after a serialization failure or a deadlock,
 * and reports an unknown outcome when the connection is lost around COMMIT. All statements must go through `trx`, and the
 * work must bear being repeated.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import { limits } from '../config.ts'
import type { Database } from './database.ts'
import { classify } from './errors.ts'
import type { DB } from './tables.ts'

/** On whose behalf a transaction writes: who asked, with which request, as which source. */
export interface Origin {
  actor: string | null
  requestId: string | null
  source: string | null
}

/** The connection was lost around COMMIT: the transaction may or may not have taken effect. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('The connection was lost while the transaction was being committed.', { cause })
    this.name = 'OutcomeUnknown'
  }
}

/**
 * What `work` returned, once it is committed. Serialization failures and deadlocks are tried again, at most four
 * times in all. Throws what `work` throws, after a rollback, or OutcomeUnknown.
 */
export async function inTransaction<T>(
  db: Database,
  origin: Origin,
  work: (trx: Transaction<DB>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(db, origin, work)
    } catch (error) {
      if (attempt === limits.transactionAttempts || classify(error)?.kind !== 'serialization') throw error
      // Those who met must not meet again: a random wait that grows.
      await sleep(Math.random() * 2 ** attempt * 10)
    }
  }
}

/** The result of a whole write in a transaction that is rolled back: a dry run meets what a real one would. */
export async function rolledBack<T>(db: Database, work: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
  const undo = new Error('a dry run is rolled back')
  const nobody = { actor: null, requestId: null, source: null }
  let outcome: { value: T } | undefined
  await inTransaction(db, nobody, async (trx) => {
    outcome = { value: await work(trx) }
    throw undo
  }).catch((error) => {
    if (error !== undo) throw error
  })
  return (outcome as { value: T }).value
}

/** What `work` reads as it stood at one instant, however many statements it takes. */
export function inSnapshot<T>(db: Database, work: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
}

/** The same for a read of much: it may last `limits.snapshotMs`, and pause for `limits.snapshotStallMs`. */
export function inLongSnapshot<T>(db: Database, work: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
  return inSnapshot(db, async (trx) => {
    await allowSnapshotTime(trx)
    return work(trx)
  })
}

/** Lets a transaction last as long as a snapshot may. */
export async function allowSnapshotTime(trx: Transaction<DB>): Promise<void> {
  // The clock that runs for the transaction keeps its time unless it is stopped first.
  await sql`set local transaction_timeout = 0`.execute(trx)
  await sql.raw(`set local transaction_timeout = ${limits.snapshotMs}`).execute(trx)
  await sql.raw(`set local idle_in_transaction_session_timeout = ${limits.snapshotStallMs}`).execute(trx)
}

async function runOnce<T>(db: Database, origin: Origin, work: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
  let isCommitting = false
  try {
    return await db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        await sql`select set_config('registry.actor', ${origin.actor ?? ''}, true),
          set_config('registry.request', ${origin.requestId ?? ''}, true),
          set_config('registry.source', ${origin.source ?? ''}, true)`.execute(trx)
        const result = await work(trx)
        isCommitting = true
        return result
      })
  } catch (error) {
    if (isCommitting && classify(error)?.kind === 'connection-lost') throw new OutcomeUnknown(error)
    throw error
  }
}
