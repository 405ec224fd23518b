/** Fair queue: callers take turns, and each caller's own entries are first in, first out. */

export interface FairQueue<T> {
  add(caller: string, item: T): void
  /** Takes the item whose turn it is; undefined when the queue is empty. */
  take(): T | undefined
}

export function fairQueue<T>(): FairQueue<T> {
  /** Who waits, in the order of their turns. */
  const waiting = new Map<string, T[]>()
  return {
    add(caller, item) {
      const own = waiting.get(caller)
      if (own) own.push(item)
      else waiting.set(caller, [item])
    },
    take() {
      const [next] = waiting
      if (!next) return undefined
      const [caller, items] = next
      const item = items.shift()
      waiting.delete(caller)
      if (items.length > 0) waiting.set(caller, items)
      return item
    },
  }
}
