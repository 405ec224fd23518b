/**
 * The reads that all resources share: one, some by their ids, a page in keyset order. Each carries the condition of
 * what the caller may see. The table is called `t` in every condition that is handed in.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { Resource, Row } from '../resource.ts'
import type { Relation } from './include.ts'
import { columnsOf, type StoredAnswer, seenAnswers, selectAnswersOf } from './stored-answers.ts'

export type Condition = RawBuilder<boolean>

/** A column of the order of a list, with the Postgres type of its values; the last one is always unique. */
export interface OrderColumn {
  column: string
  type: 'uuid' | 'text' | 'integer[]'
}

export const byId: readonly OrderColumn[] = [{ column: 'id', type: 'uuid' }]

export interface PageRequest {
  where: (Condition | undefined)[]
  order: readonly OrderColumn[]
  /** The order columns of the last row of the page before. */
  after: unknown[] | undefined
  limit: number
  count: boolean
}

export interface AnswerPage {
  rows: StoredAnswer[]
  /** The order columns of the last row, when more rows follow. */
  last: unknown[] | undefined
  count: number | null
}

/** The body of one resource; undefined when it does not exist or the caller may not see it. */
export async function selectOne<Body>(db: Database, resource: Resource<Body>, caller: Caller, id: string) {
  const [row] = await selectRows(db, resource, caller, sql<boolean>`t.id = ${id}::uuid`)
  return row && resource.toBody(row)
}

async function selectRows(db: Database, resource: Resource, caller: Caller, condition: Condition) {
  const where = conjunction([condition, visible(caller, resource.visibility)])
  const { rows } = await sql<Row>`select t.* from ${sql.table(resource.table)} t where ${where}`.execute(db)
  return rows
}

/** One page of stored answers in keyset order, with the columns of relations, and the count of all pages if asked for. */
export async function selectPage(
  db: Database,
  resource: Resource,
  caller: Caller,
  page: PageRequest,
  relations: readonly Relation[],
): Promise<AnswerPage> {
  const order = page.order.map(({ column }) => column)
  const columns = order.map((column) => sql.ref(`t.${column}`))
  const beyond =
    page.after &&
    sql<boolean>`(${sql.join(columns)}) > (${sql.join(
      page.order.map(({ type }, i) => sql`${page.after?.[i]}::${sql.raw(type)}`),
    )})`
  const more = [...new Set([...order.filter((column) => column !== 'id'), ...columnsOf(relations)])]
  const where = conjunction([...page.where, seenAnswers(caller, resource), beyond])
  const selected = sql<StoredAnswer>`${selectAnswersOf(resource, more)} where ${where}
    order by ${sql.join(columns)} limit ${page.limit + 1}`.execute(db)
  const counted = page.count ? countRows(db, resource, [...page.where, visible(caller, resource.visibility)]) : null
  const [{ rows }, count] = await Promise.all([selected, counted])
  const shown = rows.slice(0, page.limit)
  const final = rows.length > page.limit ? shown.at(-1) : undefined
  return { rows: shown, last: final && order.map((column) => final[column]), count }
}

async function countRows(db: Database, resource: Resource, conditions: (Condition | undefined)[]) {
  const { rows } = await sql<{ count: string }>`
    select count(*) from ${sql.table(resource.table)} t where ${conjunction(conditions)}`.execute(db)
  return Number(rows[0]?.count)
}

/** All of the conditions that there are; true when there are none. */
export function conjunction(conditions: (Condition | undefined)[]): Condition {
  const present = conditions.filter((condition) => condition !== undefined)
  return present.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(present, sql` and `)}`
}
