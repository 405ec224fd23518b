/**
 * Lookups: parameters of a list that mean more than a condition on a row. They depend on what the filters let through, or
 * give the list an order of its own, in which each item says what matched, as `match` beside its body.
 */
import type { TProperties, TSchema } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import type { Condition } from '../../db/expressions.ts'
import type { KeyType, PageStart } from '../../http/output/pagination.ts'

export interface LookupContext {
  db: Database
  caller: Caller
  now: Date
  /** The parameters of the request. */
  query: Readonly<Record<string, unknown>>
  /** The conditions of the filters of the request, on a row `t`. */
  where: readonly Condition[]
}

/** An item of a ranked list by its id, and what it says of the match. */
export interface Match {
  id: string
  match: object
}

/** What a lookup is for the contract. Its queries are opened for an application, and closed with it. */
export interface Lookup {
  parameters: TProperties
  /** What an item of a ranked list says beside its body. */
  Match: TSchema
  /** What a ranked list is ordered by; the last one is unique. */
  order: readonly { column: string; type: KeyType }[]
  /** Whether these parameters give the list its order. */
  isRanked(query: LookupContext['query']): boolean
  open(): LookupQueries
}

export interface LookupQueries {
  /** The conditions that its parameters add to those of the filters; throws a 400 when they do not go together. */
  conditions(context: LookupContext): Promise<readonly Condition[]>
  /** A page of a ranked list, which ends as those of all lists do. */
  select(
    context: LookupContext,
    start: PageStart,
  ): Promise<{ data: Match[]; last: unknown[] | undefined; count: number | null }>
  close(): Promise<void>
}

export type OpenLookup = Lookup & LookupQueries
