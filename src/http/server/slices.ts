/**
 * Time slices: of the requests that arrive together no more begin in one turn of the event loop than a slice of it takes,
 * so that timers, health checks and answers of the database have their turn between them. The others queue, fairly by
 * network of the connection, which behind a proxy is that of the proxy.
 */
import type { RequestListener } from 'node:http'
import { networksOf } from '../limits/client-network.ts'
import { fairQueue } from '../limits/fair-queue.ts'
import { isOpen } from './pipelining.ts'

/** A listener that has `handle` begin requests in slices of `sliceMs` milliseconds. */
export function inSlices(handle: RequestListener, sliceMs: number): RequestListener {
  const queue = fairQueue<() => void>()
  let queued = 0
  /** When the slice of this turn ends; undefined while nothing has begun in it. */
  let end: number | undefined

  function beginMore(): void {
    end = performance.now() + sliceMs
    for (; queued > 0 && performance.now() < end; queued--) queue.take()?.()
    if (queued > 0) setImmediate(beginMore)
    else end = undefined
  }

  return (request, response) => {
    if (end === undefined) {
      end = performance.now() + sliceMs
      setImmediate(beginMore)
    }
    if (queued === 0 && performance.now() < end) return handle(request, response)
    queued += 1
    queue.add(networksOf(request.socket.remoteAddress ?? '').wider, () => {
      if (isOpen(request.socket)) handle(request, response)
    })
  }
}
