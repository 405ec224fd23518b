/**
 * Status clock: a writer that gives each convention a new version whose status is not that of the day in Europe/Paris,
 * so that mirrors hear of midnight. It compares what is stored with the day instead of waiting for midnight: nothing is
 * missed while a process sleeps, and what a wrong clock wrote is repaired, forward and back.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Clock, limits } from '../../config.ts'
import { clocksAgree } from '../../db/clock.ts'
import type { Database } from '../../db/database.ts'
import { rows } from '../../db/expressions.ts'
import { inTransaction } from '../../db/transaction.ts'
import { parisDay } from '../../engine/day.ts'
import { refreshDerivedOfConventions } from '../../engine/write/rows.ts'

/** In one transaction; the rest follows in the next. */
const BATCH_CONVENTIONS = 200
const LOCK = sql`hashtext('advance statuses')`
const origin = { actor: 'clock', requestId: null, source: null }

/**
 * Brings the statuses of all conventions to the day of `now`; answers how many were of another day. One that somebody
 * is writing is left for the next time; so are all when another process is at it.
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
  const found = await db
    .selectFrom('convention')
    .select('id')
    .where(differsAt(now))
    .where(differsAt(new Date(now.getTime() + limits.clockSkewMs)))
    .orderBy('id')
    .limit(BATCH_CONVENTIONS)
    .forNoKeyUpdate()
    .skipLocked()
    .execute()
  const ids = found.map(({ id }) => id)
  await refreshDerivedOfConventions(db, ids, now)
  return ids.length
}

/**
 * Whether the stored status is wrong at an instant. One that is right within the coming minute stays: at midnight two
 * processes whose clocks agree do not undo each other's changes.
 */
const differsAt = (instant: Date) =>
  convention(
    'status',
    '<>',
    convention.fn<string>('status_on', [
      'state',
      'from_day',
      'to_day',
      'terminated_day',
      sql`${parisDay(instant)}::date`,
    ]),
  )

const convention = rows<{ convention: 'convention' }>()

/**
 * Advances the statuses now, and then every 20 seconds, while the clocks agree; an error is logged and the next look
 * makes up for it. Resolves after the first look with the function that ends it, which waits for a look that is under
 * way.
 */
export async function startClock(
  db: Database,
  clock: Pick<Clock, 'now' | 'skewMs'>,
  log: Logger,
): Promise<() => Promise<void>> {
  const ended = new AbortController()
  let agreed = true
  const look = async () => {
    const agree = clocksAgree(clock)
    if (agree !== agreed) logAgreement(log, agree, clock.skewMs())
    agreed = agree
    if (!agree) return
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

function logAgreement(log: Logger, agree: boolean, skewMs: number): void {
  const aheadSeconds = Math.round(skewMs / 1_000)
  if (agree) log.info({ aheadSeconds }, 'the clocks agree again')
  else
    log.warn(
      { aheadSeconds },
      'the clocks differ: this process advances no status until its own and that of the database agree',
    )
}
