/**
 * Filters of lists: each is a parameter, and what its value means for a row `t`. Most follow from a field that declares
 * one; a resource adds those that are no equality. Between filters stands AND, between the values of one OR.
 */
import { type RawBuilder, sql } from 'kysely'
import { type TProperties, type TSchema, type TUnsafe, Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import type { Condition } from '../../db/expressions.ts'
import type { ErrorCode } from '../../http/errors/error-codes.ts'
import * as schemas from '../../http/schema/schemas.ts'
import { inUtc } from '../day.ts'
import type { ResourceTable, ResourceType } from '../resource-types.ts'
import { columnOf } from '../row-mapper.ts'
import { described } from '../schema.ts'
import type { FieldFacts, Fields } from './fields.ts'

/** The most values of one filter, and the most ids. */
const VALUES_MAX = 50
const IDS_MAX = 100

/** What a condition may depend on beside the values. */
export interface FilterContext {
  /** Of the moment that is read. */
  db: Database
  caller: Caller
  now: Date
  /** Reports a value that the schema lets through: the list is a 400 with all that was reported. */
  refuse(code: ErrorCode, message: string): void
}

export interface Filter<Value = never> {
  schema: TSchema
  condition(value: Value, context: FilterContext): Condition | Promise<Condition>
  /** Types whose changes change what it lets through, beside the type of the list. */
  dependsOn?: readonly ResourceType[]
  /** Whether it lets through other rows tomorrow, although nothing has changed. */
  followsClock?: boolean
}
export type Filters = Record<string, Filter>

/** The parameter of a filter that lets through what meets any of several values. */
export const severalOf = <T>(item: TUnsafe<T>, max = VALUES_MAX) => {
  const { description = '', ...one } = item as { description?: string }
  return schemas.list(one as TUnsafe<T>, max, description, 1)
}

/** All filters of a resource: by its convention, those of its fields, its own, those that every list has. */
export const filtersOf = (fields: Fields, own: Filters, exampleId: string, ofConvention?: string): Filters => ({
  ...(ofConvention !== undefined && byConvention(ofConvention)),
  ...Object.fromEntries(
    Object.entries(fields).flatMap(([field, { facts }]) =>
      facts.filter ? [[facts.filter.name ?? field, ofField(columnOf(field), facts, facts.filter.description)]] : [],
    ),
  ),
  ...own,
  ids: {
    schema: severalOf(
      schemas.id(
        'Only these, in this order; what the caller may not see is left out (French: identifiants).',
        exampleId,
      ),
      IDS_MAX,
    ),
    condition: (ids: string[]) => among('id', ids),
  },
  updatedSince: {
    schema: schemas.instant(
      'Only what has a version of this instant or later. Not for copies: it misses deletions and what was committed late; follow `/v1/changes` (French: modifié depuis).',
      '2026-01-01T00:00:00Z',
    ),
    condition: (instant: string) => sql<boolean>`t.updated_at >= ${inUtc(instant)}::timestamptz`,
  },
})

/** The parameters of filters. */
export const parametersOf = (filters: Filters): TProperties =>
  Object.fromEntries(Object.entries(filters).map(([name, { schema }]) => [name, Type.Optional(schema)]))

const byConvention = (exampleId: string): Filters => ({
  conventionId: {
    schema: severalOf(schemas.id('Only what belongs to this convention (French: convention).', exampleId)),
    condition: (ids: string[]) => among('convention_id', ids),
  },
})

/** Compares a column: one value is the value of the filter, a list of them has it; a flag is as it says. */
function ofField(column: string, { value }: FieldFacts, description: string): Filter {
  const { type, items } = value as schemas.Keywords
  const item = described((items ?? value) as TUnsafe<unknown>, description)
  if (type === 'boolean') return { schema: item, condition: (flag: boolean) => equal(column, flag) }
  const isCode = ((items ?? value) as schemas.Keywords).enum !== undefined
  const sharingOne = isCode ? sharingCode : sharing
  return { schema: severalOf(item), condition: (values: string[]) => (items ? sharingOne : among)(column, values) }
}

const equal = (column: string, value: unknown): Condition => sql<boolean>`${sql.ref(`t.${column}`)} = ${value}`

/** The column is one of the values. Of a single one an index keeps the order of the list. */
export const among = (column: string, values: readonly unknown[]): Condition =>
  values.length === 1 ? equal(column, values[0]) : sql<boolean>`${sql.ref(`t.${column}`)} = any(${values})`

/** Those that meet a condition that few do: found by its indexes, whatever the order of the list. */
export const fewOf = (table: ResourceTable, condition: Condition): Condition =>
  sql<boolean>`t.id = any(array(select t.id from ${sql.table(table)} t where ${condition}))`

/** Codes of which there are only so many, as part of a statement, which is planned for them. */
export const literally = (codes: readonly string[]): RawBuilder<string[]> =>
  sql`array[${sql.join(codes.map((code) => sql.lit(code)))}]::text[]`

/** The column, a list, has one of the codes. */
const sharingCode = (column: string, codes: readonly string[]): Condition =>
  sql<boolean>`${sql.ref(`t.${column}`)} && ${literally(codes)}`

/** The column, a list, has one of the values. */
export const sharing = (column: string, values: readonly unknown[]): Condition =>
  sql<boolean>`${sql.ref(`t.${column}`)} && ${values}`
