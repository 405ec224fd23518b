/** What is asked of the database to know a caller's rights; what follows from it says auth/policy.ts. */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { demand, mayCoordinate } from '../../auth/policy.ts'
import { isAdmin, organizationOf } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { parisDay } from '../day.ts'

/** A write that somebody asks for; `conventionId` of what is, or shall be, under one. */
export interface Ask {
  db: Database
  caller: Caller
  now: Date
  before?: Readonly<Record<string, unknown>> & { id: string }
  conventionId?: string
  /** As it was sent; undefined of a deletion. */
  body: unknown
}

/** Throws a 403 unless the caller may write under the convention. */
export async function allowUnderConvention({ db, caller, conventionId }: Ask): Promise<void> {
  if (!isAdmin(caller)) demand(mayCoordinate(caller, await selectCaf(db, conventionId as string)))
}

/** The Caf of a convention. */
export async function selectCaf(db: Database, conventionId: string): Promise<string> {
  const { rows } = await sql<{ caf_id: string }>`select caf_id from convention where id = ${conventionId}`.execute(db)
  return rows[0]?.caf_id as string
}

/** Whether one of the conventions with these ids binds the caller's organization today. */
export async function selectIsBinding({ db, caller, now }: Ask, conventionIds: RawBuilder<unknown>): Promise<boolean> {
  const own = organizationOf(caller)
  if (own === null) return false
  const { rows } = await sql<{ binds: boolean }>`select exists (
    select from signatory t where t.organization_id = ${own} and t.convention_id in (${conventionIds})
      and ${boundOn(parisDay(now))}) as binds`.execute(db)
  return rows[0]?.binds === true
}

/** Whether a signatory `t` is bound on a day: its own days, cut by those of its convention; under a draft nobody is. */
export const boundOn = (day: string): RawBuilder<boolean> => sql<boolean>`t.bound @> ${day}::date and exists (
  select from convention c where c.id = t.convention_id and c.state <> 'draft'
    and ${day}::date >= coalesce(c.from_day, '-infinity')
    and ${day}::date <= coalesce(least(c.to_day, c.terminated_day), 'infinity'))`
