/**
 * What requests hold while they are worked on: their number, the bytes of bodies until these have been answered, the
 * bytes of answers until they have been read. All of it is bounded, by caller and in all; a reader who takes nothing
 * for a while, or who takes too long over an answer, is cut off.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../../config.ts'
import { problem } from '../errors/problems.ts'
import { type Quota, quotaOf, whenAnswered } from './concurrency-quota.ts'
import { semaphore } from './semaphore.ts'

/** What is smaller is what any connection takes. */
const SMALL_BYTES = 16 * 1024

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the operation makes much of little, so that few of its kind are worked on at once; `cost` is another thing. */
    takesTurn?: boolean
  }
  interface FastifyInstance {
    /** For work that makes much of little: whole documents, long pages. */
    largeReads: Quota
    /** Waits for a turn, and answers how to end it. Throws when the reader has left meanwhile: he is owed no work. */
    largeReadTurn(reply: FastifyReply): Promise<() => void>
  }
  interface FastifyRequest {
    /** Ends the turn of a large read. */
    endTurn: (() => void) | null
    /** Gives back the place among the requests that are worked on, for what waits from now on and has a quota of its own. */
    endWork: (() => void) | null
  }
}

/** To be called after the manners and the limits of requests, and before authentication. */
export function registerHolding(app: FastifyInstance): void {
  const requests = quotaOf({ what: 'requests at once', retrySeconds: 1, ...limits.requests })
  const bodies = quotaOf({ what: 'large bodies at once', retrySeconds: 2, ...limits.bodiesBytes })
  const answers = quotaOf({ what: 'answers that were not read', retrySeconds: 5, ...limits.unreadBytes })
  const largeReads = quotaOf({ what: 'requests for much at once', retrySeconds: 1, ...limits.largeReads })
  const largeReadTurns = semaphore(limits.largeReadTurns)
  app.decorate('largeReads', largeReads)
  app.decorate('largeReadTurn', async (reply: FastifyReply) => {
    const end = await largeReadTurns.acquire(reply.request.countedFor)
    if (!reply.raw.destroyed) return end
    end()
    throw problem('unavailable', 'Nobody waits for the answer.')
  })
  app.decorateRequest('endTurn', null)
  app.decorateRequest('endWork', null)
  // By address, before a key is looked up: that asks the database already.
  app.addHook('onRequest', async (request, reply) => {
    if (!isWork(request)) return
    request.endWork = requests.take(request.countedFor)
    whenAnswered(reply, request.endWork)
  })
  app.addHook('preParsing', async (request, reply, payload) => {
    const { countedFor, routeOptions } = request
    if (!isWork(request)) return payload
    const bytes = bodyBytes(request)
    if (bytes > SMALL_BYTES) whenAnswered(reply, bodies.take(countedFor, bytes))
    if (!routeOptions.config.takesTurn) return payload
    whenAnswered(reply, largeReads.take(countedFor))
    request.endTurn = await app.largeReadTurn(reply)
    whenAnswered(reply, request.endTurn)
    return payload
  })
  app.addHook('onSend', async (request, reply, payload) => {
    // The work is done, whenever it will have been read.
    request.endTurn?.()
    const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload)
    // The answer to a write is told whatever happens: it has taken effect.
    if (isWhole && payload.length > SMALL_BYTES && request.method === 'GET' && reply.statusCode === 200)
      untilRead(reply, answers.take(request.countedFor, Buffer.byteLength(payload)))
    if (!isWhole || payload.length > SMALL_BYTES) cutWhenStalled(request)
    return payload
  })
}

const isWork = ({ routeOptions }: FastifyRequest) => routeOptions.url?.startsWith('/v1/')

/** As its length says, else as many as it may have. */
function bodyBytes({ headers, method, routeOptions }: FastifyRequest): number {
  if (method === 'GET' || method === 'HEAD') return 0
  const most = routeOptions.bodyLimit ?? limits.bodyBytes
  if (headers['transfer-encoding'] !== undefined) return most
  return Math.min(Number(headers['content-length'] ?? 0), most)
}

function untilRead(reply: FastifyReply, release: () => void): void {
  const timer = setTimeout(() => reply.raw.destroy(), limits.answerMs)
  const end = () => {
    clearTimeout(timer)
    release()
  }
  reply.raw.once('finish', end)
  whenAnswered(reply, end)
}

/** Until the answer has gone; then the framework's own time for a silent connection holds again. */
function cutWhenStalled({ raw: { socket } }: FastifyRequest): void {
  if ('setTimeout' in socket) socket.setTimeout(limits.stalledMs)
}
