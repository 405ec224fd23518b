/**
 * How the service takes leave: from the first signal on it is no longer ready, and each answer asks its sender to
 * close the connection, so that nobody's next request meets a closed socket. Requests are served until the very end.
 */
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Set to true once the process has been asked to stop. */
    draining: boolean
  }
}

export function registerDrain(app: FastifyInstance): void {
  app.decorate('draining', false)
  app.addHook('onSend', async (_request, reply) => {
    if (app.draining) reply.header('connection', 'close')
  })
}
