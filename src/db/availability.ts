/**
 * Availability of the database: a heartbeat on a dedicated connection, so a full pool or a black-holed network never
 * delays the answer. Started once for the process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '../config.ts'
import type { DatabaseClock } from './clock.ts'
import { closeDatabase, type Database, openDatabase } from './database.ts'

export interface Availability {
  /** As the last beats found it. */
  readonly isAvailable: boolean
  /** Whether it is away because it finds no room on its disk. */
  readonly isDiskFull: boolean
  stop(): Promise<void>
}

/** The database counts as away after so many unanswered heartbeats in a row. */
const MISSES = 2

/** For applications without a heartbeat: the database counts as available. */
export const assumeAvailable: Availability = { isAvailable: true, isDiskFull: false, stop: async () => undefined }

/**
 * Starts the heartbeat; each beat sets the clock, and `onChange` is called when availability changes. `isDiskFull` says
 * why the database is away.
 */
export function watchDatabase(
  url: string,
  clock: DatabaseClock,
  onChange: (isAvailable: boolean) => void,
  isDiskFull: () => boolean,
): Availability {
  const db = openDatabase(url, { connections: 1, patienceMs: limits.presenceMs, connectMs: limits.presenceMs })
  const stopping = new AbortController()
  let isAvailable = true
  let misses = 0

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      const answer = await ping(db, clock)
      misses = answer === false ? misses + 1 : 0
      // One beat may be late by itself, while a process or a server begins.
      const isChanged = isAvailable ? misses === MISSES : answer === true
      if (isChanged) {
        isAvailable = !isAvailable
        onChange(isAvailable)
      }
      await sleep(limits.beatMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const watching = watch()

  return {
    get isAvailable() {
      return isAvailable
    },
    get isDiskFull() {
      return !isAvailable && isDiskFull()
    },
    async stop() {
      stopping.abort()
      await watching
      await closeDatabase(db)
    },
  }
}

/** Undefined when this process itself was too busy to tell. */
async function ping(db: Database, clock: DatabaseClock): Promise<boolean | undefined> {
  const start = performance.now()
  const answered = await clock.sync(db).then(
    () => true,
    () => false,
  )
  const isLate = performance.now() - start > limits.presenceMs + limits.beatMs
  return isLate && !answered ? undefined : answered
}
