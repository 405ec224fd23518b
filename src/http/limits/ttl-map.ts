/**
 * A memory of bounded size for what matters for a short while: an entry that nobody writes again is forgotten after
 * one to three spans of time, and sooner when there are too many of them.
 */

export interface Recent<V> {
  get(key: string, now: number): V | undefined
  set(key: string, value: V, now: number): void
}

/** At most twice `most` entries, each kept for at least `spanMs` milliseconds while there are fewer than `most`. */
export function recent<V>(spanMs: number, most: number): Recent<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  let since = Number.NEGATIVE_INFINITY

  function age(now: number): void {
    if (now - since < spanMs && young.size < most) return
    old = now - since < 2 * spanMs ? young : new Map()
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
