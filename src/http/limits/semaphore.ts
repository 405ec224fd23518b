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
