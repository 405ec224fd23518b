/**
 * What requests hold while they are worked on: their number, the bytes of bodies until these have been answered, the
 * bytes of answers until they have been read. All of it is bounded, by caller and in all; a reader who takes nothing
 * for a while, or who takes too long over an answer, is cut off.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../config.ts'
import { type Quota, quotaOf } from './quota.ts'

/** What is smaller is what any connection takes. */
const SMALL_BYTES = 16 * 1024

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the operation makes much of little, so that few of its kind are worked on at once. */
    isLarge?: boolean
  }
  interface FastifyInstance {
    /** For work that makes much of little: whole documents, long pages. */
    largeReads: Quota
  }
}

/** To be called after the manners, which have compressed the answers by then. */
export function registerHolding(app: FastifyInstance): void {
  const requests = quotaOf({ what: 'requests at once', retrySeconds: 1, ...limits.requests })
  const bodies = quotaOf({ what: 'large bodies at once', retrySeconds: 2, ...limits.bodiesBytes })
  const answers = quotaOf({ what: 'answers that were not read', retrySeconds: 5, ...limits.unreadBytes })
  const largeReads = quotaOf({ what: 'requests for much at once', retrySeconds: 1, ...limits.largeReads })
  app.decorate('largeReads', largeReads)
  app.addHook('preParsing', async (request, reply, payload) => {
    const { countedFor, routeOptions } = request
    if (!routeOptions.url?.startsWith('/v1/')) return payload
    const bytes = bodyBytes(request)
    const end = (release: () => void) => reply.raw.once('close', release)
    end(requests.take(countedFor))
    if (routeOptions.config.isLarge) end(largeReads.take(countedFor))
    if (bytes > SMALL_BYTES) end(bodies.take(countedFor, bytes))
    return payload
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload)
    // The answer to a write is told whatever happens: it has taken effect.
    if (isWhole && payload.length > SMALL_BYTES && request.method === 'GET' && reply.statusCode === 200)
      untilRead(reply, answers.take(request.countedFor, Buffer.byteLength(payload)))
    if (!isWhole || payload.length > SMALL_BYTES) cutWhenStalled(request)
    return payload
  })
}

/** As its length says, else as many as it may have. */
function bodyBytes({ headers, method, routeOptions }: FastifyRequest): number {
  if (method === 'GET' || method === 'HEAD') return 0
  const most = routeOptions.bodyLimit ?? limits.bodyBytes
  if (headers['transfer-encoding'] !== undefined) return most
  return Math.min(Number(headers['content-length'] ?? 0), most)
}

function untilRead({ raw }: FastifyReply, release: () => void): void {
  const timer = setTimeout(() => raw.destroy(), limits.answerMs)
  const end = () => {
    clearTimeout(timer)
    release()
  }
  raw.once('finish', end).once('close', end)
}

/** Until the answer has gone; then the framework's own time for a silent connection holds again. */
function cutWhenStalled({ raw: { socket } }: FastifyRequest): void {
  if ('setTimeout' in socket) socket.setTimeout(limits.stalledMs)
}
