/**
 * Random numbers that can be repeated: the same labels give the same draws on every machine. Each part of the country draws
 * from a source of its own, so that what is added to one part does not change the others.
 */

export interface Random {
  /** From 0 to 1, 1 excluded. */
  next(): number
  /** A whole number, both bounds included. */
  whole(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** So many different items, in the order of the list; all of them when there are fewer. */
  some<T>(list: readonly T[], count: number): T[]
}

/** The source of chance of these labels. */
export function randomOf(...labels: (string | number)[]): Random {
  const next = mulberry32(hashOf(labels.join('/')))
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (list) => list[whole(0, list.length - 1)] as (typeof list)[number],
    some: (list, count) => {
      let wanted = Math.min(count, list.length)
      // Each item is taken with the probability that still fills the rest: one pass, and the order stays.
      return list.filter((_, i) => {
        const isTaken = next() * (list.length - i) < wanted
        if (isTaken) wanted -= 1
        return isTaken
      })
    },
  }
}

/** FNV-1a of 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Tommy Ettinger's mulberry32: 32 bits of state, even enough for texts and amounts. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
