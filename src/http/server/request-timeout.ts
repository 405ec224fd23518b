/**
 * Request timeout: a request must have arrived whole in time, or its connection ends with a 408. Node has one time for all
 * requests; this one is lifted for a body that has limits of its own.
 */
import type { IncomingMessage, Server } from 'node:http'

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>()

/** Gives the body of each request so many milliseconds from the end of its headers. */
export function limitArrival(server: Server, ms: number): void {
  server.on('request', (request: IncomingMessage) => {
    const { 'transfer-encoding': coding, 'content-length': length } = request.headers
    if (coding === undefined && length === undefined) return
    const late = Object.assign(new Error('The request timed out.'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    const timer = setTimeout(() => {
      if (!request.complete) server.emit('clientError', late, request.socket)
    }, ms)
    timers.set(request, timer)
    request.once('close', () => clearTimeout(timer))
  })
}

/** Lifts the time of one request. */
export const liftRequestTimeout = ({ raw }: { raw: IncomingMessage }): void => clearTimeout(timers.get(raw))
