/**
 * Who may see what, as the one SQL condition that every read carries: drafts, and all that is under them, exist only
 * for holders of a key. The table that is read is called `t`.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from './caller.ts'

/** `always`: public for ever; `own`: a convention, by its own state; `convention`: what is under one, by that one's. */
export type Visibility = 'always' | 'own' | 'convention'

/** The condition under which the caller may see a row of `t`; undefined when there is none. */
export function visible(caller: Caller, visibility: Visibility): RawBuilder<boolean> | undefined {
  if (visibility === 'always' || caller.kind === 'key') return undefined
  if (visibility === 'own') return sql<boolean>`t.state <> 'draft'`
  return sql<boolean>`exists (select from convention c where c.id = t.convention_id and c.state <> 'draft')`
}
