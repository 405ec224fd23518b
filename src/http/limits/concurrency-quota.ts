/**
 * Concurrency quotas: how much of what lasts is in use at once (requests, streams, bytes), by each caller (429) and in
 * total (503). Callers with a key and those without have a total each, so that neither can keep the others out, and no
 * caller gets more than a quarter of one.
 */
import type { FastifyReply } from 'fastify'
import { problem } from '../errors/problems.ts'

/** Who shares a quota: the organization of a key, or the network of an address. */
export interface QuotaCaller {
  id: string
  hasKey: boolean
}

export interface QuotaOptions {
  /** What is counted, in words of an answer, such as `streams`. */
  label: string
  perCaller: number
  /** Of all callers with a key, and as much again of all others. */
  total: number
  /** When to try again, for `Retry-After`. */
  retrySeconds: number
}

export interface Lease {
  /** Takes more for the same caller. Throws as `take` does. */
  add(amount: number): void
  /** Gives all of it back, once or more. */
  release(): void
}

export interface Quota {
  /** Takes an amount for a caller, and answers how to give it back. Throws as `lease` does. */
  take(caller: QuotaCaller, amount?: number): () => void
  /**
   * Takes nothing yet. What is added throws a 429 when the caller would have too much, a 503 when all would together;
   * the first thing of a caller, or of all, is always let in, however large.
   */
  lease(caller: QuotaCaller): Lease
  /** By all callers together. */
  readonly inUse: number
}

/** What callers of one kind use. */
interface Share {
  byCaller: Map<string, number>
  inUse: number
}

export function quotaOf({ label, perCaller, total, retrySeconds }: QuotaOptions): Quota {
  const keyed: Share = { byCaller: new Map(), inUse: 0 }
  const anonymous: Share = { byCaller: new Map(), inUse: 0 }
  const headers = { 'retry-after': String(retrySeconds) }

  function add(share: Share, id: string, amount: number): void {
    const own = share.byCaller.get(id) ?? 0
    if (own > 0 && own + amount > perCaller)
      throw problem('too-many-requests', `You have too many ${label} already: end one first.`, { headers })
    if (share.inUse > 0 && share.inUse + amount > total)
      throw problem('overloaded', `There are too many ${label} now; nothing was changed.`, { headers })
    change(share, id, amount)
  }

  function lease({ id, hasKey }: QuotaCaller): Lease {
    const share = hasKey ? keyed : anonymous
    let own = 0
    let isReleased = false
    return {
      add(amount) {
        if (isReleased) return
        add(share, id, amount)
        own += amount
      },
      release() {
        if (!isReleased && own > 0) change(share, id, -own)
        isReleased = true
      },
    }
  }

  return {
    lease,
    take(caller, amount = 1) {
      const taken = lease(caller)
      taken.add(amount)
      return taken.release
    },
    get inUse() {
      return keyed.inUse + anonymous.inUse
    },
  }
}

function change(share: Share, id: string, amount: number): void {
  const own = (share.byCaller.get(id) ?? 0) + amount
  if (own === 0) share.byCaller.delete(id)
  else share.byCaller.set(id, own)
  share.inUse += amount
}

/** Releases when the answer has gone or its reader has, who may have left long before this is called. */
export function whenAnswered({ raw }: FastifyReply, release: () => void): void {
  if (raw.destroyed) release()
  else raw.once('close', release)
}
