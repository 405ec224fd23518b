/**
 * TTL map, bounded, of two generations: an entry lives one to three TTLs after its last write, less when there are too
 * many.
 */

export interface TtlMap<V> {
  /** `now` is in milliseconds of a clock that never goes back. */
  get(key: string, now: number): V | undefined
  set(key: string, value: V, now: number): void
}

/** Has at most `2 * limit` entries, each for at least `ttlMs` milliseconds while there are fewer than `limit`. */
export function ttlMap<V>(ttlMs: number, limit: number): TtlMap<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  let since = Number.NEGATIVE_INFINITY

  function age(now: number): void {
    if (now - since < ttlMs && young.size < limit) return
    old = now - since < 2 * ttlMs ? young : new Map()
    young = new Map()
    since = now
  }

  return {
    get(key, now) {
      age(now)
      return young.get(key) ?? old.get(key)
    },
    set(key, value, now) {
      age(now)
      young.set(key, value)
    },
  }
}
