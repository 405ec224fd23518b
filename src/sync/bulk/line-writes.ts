/** Writes of a bulk sync: each line is one, in its turn among all writes and in a transaction of its own. */
import type { FastifyReply } from 'fastify'
import type { Database } from '../../db/database.ts'
import { inTransaction, rolledBack } from '../../db/transaction.ts'
import type { Services } from '../../engine/read/services.ts'
import { type Problem, problemBody } from '../../http/errors/problems.ts'
import type { PutOptions } from '../put-parameters.ts'
import type { SyncLine } from './schema.ts'

/** One bulk sync, from its request on. */
export interface Sync {
  services: Pick<Services, 'db' | 'clock'>
  reply: FastifyReply
  source: string
  options: PutOptions
  /** Whether results list the objects of their documents. */
  objects: boolean
  /** Whether what is not sent is deleted. */
  complete: boolean
}

/** A transaction of a sync, as the line of an answer has it: of a dry run nothing stays. */
export function write<T>(
  { services: { db, clock }, reply: { request }, source, options }: Sync,
  work: (trx: Database, now: Date) => Promise<T>,
): Promise<T> {
  if (options.dryRun) return rolledBack(db, (trx) => work(trx, clock.now()))
  const actor = request.caller.kind === 'key' ? request.caller.id : null
  return inTransaction(db, { actor, requestId: request.id, source }, (trx) => work(trx, clock.now()))
}

/** Each line takes a slot of writes as a request of its own would, so that other callers have their turn. */
export async function inSlot<T>(reply: FastifyReply, work: () => Promise<T>): Promise<T> {
  const release = await reply.server.acquireWriteSlot(reply)
  try {
    return await work()
  } finally {
    release()
  }
}

export const problemLine = ({ reply: { request } }: Sync, refusal: Problem) => ({
  status: refusal.status,
  problem: problemBody(refusal, request.id) as NonNullable<SyncLine['problem']>,
})
