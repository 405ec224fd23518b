/**
 * In-flight limits: what requests use while they are served, by caller and in total: their number, the bytes of bodies
 * as they arrive, large reads, writes, the bytes of answers until they have been read. A reader slower than the stated
 * rate is cut off.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { limits } from '../../config.ts'
import { problem } from '../errors/problems.ts'
import { type Lease, type Quota, quotaOf, whenAnswered } from './concurrency-quota.ts'
import { type Semaphore, semaphore, sharedSemaphore } from './semaphore.ts'
import { cutSlowReader } from './slow-readers.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `largeReads`: an expensive read, of which few run at once (independent of its `cost`). */
    concurrency?: 'largeReads' | ((request: FastifyRequest) => 'largeReads' | undefined)
    /** Whether it is answered while its body comes: many clients read nothing before they have sent all. */
    isDuplex?: boolean
  }
  interface FastifyInstance {
    /** Large reads that wait or run: whole documents, long pages. */
    largeReads: Quota
    /** Waits until a large read may run; answers how to release its slot. Throws if the client disconnected meanwhile. */
    acquireLargeReadSlot(reply: FastifyReply): Promise<() => void>
    /** Bulk syncs, until their results have been read. */
    syncs: Quota
    /** Waits until a write of the caller may run, as all writes do; answers how to release its slot. */
    acquireWriteSlot(reply: FastifyReply): Promise<() => void>
    /** Snapshots, digests and exports, until they have been read. */
    snapshots: Quota
    /** Those of them that read from the database. */
    snapshotSlots: Semaphore
  }
  interface FastifyRequest {
    /** The bytes of its body that are in memory. */
    bodyLease: Lease | null
    /** Ends a large read, or a write. */
    releaseSlot: (() => void) | null
    /** Ends the work on a request that waits from now on and has a quota of its own. */
    releaseRequest: (() => void) | null
  }
}

/** For the plugin of the operations, before authentication. */
export function registerInFlightLimits(app: FastifyInstance): void {
  app.decorate('syncs', quotaOf({ label: 'bulk syncs at once', retrySeconds: 10, ...limits.syncs }))
  app.decorate('snapshots', quotaOf({ label: 'snapshots, digests and exports', retrySeconds: 10, ...limits.snapshots }))
  app.decorate('snapshotSlots', semaphore(limits.snapshotSlots))
  app.decorateRequest('releaseSlot', null)
  boundRequests(app)
  boundBodies(app)
  boundLargeReads(app)
  boundWrites(app)
  // The work is done, whenever its answer will have been read.
  app.addHook('onSend', (request, _reply, _payload, done) => {
    request.releaseSlot?.()
    done()
  })
}

/** Before a key is looked up: that asks the database already. */
function boundRequests(app: FastifyInstance): void {
  const requests = quotaOf({ label: 'requests at once', retrySeconds: 1, ...limits.requests })
  app.decorateRequest('releaseRequest', null)
  app.addHook('onRequest', (request, reply, done) => {
    request.releaseRequest = requests.take(request.quotaCaller)
    whenAnswered(reply, request.releaseRequest)
    done()
  })
}

function boundBodies(app: FastifyInstance): void {
  const bodies = quotaOf({ label: 'large bodies at once', retrySeconds: 2, ...limits.bodiesBytes })
  app.decorateRequest('bodyLease', null)
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      request.bodyLease = bodies.lease(request.quotaCaller)
      whenAnswered(reply, request.bodyLease.release)
    }
    done()
  })
}

function boundLargeReads(app: FastifyInstance): void {
  const largeReads = quotaOf({ label: 'requests for much at once', retrySeconds: 1, ...limits.largeReads })
  const slots = semaphore(limits.largeReadSlots)
  const acquireLargeReadSlot = (reply: FastifyReply) =>
    whileConnected(reply, slots.acquire(reply.request.quotaCaller.id))
  app.decorate('largeReads', largeReads)
  app.decorate('acquireLargeReadSlot', acquireLargeReadSlot)
  app.addHook('preHandler', (request, reply, done) => {
    const { concurrency } = request.routeOptions.config
    const limit = typeof concurrency === 'function' ? concurrency(request) : concurrency
    if (limit !== 'largeReads') return done()
    const endWait = largeReads.take(request.quotaCaller)
    acquireLargeReadSlot(reply).then(
      (release) => {
        request.releaseSlot = () => {
          endWait()
          release()
        }
        whenAnswered(reply, request.releaseSlot)
        done()
      },
      (error) => {
        endWait()
        done(error)
      },
    )
  })
}

function boundWrites(app: FastifyInstance): void {
  const slots = sharedSemaphore(limits.writeSlots)
  const acquireWriteSlot = (reply: FastifyReply) => whileConnected(reply, slots.acquire(reply.request.quotaCaller.id))
  app.decorate('acquireWriteSlot', acquireWriteSlot)
  app.addHook('preHandler', (request, reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') return done()
    inTime(acquireWriteSlot(reply)).then((release) => {
      let isHeld = true
      request.releaseSlot = () => {
        isHeld = false
        release()
      }
      // A write goes on when its client has left, until it is answered to nobody; a slot is never lost.
      whenAnswered(reply, () => {
        if (isHeld) setTimeout(release, limits.handlerMs).unref()
      })
      done()
    }, done)
  })
}

/** A slot for a client who still waits for the answer. */
async function whileConnected(reply: FastifyReply, acquired: Promise<() => void>): Promise<() => void> {
  const release = await acquired
  if (!reply.raw.destroyed) return release
  release()
  throw problem('unavailable', 'The client disconnected.')
}

/** A slot that is there in time; one that comes later is given back. */
async function inTime(acquired: Promise<() => void>): Promise<() => void> {
  const timer = new AbortController()
  const late = sleep(limits.writeWaitMs, undefined, { signal: timer.signal, ref: false }).then(() => {
    acquired.then(
      (release) => release(),
      () => undefined,
    )
    const headers = { 'retry-after': '2' }
    throw problem('overloaded', 'You have too many writes at once: this one had no turn in time.', { headers })
  })
  try {
    return await Promise.race([acquired, late])
  } finally {
    timer.abort()
  }
}

/** Bounds the answers that have not been read yet, of files and pages too: for the root. */
export function registerAnswerLimits(app: FastifyInstance): void {
  const answers = quotaOf({ label: 'answers that were not read', retrySeconds: 5, ...limits.unreadBytes })
  app.addHook('onSend', (request, reply, payload, done) => {
    const isWhole = Buffer.isBuffer(payload) || typeof payload === 'string'
    const isLarge = !isWhole || payload.length > limits.smallBytes
    if (isLarge && !request.routeOptions.config.isDuplex)
      cutSlowReader(reply, isWhole ? Buffer.byteLength(payload) : undefined)
    // The answer to a write is always sent: the write has taken effect.
    if (isWhole && isLarge && request.method === 'GET' && reply.statusCode === 200)
      whenAnswered(reply, answers.take(request.quotaCaller, Buffer.byteLength(payload)))
    done()
  })
}
