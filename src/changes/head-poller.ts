/**
 * Wakes those who wait for a change: one question for the highest position each tick, whoever many wait, and none
 * while nobody does. Nothing but speed depends on it: whoever wakes reads the journal itself.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import { semaphore } from '../http/limits/semaphore.ts'
import { selectHead } from './journal.ts'

/** A NOTIFY in each transaction would cost as much again as its commit; this question costs next to nothing. */
const TICK_MS = 25

export interface Waker {
  /** Resolves once there is a position beyond this one, after so many milliseconds, or when the service stops. */
  beyond(position: number, ms: number, signal?: AbortSignal): Promise<void>
  /** Waits for a turn to read after that, and answers how to end it: all are woken together, and others read too. */
  turn(caller: string): Promise<() => void>
  /** Wakes all for good. */
  stop(): void
  readonly isStopped: boolean
}

export function startWaker(db: Database): Waker {
  const waiting = new Map<() => void, number>()
  const stopped = new AbortController()
  const turns = semaphore(limits.wakeupSlots)
  let isTicking = false

  async function tick(): Promise<void> {
    isTicking = true
    while (waiting.size > 0 && !stopped.signal.aborted) {
      // A database that does not answer wakes nobody: those who wait end by their own time.
      const head = await selectHead(db).catch(() => undefined)
      for (const [wake, position] of waiting) if (head && head.position > position) wake()
      await sleep(TICK_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
    isTicking = false
  }

  return {
    async beyond(position, ms, signal) {
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
    turn: (caller) => turns.acquire(caller),
    stop() {
      stopped.abort()
      for (const wake of waiting.keys()) wake()
    },
    get isStopped() {
      return stopped.signal.aborted
    },
  }
}
