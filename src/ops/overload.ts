/**
 * Overload: requests that could only wait in vain get a 503 with `Retry-After` at once: while the database is away,
 * while too many wait for a connection, and while the process itself is short of time or memory. Only operations are
 * refused: health is always answered, and so is what needs no database.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { FastifyInstance } from 'fastify'
import { limits } from '../config.ts'
import type { Availability } from '../db/availability.ts'
import { type Database, waitingForConnection } from '../db/database.ts'
import { databaseFull, type Problem, problem } from '../http/errors/problems.ts'

const headers = { 'retry-after': '1' }

/** For the plugin of the operations: after the limits of requests, which cost less, before authentication, which asks the database. */
export function registerOverload(app: FastifyInstance, db: Database, availability: Availability): void {
  const strain = watchProcess()
  app.addHook('onClose', async () => strain.stop())
  app.addHook('onRequest', (_request, _reply, done) => done(refusal(db, availability, strain.isHigh)))
}

function refusal(db: Database, availability: Availability, isStrained: boolean): Problem | undefined {
  if (availability.isDiskFull) return databaseFull()
  if (!availability.isAvailable)
    return problem('unavailable', 'The database cannot be reached; nothing was changed.', { headers })
  if (waitingForConnection(db) >= limits.poolWaiting)
    return problem('overloaded', 'Too many requests wait for the database; nothing was changed.', { headers })
  if (isStrained)
    return problem('overloaded', 'The service has more to do than it can; nothing was changed.', { headers })
  return undefined
}

/** Whether the process has been short of time, or is short of memory: both as they were lately. */
function watchProcess() {
  const delay = monitorEventLoopDelay({ resolution: limits.loopResolutionMs })
  const heapBytes = getHeapStatistics().heap_size_limit * limits.heapShare
  let late = 0
  let isHigh = false
  delay.enable()
  const timer = setInterval(() => {
    // One long piece of work is no strain: only what stays late is.
    late = delay.mean / 1e6 > limits.loopDelayMs ? late + 1 : 0
    isHigh = late >= limits.loopSamples || process.memoryUsage().heapUsed > heapBytes
    delay.reset()
  }, limits.loopSampleMs)
  timer.unref()
  return {
    get isHigh() {
      return isHigh
    },
    stop() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
