/** Expressions: typed parts of statements that are written apart from the statement in which they stand. */
import { type Expression, type ExpressionBuilder, expressionBuilder, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { DB } from './tables.ts'

export type Condition = Expression<SqlBool>

type Rows<Tables extends Record<string, keyof DB>> = ExpressionBuilder<
  { [Alias in keyof Tables]: DB[Tables[Alias]] } & Omit<DB, keyof Tables & string>,
  keyof Tables & string
>

/** Expressions over rows of tables, by their aliases: `rows<{ t: 'convention' }>()('t.state', '<>', 'draft')`. */
export const rows = <Tables extends Record<string, keyof DB>>(): Rows<Tables> => expressionBuilder()

/** All of the conditions that there are; true when there are none. */
export function conjunction(conditions: readonly (Condition | undefined)[]): Condition {
  return expressionBuilder<DB>().and(conditions.filter((condition) => condition !== undefined))
}

/** Any of these ids, as one value however many they are: `where('t.id', '=', anyOf(ids))`. */
export const anyOf = (ids: readonly string[]): RawBuilder<string> => sql<string>`any(${ids}::uuid[])`

/** An instant in UTC as readers get it, with milliseconds (`MS`) or microseconds (`US`); null of null. */
export const instantText = <T extends string | null>(at: Expression<T>, decimals: 'MS' | 'US' = 'MS'): RawBuilder<T> =>
  sql<T>`to_char(${at} at time zone 'UTC', ${sql.lit(`YYYY-MM-DD"T"HH24:MI:SS.${decimals}"Z"`)})`
