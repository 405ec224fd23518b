/**
 * Keyset pages: how every list is read. A page begins after the values that the last row of the one before has in the
 * columns of the order, whatever was written meanwhile.
 */
import { type Expression, type SelectQueryBuilder, type Simplify, sql } from 'kysely'
import type { KeyType, PageStart } from '../../http/output/pagination.ts'

/**
 * A column of an order, `t.name`, which rows have as `name`. None is null, the last one of an order is unique, and all
 * run the same way.
 */
export interface OrderColumn<Column extends string = string> {
  column: Column
  type: KeyType
  /** The expression that rows have under this name, where it is no column. */
  key?: Expression<unknown>
  isDescending?: boolean
}

/** The columns of the tables of a statement, with the aliases of these. */
type ColumnsOf<Tables, Alias extends keyof Tables> = {
  [A in Alias & string]: `${A}.${keyof Tables[A] & string}`
}[Alias & string]

export interface Page<Row> {
  data: Row[]
  /** The values of the last row in the columns of the order, when more rows follow. */
  last: unknown[] | undefined
  /** On all pages; null unless it was asked for. */
  count: number | null
}

/**
 * The page of a list that begins after a row. The list selects with all its conditions, without order and limit;
 * `counted` selects nothing of as many rows, where those are found more cheaply than in the list.
 */
export async function selectKeyset<Tables, Alias extends keyof Tables, Row, Counted, Its extends keyof Counted>(
  list: SelectQueryBuilder<Tables, Alias, Row>,
  order: readonly OrderColumn<NoInfer<ColumnsOf<Tables, Alias>>>[],
  { after, limit, count: isCounted }: PageStart,
  counted?: SelectQueryBuilder<Counted, Its, unknown>,
): Promise<Page<Simplify<Row>>> {
  const columns = order.map(({ column, key }) => key ?? sql.ref(column))
  const isDescending = order.some((one) => one.isDescending)
  const values = order.map(({ type }, i) => sql`${after?.[i]}::${sql.raw(type)}`)
  const afterCursor = sql<boolean>`(${sql.join(columns)}) ${sql.raw(isDescending ? '<' : '>')} (${sql.join(values)})`
  const page = after ? list.where(afterCursor) : list
  const [rows, count] = await Promise.all([
    columns
      .reduce<typeof page>((ordered, column) => ordered.orderBy(column, isDescending ? 'desc' : 'asc'), page)
      .limit(limit + 1)
      .execute(),
    isCounted ? (counted ? countRows(counted) : countRows(list.clearSelect())) : null,
  ])
  const data = rows.slice(0, limit)
  const final = rows.length > limit ? (data.at(-1) as Record<string, unknown> | undefined) : undefined
  return { data, last: final && order.map(({ column }) => final[nameOf(column)]), count }
}

const nameOf = (column: string) => column.slice(column.indexOf('.') + 1)

async function countRows<Tables, Alias extends keyof Tables>(
  counted: SelectQueryBuilder<Tables, Alias, unknown>,
): Promise<number> {
  const row = await counted.select(sql<string>`count(*)`.as('count')).executeTakeFirst()
  return Number((row as { count: string }).count)
}
