/** Turns of a long computation: a document has thousands of objects, and other requests go on meanwhile. */
import { setImmediate as othersTurn } from 'node:timers/promises'

const ITEMS_A_TURN = 200

/** What `map` makes of each item, in their order; after each 200 other requests have their turn. */
export async function mapInTurns<T, R>(items: readonly T[], map: (item: T) => R): Promise<R[]> {
  const mapped: R[] = []
  for (const item of items) {
    mapped.push(map(item))
    if (mapped.length % ITEMS_A_TURN === 0) await othersTurn()
  }
  return mapped
}
