/**
 * The clock is a writer too: at midnight in Europe/Paris it gives each convention whose status changes a new version,
 * so that mirrors hear of it. A row knows the day on which its status changes next; that day is looked for, not
 * midnight, so nothing is missed by a process that was asleep, late or not there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Clock, limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { parisDay } from '../resource/day.ts'
import { settle } from '../resource/writes.ts'

/** In one transaction; the rest follows in the next. */
const BATCH_CONVENTIONS = 200
const LOCK = sql`hashtext('advance statuses')`
const origin = { actor: 'clock', requestId: null, source: null }

/**
 * Brings the statuses of all conventions to the day of `now`; answers how many were due. One that somebody is writing
 * is left for the next time; so are all when another process is at it.
 */
export async function advanceStatuses(db: Database, now: Date): Promise<number> {
  let advanced = 0
  for (;;) {
    const count = await inTransaction(db, origin, (trx) => advanceBatch(trx, now))
    advanced += count
    if (count < BATCH_CONVENTIONS) return advanced
  }
}

async function advanceBatch(db: Database, now: Date): Promise<number> {
  const { rows: locks } = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as held`.execute(db)
  if (!locks[0]?.held) return 0
  const { rows } = await sql<{ id: string }>`
    select id from convention where status_due <= ${parisDay(now)}::date
    order by id limit ${BATCH_CONVENTIONS} for no key update skip locked`.execute(db)
  const ids = rows.map(({ id }) => id)
  await settle(db, ids, now)
  return ids.length
}

/**
 * Advances the statuses now, and then every 20 seconds; an error is logged and the next look makes up for it. Resolves
 * after the first look with the function that ends it, which waits for a look that is under way.
 */
export async function startClock(db: Database, clock: Pick<Clock, 'now'>, log: Logger): Promise<() => Promise<void>> {
  const ended = new AbortController()
  const look = async () => {
    try {
      const count = await advanceStatuses(db, clock.now())
      if (count > 0) log.info({ conventions: count }, 'statuses advanced')
    } catch (error) {
      log.error({ err: error }, 'the statuses were not advanced')
    }
  }
  async function keepLooking() {
    const { signal } = ended
    while (!signal.aborted) {
      await sleep(limits.clockMs, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await look()
    }
  }
  await look()
  const looking = keepLooking()
  return () => {
    ended.abort()
    return looking
  }
}
