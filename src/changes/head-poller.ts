/**
 * Head poller: reads the head position once per tick, however many clients wait, and not at all while none do.
 * Correctness does not depend on it: a woken reader reads the journal itself.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import { semaphore } from '../http/limits/semaphore.ts'
import { selectHead } from './journal.ts'

/** A NOTIFY in each transaction would cost as much again as its commit; this query costs next to nothing. */
const TICK_MS = 25

export interface HeadPoller {
  /** Resolves once there is a position beyond this one, after so many milliseconds, or when the service stops. */
  waitPast(position: number, ms: number, signal?: AbortSignal): Promise<void>
  /** Waits for a slot to read in, since all waiting readers wake together; returns what releases it. */
  acquireSlot(caller: string): Promise<() => void>
  /** Wakes all for good. */
  stop(): void
  readonly isStopped: boolean
}

export function startHeadPoller(db: Database): HeadPoller {
  const waiting = new Map<() => void, number>()
  const stopped = new AbortController()
  const slots = semaphore(limits.wakeupSlots)
  let isTicking = false

  async function tick(): Promise<void> {
    isTicking = true
    while (waiting.size > 0 && !stopped.signal.aborted) {
      // While the database does not answer, waiting readers end by their own timers.
      const head = await selectHead(db).catch(() => undefined)
      for (const [wake, position] of waiting) if (head && head.position > position) wake()
      await sleep(TICK_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
    isTicking = false
  }

  return {
    async waitPast(position, ms, signal) {
      if (stopped.signal.aborted || signal?.aborted) return
      const { promise, resolve: wake } = Promise.withResolvers<void>()
      const end = () => wake()
      const timer = setTimeout(wake, ms)
      signal?.addEventListener('abort', end)
      waiting.set(wake, position)
      if (!isTicking) void tick()
      await promise
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      waiting.delete(wake)
    },
    acquireSlot: (caller) => slots.acquire(caller),
    stop() {
      stopped.abort()
      for (const wake of waiting.keys()) wake()
    },
    get isStopped() {
      return stopped.signal.aborted
    },
  }
}
