/**
 * Who may see what. Drafts, and all that is under them, exist only for administrators and for the organization that
 * coordinates them: its Caf. Said once as a pure function and once as the SQL condition that every read carries; a
 * test holds the two equal. In conditions the table that is read is called `t`.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from './caller.ts'

/** `always`: public for ever; `own`: a convention, by its own state; `convention`: what is under one, by that one's. */
export type Visibility = 'always' | 'own' | 'convention'

/** A convention as far as who may see it goes. */
export interface Shown {
  isPublic: boolean
  cafId: string | null
}

/** Whether the caller is an administrator, who sees and may do everything. */
export const isAdmin = (caller: Caller): boolean => caller.kind === 'key' && caller.role === 'admin'

/** The organization whose key the caller holds; null where there is none. */
export const organizationOf = (caller: Caller): string | null => (caller.kind === 'key' ? caller.organizationId : null)

/** Whether the caller sees a convention. */
export const canSee = (caller: Caller, { isPublic, cafId }: Shown): boolean => isPublic || canSeePrivate(caller, cafId)

/** Whether the caller may know what is kept from the public: drafts of a Caf, who wrote under its conventions. */
export function canSeePrivate(caller: Caller, cafId: string | null): boolean {
  const own = organizationOf(caller)
  return isAdmin(caller) || (own !== null && own === cafId)
}

type Sql = RawBuilder<unknown>

/** `sees` as a condition on two expressions; never null. */
export function seen(caller: Caller, isPublic: Sql, cafId: Sql): RawBuilder<boolean> {
  if (isAdmin(caller)) return sql<boolean>`true`
  const own = organizationOf(caller)
  if (own === null) return sql<boolean>`coalesce(${isPublic}, false)`
  return sql<boolean>`(coalesce(${isPublic}, false) or ${cafId} is not distinct from ${own}::uuid)`
}

/** The condition under which the caller sees a convention `c`. */
export const seenConvention = (caller: Caller): RawBuilder<boolean> =>
  seen(caller, sql`c.state <> 'draft'`, sql`c.caf_id`)

/** The condition under which a convention `n` is a draft that the Caf of a convention `x` does not see. */
export const isForeignDraft = sql<boolean>`(n.state = 'draft' and n.caf_id <> x.caf_id)`

/** The condition under which the caller may see a row of `t`; undefined when there is none. */
export function visible(caller: Caller, visibility: Visibility): RawBuilder<boolean> | undefined {
  if (visibility === 'always' || isAdmin(caller)) return undefined
  if (visibility === 'own') return seen(caller, sql`t.state <> 'draft'`, sql`t.caf_id`)
  return sql<boolean>`exists (select from convention c where c.id = t.convention_id and ${seenConvention(caller)})`
}

/** Whether the caller sees keys of this organization: an administrator all, an editor those of its own, others itself. */
export function canSeeKey(caller: Caller, key: { id: string; organizationId: string | null }): boolean {
  if (caller.kind === 'anonymous') return false
  if (isAdmin(caller) || caller.id === key.id) return true
  return caller.role === 'editor' && caller.organizationId !== null && caller.organizationId === key.organizationId
}

/** The condition under which the caller sees a key `t`; undefined when there is none. */
export function visibleKey(caller: Caller): RawBuilder<boolean> | undefined {
  if (caller.kind === 'anonymous') return sql<boolean>`false`
  if (isAdmin(caller)) return undefined
  if (caller.role === 'editor')
    return sql<boolean>`(t.organization_id = ${caller.organizationId} or t.id = ${caller.id})`
  return sql<boolean>`t.id = ${caller.id}`
}
