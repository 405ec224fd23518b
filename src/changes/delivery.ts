/**
 * Delivery of one row of the journal to one reader, pure: it follows from the reader's filter and rights before and after
 * the transaction, never from the operation. Visible after it: `upsert`. Visible only before it: `left`, or `delete`.
 * Visible in neither, or in both without a new version: nothing. A change that became visible then but is hidden from the
 * reader now is delivered as `left` at the same position, so replays are stable and never leak.
 */
import type { Caller } from '../auth/caller.ts'
import { canSee, canSeePrivate, type Shown } from '../auth/visibility.ts'
import type { ResourceType } from '../engine/resource-types.ts'

export interface Filter {
  types?: readonly string[] | undefined
  conventionId?: string | undefined
  cafId?: string | undefined
  departmentCode?: string | undefined
  source?: string | undefined
  excludeSource?: string | undefined
}

export interface Reader {
  filter: Filter
  /** Who reads, which decides what drafts they see. */
  caller: Caller
}

/** A convention as far as who may see it goes; undefined where it did not exist. */
export interface Scope {
  isPublic: boolean
  cafId: string
  departmentCodes: readonly string[]
}

/** One side of a change: the resource before or after the transaction. */
export interface Side {
  /** Those of the resource itself: the départements of a site. */
  departmentCodes: readonly string[]
  sources: readonly string[]
  /** The convention that it is or belongs to; of a site, its public ones. */
  conventionIds: readonly string[]
  scopes: readonly Scope[]
}

export interface JournalRow {
  type: ResourceType
  operation: 'created' | 'updated' | 'deleted' | 'scope'
  /** The source that wrote the transaction. */
  writtenBy: string | null
  /** Whether what it named was deleted or hidden, by a writer of another Caf. */
  cleared: boolean
  before: Side | undefined
  after: Side | undefined
  /** Who may see it now, by its convention; of what is gone, as that was when it went. */
  now: Shown
}

export type Delivery = 'upsert' | 'delete' | 'left' | undefined

/** What a reader gets for a row; undefined when they get nothing. */
export function deliveryOf(row: JournalRow, reader: Reader): Delivery {
  const { types, excludeSource } = reader.filter
  if (types && !types.includes(row.type)) return undefined
  if (excludeSource !== undefined && row.writtenBy === excludeSource) return undefined
  const before = row.before !== undefined && isInSight(row.type, row.before, reader)
  const after = row.after !== undefined && isInSight(row.type, row.after, reader)
  if (after && before && row.operation === 'scope') return undefined
  if (after) return canSee(reader.caller, row.now) ? 'upsert' : 'left'
  if (!before) return undefined
  return row.operation === 'deleted' ? 'delete' : 'left'
}

/** Organizations are shared: they pass every filter but those of types and of whose changes to leave out. */
export function isInSight(type: ResourceType, side: Side, { filter, caller }: Reader): boolean {
  if (type === 'organization') return true
  const isSite = type === 'service-site'
  const scopes = side.scopes.filter((scope) => (isSite ? scope.isPublic : canSee(caller, scope)))
  if (!isSite && scopes.length === 0) return false
  const { conventionId, cafId, departmentCode, source } = filter
  if (conventionId !== undefined && !side.conventionIds.includes(conventionId)) return false
  if (source !== undefined && !side.sources.includes(source)) return false
  if (cafId !== undefined && !scopes.some((scope) => scope.cafId === cafId)) return false
  if (departmentCode === undefined) return true
  const departments = [...(isSite ? side.departmentCodes : []), ...scopes.flatMap((scope) => scope.departmentCodes)]
  return departments.includes(departmentCode)
}

/** Whether the reader may know who wrote: an administrator, or the Caf of the convention under which that one wrote. */
export function knowsActor(
  { cleared, before, after }: Pick<JournalRow, 'cleared' | 'before' | 'after'>,
  { caller }: Reader,
  type: ResourceType,
) {
  const scopes = cleared || type === 'service-site' ? [] : ((after ?? before)?.scopes ?? [])
  return canSeePrivate(caller, scopes[0]?.cafId ?? null)
}
