/**
 * Horizon: how far back the journal reaches. Up to it bodies may have been pruned, beyond it all of them are there:
 * it is recorded before the first of them goes, so a reader that checks it after reading knows that nothing was missing.
 */
import type { Database } from '../../db/database.ts'
import { instantText } from '../../db/expressions.ts'
import { type Problem, problem } from '../../http/errors/problems.ts'

interface Horizon {
  /** The state at this position and all that came after it is kept; 0 as long as nothing was pruned. */
  position: number
  /** When the world could see that position; null at 0. */
  at: string | null
}

async function selectHorizon(db: Database): Promise<Horizon> {
  const { position, at } = await db
    .selectFrom('horizon as h')
    .leftJoin('commit as c', 'c.position', 'h.position')
    .select(({ ref }) => ['h.position', instantText(ref('c.at'), 'US').as('at')])
    .executeTakeFirstOrThrow()
  return { position: Number(position), at }
}

/** Throws a 410 for a position below the horizon. To be called in the snapshot of what is read from there, or after it. */
export async function refuseBelowHorizon(db: Database, position: number): Promise<void> {
  const horizon = await selectHorizon(db)
  if (position < horizon.position) throw pruned(horizon)
}

/** A 410 for what lies before the horizon by the caller's own knowledge. */
export const belowHorizon = async (db: Database): Promise<Problem> => pruned(await selectHorizon(db))

const pruned = ({ position, at }: Horizon) =>
  problem(
    'journal-pruned',
    `The journal is kept from ${at} on, position ${position}: a copy goes on with a new snapshot.`,
  )
