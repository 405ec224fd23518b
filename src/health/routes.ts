/**
 * Whether the process lives, and whether it can serve. A supervisor restarts what does not live, so that answer never
 * depends on the database; a load balancer leaves out what is not ready.
 */
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import { problem } from '../http/problems.ts'
import { answer, ref } from '../http/schemas.ts'

const Health = answer('Health', 'The state of this process.', {
  status: Type.Unsafe<'live' | 'ready'>({
    type: 'string',
    enum: ['live', 'ready'],
    description: '`live`: the process runs; `ready`: it can serve requests.',
    examples: ['ready'],
  }),
})

export async function healthRoutes(app: FastifyInstance, { db }: { db: Database }) {
  const isReachable = probe(db)

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
          'Answers 200 when the database answers within a second, and 503 when it does not or when the process is stopping.',
        response: { 200: { description: 'The process can serve requests.', ...ref(Health) } },
      },
    },
    async (_request, reply) => {
      if (app.draining) throw notReady('The service is stopping.')
      if (!(await isReachable())) throw notReady('The database does not answer.')
      return reply.header('cache-control', 'no-store').send({ status: 'ready' })
    },
  )
}

const notReady = (detail: string) => problem('unavailable', detail, { headers: { 'retry-after': '1' } })

/** Whether the database answers in time. However many ask at once, the database is asked once. */
function probe(db: Database): () => Promise<boolean> {
  let current: Promise<boolean> | undefined
  return () => {
    current ??= answersInTime(db).finally(() => {
      current = undefined
    })
    return current
  }
}

async function answersInTime(db: Database): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, limits.readinessMs, false)
  const answered = sql`select 1`.execute(db).then(
    () => true,
    () => false,
  )
  return Promise.race([answered, tooLate]).finally(() => clearTimeout(timer))
}
