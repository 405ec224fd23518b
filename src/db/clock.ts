/**
 * Clock of the registry: the database's time at the last reading, advanced by the monotonic clock of this process. A
 * process whose system clock is wrong thus writes no wrong day.
 */
import { sql } from 'kysely'
import { type Clock, limits } from '../config.ts'
import type { Database } from './database.ts'

export interface DatabaseClock extends Clock {
  /** Reads the time anew, with an error of at most half the round trip. Throws what the query throws. */
  sync(db: Database): Promise<void>
}

/** A clock that has been read once. Throws what the query throws. */
export async function readClock(db: Database): Promise<DatabaseClock> {
  /** The database's time when the monotonic clock stood at 0, in milliseconds. */
  let originMs = 0
  const now = () => new Date(originMs + performance.now())
  const clock: DatabaseClock = {
    now,
    elapsedMs: () => performance.now(),
    skewMs: () => Date.now() - now().getTime(),
    async sync(db) {
      const sentAt = performance.now()
      const { rows } = await sql<{ ms: number }>`
        select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db)
      const [time] = rows
      if (time) originMs = time.ms - (sentAt + performance.now()) / 2
    },
  }
  await clock.sync(db)
  return clock
}

/** Whether the clocks of this process and of the database agree; which of two that differ is wrong, neither can know. */
export const clocksAgree = (clock: Pick<Clock, 'skewMs'>): boolean => Math.abs(clock.skewMs()) <= limits.clockSkewMs
