/** Bulk sync route: documents go in and results come out, line by line, for hours if need be. */
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { assertAllowed, mayUseSource, rights } from '../../auth/policy.ts'
import { limits } from '../../config.ts'
import type { Services } from '../../engine/read/services.ts'
import { sourceName } from '../../engine/schema.ts'
import { invalidParameters } from '../../http/errors/problems.ts'
import { LINES_TYPE } from '../../http/input/body.ts'
import { cutSlowReader, liftIdleTimeout } from '../../http/limits/slow-readers.ts'
import { allCodings } from '../../http/output/codings.ts'
import { type LiveSpool, liveSpool } from '../../http/output/spool.ts'
import { ref } from '../../http/schema/schemas.ts'
import { type Api, operationDocs } from '../../http/server/api.ts'
import { liftRequestTimeout } from '../../http/server/request-timeout.ts'
import { selectSourceOwner } from '../document/queries.ts'
import { ConventionDocument } from '../document/schema.ts'
import { putOptions } from '../put-parameters.ts'
import { syncLines } from './bulk-sync.ts'
import { SyncLine, SyncQuery } from './schema.ts'

const { bytes, lines, ms } = limits.sync
const CLOSE_LISTENERS = 20

/** POST of many documents to a source. */
export function bulkRoute(app: Api, services: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'createSourceSync',
      tag: 'Sync',
      summary: 'Sync many documents',
      description: `Takes one document a line, each with its \`key\`, and does with each what a PUT of it does, in a transaction of its own and in their order: a convention comes after the one that it renews. The answer has a line for each, as soon as it is done, and what is wrong with one does not stop the others. Its last line says what was done; without it, or where it says \`"complete": false\`, send the body again: what is there already stays as it is, so there is no \`Idempotency-Key\`. With \`complete=true\` the conventions that the source holds and did not send are deleted at the end, by the rule of \`maxDeletes\`, here for their number; not one of them if a line failed. A dry run tries each line by itself. Send the body plain or compressed, up to ${lines} lines and ${bytes / 1024 ** 3} GB, at ${limits.slowPeers.bytesPerSecond / 1024} KB a second at least, and read at that rate once it is sent; it may take ${ms / 3_600_000} hours. A sync counts as one request, and its lines take turns with the other writes of your organization.`,
    }),
    params: Type.Object({ source: sourceName('The source (French: source).') }),
    querystring: SyncQuery,
    body: Type.Unsafe<unknown>({ type: 'string', contentSchema: ref(ConventionDocument) }),
    response: {
      200: {
        description: 'One JSON object a line, as `SyncLine`.',
        content: {
          [LINES_TYPE]: { schema: Type.Unsafe<Readable>({ type: 'string', contentSchema: ref(SyncLine) }) },
        },
      },
    },
  }
  const config = {
    ...{ consumes: [LINES_TYPE], produces: [LINES_TYPE], bodyCodings: allCodings, isDuplex: true, streamed: true },
    ...{ right: rights.document, cost: 'fullScan' as const, answerMs: ms },
  }
  app.post('/sources/:source/sync', { schema, config }, async (request, reply) => {
    const { params, query, caller } = request
    refuseIdempotencyKey(request)
    assertAllowed(mayUseSource(caller, await selectSourceOwner(services.db, params.source)))
    const release = app.syncs.take(request.quotaCaller)
    request.releaseRequest?.()
    // More limits wait for its end than Node believes of one answer.
    reply.raw.setMaxListeners(CLOSE_LISTENERS)
    liftIdleTimeout(request)
    liftRequestTimeout(request)
    const requireReading = once(() => cutSlowReader(reply))
    const results = await liveSpool(limits.sync.unreadBytes, requireReading).catch((error) => {
      release()
      throw error
    })
    results.reader.once('close', release)
    const { source } = params
    const { objects = false, complete = false } = query
    const sync = { services, reply, source, options: putOptions(query), objects, complete }
    void spoolLines(results, syncLines(sync)).finally(requireReading)
    return reply.type(`${LINES_TYPE}; charset=utf-8`).send(results.reader)
  })
}

function refuseIdempotencyKey({ headers }: FastifyRequest): void {
  if (headers['idempotency-key'] === undefined) return
  const message = 'Idempotency-Key is for single writes: a sync that is sent again changes nothing twice.'
  throw invalidParameters([{ parameter: 'Idempotency-Key', code: 'not-together', message }])
}

/** Writes lines to the file from which they are sent; where that fails, so does the answer. */
async function spoolLines(results: LiveSpool, lines: AsyncIterable<SyncLine>): Promise<void> {
  try {
    for await (const line of lines) await results.write(`${JSON.stringify(line)}\n`)
    results.end()
  } catch (error) {
    results.reader.destroy(error as Error)
  }
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}
