/** Work that makes much of little is done by few at once; the others wait, in the order in which they came. */

export interface Turns {
  /** Waits for a turn; answers how to end it, once or more. */
  take(): Promise<() => void>
}

export function turnsOf(atOnce: number): Turns {
  const waiting: (() => void)[] = []
  let free = atOnce
  return {
    async take() {
      if (free > 0) free -= 1
      else await new Promise<void>((begin) => waiting.push(begin))
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        const begin = waiting.shift()
        if (begin) begin()
        else free += 1
      }
    },
  }
}
