/** Semaphore, fair by caller: at most `limit` tasks run at once, and the callers of those that wait take turns. */
import { fairQueue } from './fair-queue.ts'

export interface Semaphore {
  /** Waits for a slot; answers how to release it, once or more. */
  acquire(caller: string): Promise<() => void>
}

export function semaphore(limit: number): Semaphore {
  const waiting = fairQueue<() => void>()
  let free = limit

  function release(): void {
    const start = waiting.take()
    if (start) start()
    else free += 1
  }

  return {
    async acquire(caller) {
      if (free > 0) free -= 1
      else await new Promise<void>((start) => waiting.add(caller, start))
      let isHeld = true
      return () => {
        if (isHeld) release()
        isHeld = false
      }
    },
  }
}

/** A semaphore of `total` slots, of which one caller has at most `perCaller`. */
export function sharedSemaphore({ perCaller, total }: { perCaller: number; total: number }): Semaphore {
  const all = semaphore(total)
  const callers = new Map<string, { slots: Semaphore; users: number }>()

  return {
    async acquire(caller) {
      const own = callers.get(caller) ?? { slots: semaphore(perCaller), users: 0 }
      callers.set(caller, own)
      own.users += 1
      const releaseOwn = await own.slots.acquire(caller)
      const releaseAll = await all.acquire(caller)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        own.users -= 1
        if (own.users === 0) callers.delete(caller)
        releaseAll()
        releaseOwn()
      }
    },
  }
}
