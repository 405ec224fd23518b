/**
 * Bulk sync: a source sends many documents, one a line, and each is a PUT in a transaction of its own, in their order.
 * With `complete` the conventions that the source holds and did not send are deleted at the end, each in a transaction of
 * its own too.
 */
import type { FastifyReply } from 'fastify'
import { limits } from '../../config.ts'
import { type Problem, problem } from '../../http/errors/problems.ts'
import { readStream } from '../../http/input/body-stream.ts'
import { isBlank, linesOf } from '../../http/input/lines.ts'
import { selectSourceKeys } from '../document/queries.ts'
import { ConventionDocument } from '../document/schema.ts'
import { refuseLongLine } from '../file.ts'
import { isObject, outcomeOf, putOwnKey } from '../load.ts'
import { deletions } from './deletions.ts'
import { inSlot, problemLine, type Sync, write } from './line-writes.ts'
import type { SyncLine } from './schema.ts'

type Counts = Record<'created' | 'updated' | 'unchanged' | 'failed' | 'deleted', number>

/** The lines of the answer, each as soon as it is known. What ends the sync early is on the last one. */
export async function* syncLines(sync: Sync): AsyncGenerator<SyncLine> {
  const counts: Counts = { created: 0, updated: 0, unchanged: 0, failed: 0, deleted: 0 }
  const goesOn = continuation(sync)
  const sent = new Set<string>()
  let ending: Problem | undefined
  try {
    // What others make meanwhile was never theirs to send.
    const held = sync.complete ? await selectSourceKeys(sync.services.db, sync.reply.request.caller, sync.source) : []
    for await (const { outcome, ...line } of documents(sync, goesOn)) {
      counts[outcome] += 1
      if (sync.complete && typeof line.key === 'string') sent.add(line.key)
      yield line
    }
    if (sync.complete) {
      if (counts.failed > 0 || sent.size === 0) throw notDeleted()
      const left = held.filter((key) => !sent.has(key))
      for await (const line of deletions(sync, left, goesOn)) {
        counts[line.problem ? 'failed' : 'deleted'] += 1
        yield line
      }
    }
  } catch (error) {
    ending = sync.reply.request.problemOf(error)
  }
  const isDone = !ending && !(sync.complete && counts.failed > 0)
  yield { complete: isDone, ...counts, ...(ending && problemLine(sync, ending)) }
}

const notDeleted = () =>
  problem('conflict', 'Nothing was deleted: that takes a body with documents, all of which succeeded.')

interface Document extends SyncLine {
  outcome: 'created' | 'updated' | 'unchanged' | 'failed'
}

/** A line for each document of the body. Throws when the body breaks off, or no more of it may be done. */
async function* documents(sync: Sync, goesOn: () => Promise<void>): AsyncGenerator<Document> {
  let line = 0
  for await (const bytes of linesOf(readStream(sync.reply, limits.sync.bytes), limits.documentBytes)) {
    line += 1
    if (line > limits.sync.lines)
      throw problem('payload-too-large', `The body has more than ${limits.sync.lines} lines.`)
    if (isBlank(bytes)) continue
    await goesOn()
    yield { line, ...(await putLine(sync, bytes)) }
  }
}

/** Throws once the service stops, time is up, or the key is no longer valid. */
function continuation({ reply: { request }, services: { clock } }: Sync): () => Promise<void> {
  const begun = clock.elapsedMs()
  let checked = begun
  return async () => {
    if (request.server.draining) throw problem('unavailable', 'The service is stopping: send the rest again.')
    const now = clock.elapsedMs()
    if (now - begun > limits.sync.ms) throw problem('request-timeout', 'The sync took too long: send the rest again.')
    if (now - checked < limits.syncKeyMs) return
    checked = now
    if (!(await request.revalidateCredential())) throw problem('unauthorized', 'The API key is no longer valid.')
  }
}

async function putLine(sync: Sync, bytes: Buffer | null): Promise<Document> {
  const { reply, options, objects: listsObjects } = sync
  let key: string | null = null
  try {
    return await inSlot(reply, async () => {
      const document = await parse(reply, bytes)
      if (isObject(document) && typeof document.key === 'string') key = document.key
      const {
        isNew,
        result,
        key: stored,
      } = await write(sync, (trx, now) =>
        putOwnKey(trx, { ...options, caller: reply.request.caller, source: sync.source, document, now }),
      )
      const { report, warnings, objects, plan } = result
      const answer = { key: stored, status: isNew ? 201 : 200, report, warnings, ...(listsObjects && { objects }) }
      return { ...answer, ...(plan && { plan }), outcome: outcomeOf({ isNew, result }) }
    })
  } catch (error) {
    return { key, ...problemLine(sync, reply.request.problemOf(error)), outcome: 'failed' }
  }
}

async function parse({ server, request }: FastifyReply, bytes: Buffer | null): Promise<unknown> {
  const line = bytes ?? refuseLongLine()
  return server.bodyChecks?.parse(request.quotaCaller.id, line, ConventionDocument)
}
