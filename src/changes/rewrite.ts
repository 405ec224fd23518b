/**
 * Renewal of answers: renders stored answers of an older form anew from their bodies. It is optional: readers render
 * such bodies themselves, which takes longer. The chain is of bodies, so it stays the same.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { inReadingOrder } from '../domain/resources.ts'
import type { Resource } from '../engine/declaration/resource.ts'

const BATCH_ROWS = 500
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

export interface Rewritten {
  /** Rows of the journal that were looked at, and those of them that were renewed. */
  read: number
  renewed: number
}

interface Batch {
  read: string
  renewed: string
  tx: string | null
  type: string | null
  id: string | null
}

/** Collects anew what is searched, in small transactions as `rewriteAnswers` does; what is the same is not written. */
export async function renewSearchTexts(db: Database): Promise<void> {
  for (const resource of inReadingOrder) {
    if (!resource.isSearched) continue
    for (let last: string | null = FIRST_ID; last !== null; ) last = await renewBatch(db, resource, last)
  }
}

/** The last id of the batch after an id; null when there is none. */
async function renewBatch(db: Database, { type, table }: Resource, after: string): Promise<string | null> {
  // Locked: a writer who came between would see their text overwritten by the one that was read before.
  const { rows } = await sql<{ last: string | null }>`
    with batch as materialized (
      select t from ${sql.table(table)} t where t.id > ${after}::uuid order by t.id limit ${BATCH_ROWS} for share)
    select max((t).id::text) as last from batch, write_search_text(${type}, to_jsonb(t))`.execute(db)
  return rows[0]?.last ?? null
}

/**
 * Renews all answers in small transactions, in the order of the journal. It may be stopped at any time and run again:
 * what has the form of today is left alone. Answers how many rows it was; `onBatch` hears so after each transaction.
 */
export async function rewriteAnswers(db: Database, onBatch?: (done: Rewritten) => void): Promise<Rewritten> {
  const done: Rewritten = { read: 0, renewed: 0 }
  let after: Pick<Batch, 'tx' | 'type' | 'id'> = { tx: '0', type: '', id: FIRST_ID }
  for (;;) {
    const { rows } = await sql<Batch>`
      with batch as materialized (
        select tx, type, id, form from change where (tx, type, id) > (${after.tx}::bigint, ${after.type}, ${after.id}::uuid)
        order by tx, type, id limit ${BATCH_ROWS}),
      renewed as (
        update change h set answer = answer_of(h.type, h.body), form = answer_form() from batch b
        where h.tx = b.tx and h.type = b.type and h.id = b.id and h.form <> answer_form() returning 1)
      select (select count(*) from batch) as read, (select count(*) from renewed) as renewed, last.tx, last.type, last.id
      from (select) one left join (select tx, type, id from batch order by tx desc, type desc, id desc limit 1) last on true`.execute(
      db,
    )
    const batch = rows[0] as Batch
    done.read += Number(batch.read)
    done.renewed += Number(batch.renewed)
    onBatch?.(done)
    if (Number(batch.read) < BATCH_ROWS) return done
    after = batch
  }
}
