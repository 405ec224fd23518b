/**
 * Keyset pages: how every list is read. A page begins after the values that the last row of the one before has in the
 * columns of the order, whatever was written meanwhile.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { KeyType, PageStart } from '../../http/output/pagination.ts'

export type Condition = RawBuilder<boolean>

/** A column of an order, `t.name`, which rows have as `name`; the last one of an order is unique. */
export interface OrderColumn {
  column: string
  type: KeyType
}

export interface Keyset {
  /** `select ... from ...`, up to its conditions. */
  select: RawBuilder<unknown>
  where: readonly (Condition | undefined)[]
  order: readonly OrderColumn[]
  /** What is counted: `from` and its conditions, which are those of the rows unless they say otherwise. */
  counted: { from: RawBuilder<unknown>; where?: readonly (Condition | undefined)[] }
}

export interface Page<Row> {
  data: Row[]
  /** The values of the last row in the columns of the order, when more rows follow. */
  last: unknown[] | undefined
  /** On all pages; null unless it was asked for. */
  count: number | null
}

/** The page of a list that begins after a row. */
export async function selectKeyset<Row extends object>(
  db: Database,
  { select, where, order, counted }: Keyset,
  { after, limit, count: isCounted }: PageStart,
): Promise<Page<Row>> {
  const columns = sql.join(order.map(({ column }) => sql.ref(column)))
  const values = order.map(({ type }, i) => sql`${after?.[i]}::${sql.raw(type)}`)
  const afterCursor = after && sql<boolean>`(${columns}) > (${sql.join(values)})`
  const statement = sql<Row>`${select} where ${conjunction([...where, afterCursor])} order by ${columns} limit ${limit + 1}`
  const [{ rows }, count] = await Promise.all([
    statement.execute(db),
    isCounted ? countRows(db, counted.from, counted.where ?? where) : null,
  ])
  const data = rows.slice(0, limit)
  const final = rows.length > limit ? (data.at(-1) as Record<string, unknown> | undefined) : undefined
  return { data, last: final && order.map(({ column }) => final[nameOf(column)]), count }
}

const nameOf = (column: string) => column.slice(column.indexOf('.') + 1)

async function countRows(
  db: Database,
  from: RawBuilder<unknown>,
  where: readonly (Condition | undefined)[],
): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) from ${from} where ${conjunction(where)}`.execute(db)
  return Number(rows[0]?.count)
}

/** All of the conditions that there are; true when there are none. */
export function conjunction(conditions: readonly (Condition | undefined)[]): Condition {
  const present = conditions.filter((condition) => condition !== undefined)
  return present.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(present, sql` and `)}`
}
