/**
 * Time slices: of the requests that arrive together no more begin in one turn of the event loop than a slice of it takes,
 * so that timers, health checks and answers of the database have their turn between them.
 */
import type { RequestListener } from 'node:http'

/** A listener that has `handle` begin requests in slices of `sliceMs` milliseconds, in the order in which they came. */
export function inSlices(handle: RequestListener, sliceMs: number): RequestListener {
  const waiting: (() => void)[] = []
  /** When the slice of this turn ends; undefined while nothing has begun in it. */
  let end: number | undefined

  function beginMore(): void {
    end = performance.now() + sliceMs
    let begun = 0
    for (; begun < waiting.length && performance.now() < end; begun++) waiting[begun]?.()
    waiting.splice(0, begun)
    if (waiting.length > 0) setImmediate(beginMore)
    else end = undefined
  }

  return (request, response) => {
    if (end === undefined) {
      end = performance.now() + sliceMs
      setImmediate(beginMore)
    }
    if (waiting.length === 0 && performance.now() < end) handle(request, response)
    else
      waiting.push(() => {
        if (!request.socket.destroyed) handle(request, response)
      })
  }
}
