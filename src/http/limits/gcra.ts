/**
 * Generic cell rate algorithm (GCRA), pure: a bucket for each caller, full at first, that refills evenly. A bucket is
 * one number, the instant at which it will be full again, so one that was evicted after that instant equals a full one.
 */
import { ttlMap } from './ttl-map.ts'

export const WINDOW_MS = 60_000

/** The decision on one request. */
export interface RateDecision {
  isAllowed: boolean
  /** Whole units. */
  left: number
  /** Until the bucket is full again, and until this request could be paid for; 0 when it was. In milliseconds. */
  fullInMs: number
  retryInMs: number
}

export interface Buckets {
  /** Units in a full bucket, which is also how many flow into it in a minute. */
  readonly size: number
  /**
   * Takes `cost` units from a caller's bucket at an instant (in milliseconds of a clock that never goes back), or none
   * when there are not enough. A cost above the size counts as the size.
   */
  take(caller: string, cost: number, now: number): RateDecision
}

/** Buckets of `size` units, more than 0; beyond `limit` of them the longest unused are evicted. */
export function buckets(size: number, limit: number): Buckets {
  const unitMs = WINDOW_MS / size
  const fullAt = ttlMap<number>(WINDOW_MS, limit)
  return {
    size,
    take(caller, cost, now) {
      const before = Math.max(fullAt.get(caller, now) ?? now, now)
      const after = before + Math.min(cost, size) * unitMs
      const excessMs = after - now - WINDOW_MS
      // Instants are fractions: what is missing by less than a rounding is there.
      const isAllowed = excessMs <= unitMs * ROUNDING
      if (isAllowed) fullAt.set(caller, after, now)
      const fullInMs = (isAllowed ? after : before) - now
      const left = Math.max(0, Math.floor((WINDOW_MS - fullInMs) / unitMs + ROUNDING))
      return { isAllowed, left, fullInMs, retryInMs: isAllowed ? 0 : excessMs }
    },
  }
}

const ROUNDING = 1e-6
