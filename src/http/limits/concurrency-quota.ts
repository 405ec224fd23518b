/**
 * How much of something that lasts may be held at once, by each caller and in all: streams, waits, moments, bytes of
 * answers. A caller who has enough is told to end something first, and all are told to come again when too much is
 * held together.
 */
import type { FastifyReply } from 'fastify'
import { problem } from '../errors/problems.ts'

export interface QuotaOptions {
  /** What is held, in words, e.g. `streams`. */
  what: string
  perCaller: number
  inAll: number
  /** After how long to try again, for `Retry-After`. */
  retrySeconds: number
}

export interface Quota {
  /**
   * Takes an amount for a caller, and answers how to give it back, once or more. Throws a 429 when the caller would
   * hold too much, a 503 when all would; the first thing of all is always let in, however large.
   */
  take(caller: string, amount?: number): () => void
  /** What is held in all. */
  readonly held: number
}

export function quotaOf({ what, perCaller, inAll, retrySeconds }: QuotaOptions): Quota {
  const byCaller = new Map<string, number>()
  const headers = { 'retry-after': String(retrySeconds) }
  let held = 0

  function change(caller: string, amount: number): void {
    const sum = (byCaller.get(caller) ?? 0) + amount
    if (sum === 0) byCaller.delete(caller)
    else byCaller.set(caller, sum)
    held += amount
  }

  return {
    take(caller, amount = 1) {
      const own = byCaller.get(caller) ?? 0
      if (own > 0 && own + amount > perCaller)
        throw problem('too-many-requests', `You have too many ${what} already: end one first.`, { headers })
      if (held > 0 && held + amount > inAll)
        throw problem('overloaded', `There are too many ${what} now; nothing was changed.`, { headers })
      change(caller, amount)
      let isHeld = true
      return () => {
        if (isHeld) change(caller, -amount)
        isHeld = false
      }
    },
    get held() {
      return held
    },
  }
}

/** Gives back when the answer has gone or its reader has, who may have left long before this is called. */
export function whenAnswered({ raw }: FastifyReply, release: () => void): void {
  if (raw.destroyed) release()
  else raw.once('close', release)
}
