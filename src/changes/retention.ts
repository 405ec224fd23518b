/**
 * Retention of the journal. Pruning deletes bodies that are older than the retention, but keeps of each resource the
 * version that was current at the horizon: later changes and `asOf` are read against it. The facts of a transaction
 * (`commit`, `scope`) are kept for ever, and with them the chain.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'

const BATCH_ROWS = 500
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export interface Pruned {
  /** Up to this position bodies may be missing. */
  horizon: number
  /** How many rows of the journal went. */
  rows: number
}

const nobody = { actor: null, requestId: null, source: null }

interface PruneOptions {
  /** Hears after each transaction what has been done so far. */
  onBatch?(done: Pruned): void
  /** So many rows are looked at in one transaction. */
  batchRows?: number
}

/**
 * Prunes what is older than so many days, in short transactions, and what an earlier run left behind. It may be run at
 * any time, by several at once too.
 */
export async function prune(db: Database, days: number, options: PruneOptions = {}): Promise<Pruned> {
  const { onBatch, batchRows = BATCH_ROWS } = options
  await recordHorizon(db, days)
  const done: Pruned = { horizon: 0, rows: 0 }
  for (;;) {
    const { horizon, gone, isLast } = await inTransaction(db, nobody, (trx) => pruneBatch(trx, batchRows))
    done.horizon = horizon
    done.rows += gone
    onBatch?.(done)
    if (isLast) return done
  }
}

/** In a transaction of its own, before anything goes: it never moves back. */
async function recordHorizon(db: Database, days: number): Promise<void> {
  await inTransaction(db, nobody, (trx) =>
    trx
      .updateTable('horizon')
      .set(({ fn, ref, selectFrom }) => ({
        retention_days: days,
        position: fn<string>('greatest', [
          ref('horizon.position'),
          selectFrom('commit')
            .select('commit.position')
            .where('at', '<=', sql<string>`clock_timestamp() - make_interval(days => ${days}::integer)`)
            .where('commit.position', 'is not', null)
            .orderBy('at', 'desc')
            .orderBy('commit.position', 'desc')
            .limit(1),
        ]),
      }))
      .execute(),
  )
}

interface Batch {
  gone: string
  read: string
  position: string
  seq: string
}

/** Goes on where the last one ended: each row up to the horizon takes away what it replaced. */
async function pruneBatch(db: Database, batchRows: number) {
  const mark = await db
    .selectFrom('horizon')
    .select(['position', 'pruned_position', 'pruned_seq'])
    .forUpdate()
    .executeTakeFirstOrThrow()
  // A row of `scope` repeats a version: it replaces other repetitions, but not the row that made the version.
  const { rows } = await sql<Batch>`
    with later as materialized (
      select h.type, h.id, h.version, h.operation, c.position, h.seq from commit c join change h on h.tx = c.tx
      where c.position >= ${mark.pruned_position} and (c.position, h.seq) > (${mark.pruned_position}, ${mark.pruned_seq})
        and c.position <= ${mark.position}
      order by c.position, h.seq limit ${batchRows}),
    gone as (
      delete from change h using later l, commit c
      where h.type = l.type and h.id = l.id and c.tx = h.tx and c.position < l.position and l.operation <> 'void'
        and (h.operation = 'scope' or h.version < l.version)
      returning h.tx)
    select (select count(*) from gone) as gone, count(*) over () as read, l.position, l.seq
    from later l order by l.position desc, l.seq desc limit 1`.execute(db)
  const [batch] = rows
  if (batch) await db.updateTable('horizon').set({ pruned_position: batch.position, pruned_seq: batch.seq }).execute()
  return {
    horizon: Number(mark.position),
    gone: Number(batch?.gone ?? 0),
    isLast: Number(batch?.read ?? 0) < batchRows,
  }
}

/**
 * Until when what comes after a position is surely kept, as a full UTC hour: by the retention of this service or that
 * of the last pruning, whichever is shorter. Null when there is neither.
 */
export async function selectExpiry(db: Database, position: number, days: number | null): Promise<string | null> {
  const { retention_days, next_at } = await db
    .selectFrom('horizon')
    .select(({ fn, selectFrom }) => [
      'retention_days',
      fn
        .coalesce(
          selectFrom('commit')
            .select('at')
            .where('commit.position', '=', String(position + 1)),
          sql<string>`clock_timestamp()`,
        )
        .as('next_at'),
    ])
    .executeTakeFirstOrThrow()
  const known = [days, retention_days].filter((one) => one !== null)
  if (known.length === 0) return null
  const end = Date.parse(next_at) + Math.min(...known) * DAY_MS
  return new Date(end - (end % HOUR_MS)).toISOString()
}
