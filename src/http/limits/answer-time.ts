/**
 * Answer time: how long an operation may take from its handler, and what that waits for, until its answer has gone. Not
 * the framework's own limit, which makes and aborts a signal for each request, those answered from memory too, and
 * forgets a write once its body has arrived.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../../config.ts'
import { whenAnswered } from './concurrency-quota.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In milliseconds, where it is longer than usual; or that of a request. */
    answerMs?: number | ((request: FastifyRequest) => number)
  }
}

/** What the error handler answers as too late: a 503, to a write with the words that its outcome is not known. */
class AnswerTimeout extends Error {
  override readonly name = 'AbortError'
}

/** For the plugin of the operations. */
export function boundAnswerTime(app: FastifyInstance): void {
  /** Answers on their way: another one could no longer be sent in their place. */
  const leaving = new WeakSet<FastifyReply>()
  app.addHook('preHandler', (request, reply, done) => {
    const timer = setTimeout(() => {
      if (reply.sent) return
      if (leaving.has(reply)) reply.raw.destroy()
      else reply.send(new AnswerTimeout('the answer took too long'))
    }, answerMsOf(request))
    whenAnswered(reply, () => clearTimeout(timer))
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    leaving.add(reply)
    done()
  })
}

function answerMsOf(request: FastifyRequest): number {
  const { answerMs = limits.handlerMs } = request.routeOptions.config
  return typeof answerMs === 'function' ? answerMs(request) : answerMs
}
