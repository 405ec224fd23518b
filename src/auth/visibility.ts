/**
 * Visibility: drafts, and all that is under them, exist only for administrators and for the organization that
 * coordinates them, its Caf. The rule is written once as a pure function and once as the SQL condition of every read; a
 * test holds the two equal. In conditions the table that is read is called `t`.
 */
import { type Expression, sql } from 'kysely'
import { type Condition, rows } from '../db/expressions.ts'
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

/** `canSee` as a condition on two expressions; never null. */
export function seen(caller: Caller, isPublic: Expression<unknown>, cafId: Expression<unknown>): Condition {
  if (isAdmin(caller)) return sql<boolean>`true`
  const own = organizationOf(caller)
  if (own === null) return sql<boolean>`coalesce(${isPublic}, false)`
  return sql<boolean>`(coalesce(${isPublic}, false) or ${cafId} is not distinct from ${own}::uuid)`
}

const row = rows<{ t: 'convention' }>()
/** Whatever is under a convention, and this: an axis has the columns that all of it has. */
export const part = rows<{ t: 'axis'; c: 'convention' }>()
const drafts = rows<{ n: 'convention'; x: 'convention' }>()
const key = rows<{ t: 'api_key' }>()

const draft = sql.lit('draft')

/** Whether a convention `t`, or `c`, is public. */
export const isPublic = { t: row('t.state', '<>', draft), c: part('c.state', '<>', draft) }

/** The condition under which the caller sees a convention `c`. */
export const seenConvention = (caller: Caller): Condition => seen(caller, isPublic.c, part.ref('c.caf_id'))

/** The condition under which a convention `n` is a draft that the Caf of a convention `x` does not see. */
export const isForeignDraft: Condition = drafts.and([
  drafts('n.state', '=', draft),
  drafts('n.caf_id', '<>', drafts.ref('x.caf_id')),
])

/** The condition under which the caller may see a row of `t`; undefined when there is none. */
export function visible(caller: Caller, visibility: Visibility): Condition | undefined {
  if (visibility === 'always' || isAdmin(caller)) return undefined
  if (visibility === 'own') return seen(caller, isPublic.t, row.ref('t.caf_id'))
  return part.exists(
    part.selectFrom('convention as c').whereRef('c.id', '=', 't.convention_id').where(seenConvention(caller)),
  )
}

/** Whether the caller sees keys of this organization: an administrator all, an editor those of its own, others itself. */
export function canSeeKey(caller: Caller, key: { id: string; organizationId: string | null }): boolean {
  if (caller.kind === 'anonymous') return false
  if (isAdmin(caller) || caller.id === key.id) return true
  return caller.role === 'editor' && caller.organizationId !== null && caller.organizationId === key.organizationId
}

/** The condition under which the caller sees a key `t`; undefined when there is none. */
export function visibleKey(caller: Caller): Condition | undefined {
  if (caller.kind === 'anonymous') return key.lit(false)
  if (isAdmin(caller)) return undefined
  const own = key('t.id', '=', caller.id)
  return caller.role === 'editor' ? key.or([key('t.organization_id', '=', caller.organizationId), own]) : own
}
