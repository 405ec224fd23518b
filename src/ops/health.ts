/**
 * Health checks: liveness and readiness. A supervisor restarts what does not live, so that answer never depends on the
 * database; a load balancer leaves out what is not ready, as the heartbeat of the database found it, never the pool:
 * a process whose connections are all in use is busy, not away.
 */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../config.ts'
import type { Availability } from '../db/availability.ts'
import { clocksAgree } from '../db/clock.ts'
import { problem } from '../http/errors/problems.ts'
import { list, ref, responseSchema, text } from '../http/schema/schemas.ts'

const status = Type.Unsafe<'live' | 'ready'>({
  type: 'string',
  enum: ['live', 'ready'],
  description: '`live`: the process runs; `ready`: it can serve requests.',
  examples: ['ready'],
})

const Health = responseSchema('Health', 'The state of this process.', { status })

const Readiness = responseSchema('Readiness', 'The state of this process, and what its operator should look at.', {
  status,
  warnings: list(
    text(500, 'A sentence for its operator.', 'The clock of this process is 90 seconds ahead of the database.'),
    10,
    'What is wrong though the process serves; empty as a rule.',
  ),
})

export async function healthRoutes(
  app: FastifyInstance,
  { clock, availability }: { clock: Clock; availability: Availability },
) {
  app.get(
    '/health/live',
    {
      config: { cost: 'none' },
      schema: {
        operationId: 'getLiveness',
        tags: ['Service'],
        summary: 'Does the process live?',
        description: 'Answers 200 as long as the process runs. It never asks the database.',
        response: { 200: { description: 'The process lives.', ...ref(Health) } },
      },
    },
    async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'live' }),
  )

  app.get(
    '/health/ready',
    {
      config: { cost: 'none' },
      schema: {
        operationId: 'getReadiness',
        tags: ['Service'],
        summary: 'Can the process serve requests?',
        description:
          'Answers 200 while the database answers, and 503 when it has not for about two seconds or the process is stopping; a busy process is ready. What an operator should look at stands in `warnings`: a process whose clock differs from that of the database by more than a minute serves, for the day is that of the database, but advances no status of a convention.',
        response: { 200: { description: 'The process can serve requests.', ...ref(Readiness) } },
      },
    },
    async (_request, reply) => {
      if (app.draining) throw notReady('The service is stopping.')
      if (!availability.isAvailable) throw notReady('The database does not answer.')
      return reply.header('cache-control', 'no-store').send({ status: 'ready', warnings: warningsOf(clock) })
    },
  )
}

/** No 503: a wrong clock spoils no answer, and where the database's is the wrong one all processes would be out. */
function warningsOf(clock: Clock): string[] {
  if (clocksAgree(clock)) return []
  const seconds = Math.round(clock.skewMs() / 1_000)
  const words = `${Math.abs(seconds)} seconds ${seconds > 0 ? 'ahead of' : 'behind'} the database`
  return [`The clock of this process is ${words}: it advances no status of a convention until they agree.`]
}

const notReady = (detail: string) => problem('unavailable', detail, { headers: { 'retry-after': '1' } })
