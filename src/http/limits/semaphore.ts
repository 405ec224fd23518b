/** A FIFO semaphore: at most `limit` tasks run at once, the rest queue in the order in which they arrived. */

export interface Semaphore {
  /** Waits for a slot; returns how to release it, which may be called more than once. */
  acquire(): Promise<() => void>
}

export function semaphore(limit: number): Semaphore {
  const waiting: (() => void)[] = []
  let free = limit
  return {
    async acquire() {
      if (free > 0) free -= 1
      else await new Promise<void>((begin) => waiting.push(begin))
      let isReleased = false
      return () => {
        if (isReleased) return
        isReleased = true
        const begin = waiting.shift()
        if (begin) begin()
        else free += 1
      }
    },
  }
}
