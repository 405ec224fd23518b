/**
 * Shutdown without the loss of a request. From the first signal on the process is not ready, and each answer closes its
 * connection (`Connection: close`), so that no next request meets a closed socket. It listens until no connection comes
 * any more, then waits for the requests of those that are still open; requests are served until the very end.
 */
import { Server, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { limits } from '../config.ts'

const READ_CHECK_MS = 50

declare module 'fastify' {
  interface FastifyInstance {
    /** Set to true once the process has been asked to stop. */
    draining: boolean
    /** The connections that are open. */
    connections: Set<Socket>
  }
}

export function registerDrain(app: FastifyInstance): void {
  app.decorate('draining', false)
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (app.draining) reply.header('connection', 'close')
    done()
  })
  const open = new Set<Socket>()
  app.decorate('connections', open)
  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  // Node ends what was asked before and is idle now, and would wait for a connection on which nothing was ever asked.
  app.addHook('preClose', async () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  })
}

/** The limits of a shutdown, in milliseconds; `stopMs` is for all of it. */
export type ShutdownTimes = Record<'drainMs' | 'drainMaxMs' | 'stopMs', number>

/** Closes an application: resolves when its last answer has gone, or is cut. */
export async function closeGently(app: FastifyInstance, times: ShutdownTimes = limits): Promise<void> {
  app.draining = true
  if (app.server.listening)
    await within(
      times.stopMs,
      drain(app.server, times)
        .then(() => allRead(app.connections))
        .then(() => app.close()),
    )
  else await app.close()
  app.server.closeAllConnections()
}

/** Waits until clients have read their answers: the server closes connections whose answers are written, not read. */
async function allRead(connections: Set<Socket>): Promise<void> {
  while ([...connections].some(({ writableLength }) => writableLength > 0)) await sleep(READ_CHECK_MS)
}

async function drain(server: Server, { drainMs, drainMaxMs, stopMs }: ShutdownTimes): Promise<void> {
  await quiet(server, drainMs, drainMaxMs)
  // What has connected is accepted by then: the system resets what it still keeps for a socket that no longer listens.
  await nextTurn()
  const closed = new AbortController()
  // The `close` of an HTTP server would end connections whose first request is on its way.
  Server.prototype.close.call(server, () => closed.abort())
  await quiet(server, drainMs, stopMs, closed.signal)
}

/** Resolves once there was no connection and no request for `quietMs` milliseconds, or after `maxMs`, or by the signal. */
async function quiet(server: Server, quietMs: number, maxMs: number, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + maxMs
  let lastAt = performance.now()
  const note = () => {
    lastAt = performance.now()
  }
  const restMs = () => Math.min(lastAt + quietMs, end) - performance.now()
  server.on('connection', note).on('request', note)
  while (restMs() > 0 && !signal?.aborted) await sleep(restMs(), undefined, { signal }).catch(() => undefined)
  server.off('connection', note).off('request', note)
}

/** Waits no longer than `ms` milliseconds for work to end. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  await Promise.race([work, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)])
  timer.abort()
}
