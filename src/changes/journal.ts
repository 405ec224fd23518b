/**
 * Journal: its head, its chain, and the stored answers of those rows that are delivered. journal-scan.ts reads the rows
 * themselves.
 */
import { type Expression, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { JournalRow } from './delivery.ts'

/** The chain before the first commit. */
export const NO_CHAIN = '0'.repeat(64)

/** The end of the journal at one moment. */
export interface Head {
  position: number
  /** The chain there in hexadecimal. */
  chain: string
  /** The form of answers. */
  form: number
}

/** What is the same for all changes of a transaction. */
export interface Transaction {
  /** When the world could see it, in microseconds. */
  at: string
  actor: string | null
  source: string | null
  /** The chain at its position in hexadecimal. */
  chain: string
}

export interface ReadRow extends JournalRow {
  /** The number of its transaction in the journal. */
  tx: number
  position: number
  seq: number
  id: string
  version: number
  conventionId: string | null
  transaction: Transaction
}

export async function selectHead(db: Database): Promise<Head> {
  const { position, chain, form } = await db
    .selectFrom(sql`(select)`.as('one'))
    .leftJoin(
      (eb) =>
        eb
          .selectFrom('commit')
          .select(['position', 'chain'])
          .where('position', 'is not', null)
          .orderBy('position', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .select(({ ref }) => ['last.position', inHex(ref('last.chain')).as('chain'), sql<number>`answer_form()`.as('form')])
    .executeTakeFirstOrThrow()
  return { position: Number(position ?? 0), chain: chain ?? NO_CHAIN, form }
}

/** The chain at a position in hexadecimal; undefined when there is no such position here. */
export async function selectChain(db: Database, position: number): Promise<string | undefined> {
  const commit = await db
    .selectFrom('commit')
    .select(({ ref }) => inHex(ref('chain')).as('chain'))
    .where('position', '=', String(position))
    .executeTakeFirst()
  return commit?.chain ?? undefined
}

const inHex = (chain: Expression<Buffer | null>) => sql<string | null>`encode(${chain}, 'hex')`

/** One resource may have megabytes: so much is read at once, or the first body alone. */
const ANSWERS_BYTES = 8 * 1024 * 1024

/**
 * The text that GET answers for rows, by their seq; without those that are no longer kept. Those that
 * would be too much are null, but never the first.
 */
export async function selectAnswersOfRows(
  db: Database,
  wanted: readonly ReadRow[],
): Promise<Map<number, string | null>> {
  const [first] = wanted
  if (!first) return new Map()
  const { rows } = await sql<{ seq: string; answer: string | null }>`
    select seq, case when bytes <= ${ANSWERS_BYTES} or seq = ${first.seq} then answer end as answer from (
      select seq, answer, sum(octet_length(answer)) over (order by seq) as bytes from (
        select seq, rendered(type, body, answer, form) as answer from change_read
        where tx = any(${[...new Set(wanted.map(({ tx }) => tx))]}::bigint[])
          and seq = any(${wanted.map(({ seq }) => seq)}::bigint[])) present) sized`.execute(db)
  return new Map(rows.map(({ seq, answer }) => [Number(seq), answer]))
}
