/**
 * How much each of many may ask for in a minute, pure: a bucket each, full at first, that fills again evenly (the
 * generic cell rate algorithm). A bucket is one number, the instant at which it will be full again, so one that has
 * been forgotten since then is the same as a full one.
 */
import { recent } from './ttl-map.ts'

export const WINDOW_MS = 60_000

/** What was said to one request. */
export interface Verdict {
  isAllowed: boolean
  /** Whole units that are left. */
  left: number
  /** Until the bucket is full again, and until this request could be paid for; 0 when it was. In milliseconds. */
  fullInMs: number
  retryInMs: number
}

export interface Buckets {
  /** Units in a full bucket, which is also how many flow into it in a minute. */
  readonly size: number
  /**
   * Takes so many units from one's bucket at an instant (in milliseconds of a clock that never goes back), or nothing
   * when there are not enough. What costs more than a full bucket costs a full one.
   */
  take(whose: string, cost: number, now: number): Verdict
}

/** Buckets of `size` units, more than 0; beyond `most` of them at once the longest unused are forgotten. */
export function buckets(size: number, most: number): Buckets {
  const unitMs = WINDOW_MS / size
  const fullAt = recent<number>(WINDOW_MS, most)
  return {
    size,
    take(whose, cost, now) {
      const before = Math.max(fullAt.get(whose, now) ?? now, now)
      const after = before + Math.min(cost, size) * unitMs
      const excessMs = after - now - WINDOW_MS
      // Instants are fractions: what is missing by less than a rounding is there.
      const isAllowed = excessMs <= unitMs * ROUNDING
      if (isAllowed) fullAt.set(whose, after, now)
      const fullInMs = (isAllowed ? after : before) - now
      const left = Math.max(0, Math.floor((WINDOW_MS - fullInMs) / unitMs + ROUNDING))
      return { isAllowed, left, fullInMs, retryInMs: isAllowed ? 0 : excessMs }
    },
  }
}

const ROUNDING = 1e-6
