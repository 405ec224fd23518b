/** Authorization: the facts that a caller's rights depend on, read from the database; auth/policy.ts decides by them. */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { assertAllowed, mayCoordinate } from '../auth/policy.ts'
import { isAdmin, organizationOf } from '../auth/visibility.ts'
import type { Fields, Stored } from './change-set.ts'
import { parisDay } from './day.ts'
import type { Row } from './row-mapper.ts'

/** A write for which a caller asks. */
export interface WriteRequest {
  caller: Caller
  /** What stands; undefined when it is to be created. */
  before?: Stored
  /** The convention under which it is, or shall be. */
  convention?: Fields
  /** What was read for the rights, see `WriteRules.facts`. */
  facts: Row
  /** As it was sent; undefined of a deletion. */
  body: unknown
}

/** Throws a 403 unless the caller may write under the convention. */
export function authorizeUnderConvention({ caller, convention }: Pick<WriteRequest, 'caller' | 'convention'>): void {
  assertAllowed(isAdmin(caller) || mayCoordinate(caller, (convention?.cafId ?? null) as string | null))
}

/** Whether one of the conventions with these ids binds the caller's organization today, as a column `is_binding`. */
export function bindingFact(caller: Caller, now: Date, conventionIds: RawBuilder<unknown>): RawBuilder<unknown> {
  const own = organizationOf(caller)
  if (own === null) return sql`false as is_binding`
  return sql`exists (select from signatory t where t.organization_id = ${own}
    and t.convention_id in (${conventionIds}) and ${boundOn(parisDay(now))}) as is_binding`
}

/** Whether a signatory `t` is bound on a day: its own days, cut by those of its convention; under a draft none is. */
export const boundOn = (day: string): RawBuilder<boolean> => sql<boolean>`t.bound @> ${day}::date and exists (
  select from convention c where c.id = t.convention_id and c.state <> 'draft'
    and ${day}::date >= coalesce(c.from_day, '-infinity')
    and ${day}::date <= coalesce(least(c.to_day, c.terminated_day), 'infinity'))`
