/**
 * A semaphore that is fair by caller: at most `limit` tasks run at once. Of those that wait, the callers take turns,
 * and each caller's own are in the order in which they came.
 */

export interface Semaphore {
  /** Waits for a slot; answers how to release it, once or more. */
  acquire(caller: string): Promise<() => void>
}

export function semaphore(limit: number): Semaphore {
  /** Who waits, in the order of their turns. */
  const waiting = new Map<string, (() => void)[]>()
  let free = limit

  function release(): void {
    const [next] = waiting
    if (!next) {
      free += 1
      return
    }
    const [caller, starts] = next
    const start = starts.shift()
    waiting.delete(caller)
    if (starts.length > 0) waiting.set(caller, starts)
    start?.()
  }

  function enqueue(caller: string, start: () => void): void {
    const own = waiting.get(caller)
    if (own) own.push(start)
    else waiting.set(caller, [start])
  }

  return {
    async acquire(caller) {
      if (free > 0) free -= 1
      else await new Promise<void>((start) => enqueue(caller, start))
      let isHeld = true
      return () => {
        if (isHeld) release()
        isHeld = false
      }
    },
  }
}
