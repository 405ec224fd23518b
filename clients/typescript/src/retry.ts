/**
 * Retry: a `fetch` that sends a request again when the registry says so by `Retry-After`, and when the network or a
 * proxy fails. That is safe for reads, and for writes with an `Idempotency-Key`.
 */

/** Answers of proxies that did not reach the registry, or not in time. */
const FAILED = [502, 503, 504]
/** A longer `Retry-After` is left to the caller. */
const WAIT_MS_MAX = 60_000
const PAUSE_MS = 500
const PAUSE_MS_MAX = 30_000

/** Milliseconds that an answer asks to wait; 0 without a `Retry-After` in seconds. */
export const retryAfterMs = ({ headers }: Response): number => Number(headers.get('retry-after')) * 1_000 || 0

/** Milliseconds to wait after so many failures in a row: they double, and clients spread. */
export const pauseMs = (failures: number): number =>
  Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** failures) * (0.5 + Math.random() / 2)

/** Resolves after some milliseconds; rejects with the reason of the signal once that is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** A `fetch` that makes up to so many attempts; the last answer, or the last error, is that of the request. */
export function retryingFetch(attempts: number): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let failures = 0; ; failures++) {
      const isLast = failures + 1 >= attempts
      const answer = await fetch(isLast ? request : request.clone()).catch((error: unknown) => {
        if (isLast || request.signal.aborted) throw error
      })
      if (answer) {
        const isRefused = answer.headers.has('retry-after') || FAILED.includes(answer.status)
        if (isLast || answer.ok || !isRefused || retryAfterMs(answer) > WAIT_MS_MAX) return answer
        await answer.body?.cancel()
      }
      await sleep(Math.max(answer ? retryAfterMs(answer) : 0, pauseMs(failures)), request.signal)
    }
  }
}
