/**
 * How far back the journal reaches. Up to the horizon bodies may have been pruned, beyond it all of them are there:
 * it is recorded before the first of them goes, so whoever looks at it after he has read knows that he missed nothing.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { type Problem, problem } from '../http/problems.ts'

/** The last position up to which the journal may have gaps; 0 as long as all of it is kept. */
export async function selectHorizon(db: Database): Promise<number> {
  const { rows } = await sql<{ position: string }>`select position from horizon`.execute(db)
  return Number(rows[0]?.position)
}

/** Throws a 410 for a position of which the journal no longer knows the state. To be asked after what is read there. */
export async function refuseBelowHorizon(db: Database, position: number): Promise<void> {
  const horizon = await selectHorizon(db)
  if (position < horizon) throw pruned(`The journal is kept from position ${horizon} on.`)
}

export const pruned = (detail: string): Problem => problem('journal-pruned', detail)
