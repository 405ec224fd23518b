/** Snapshot routes: all that a caller may see at one moment, line by line, and the digest of it. */
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { limits } from '../../config.ts'
import type { Services } from '../../engine/read/services.ts'
import { resourceTypes } from '../../engine/resource-types.ts'
import { whenAnswered } from '../../http/limits/concurrency-quota.ts'
import { liftIdleTimeout } from '../../http/limits/slow-readers.ts'
import { disconnected, spooled, untilGone } from '../../http/output/spool.ts'
import { ref } from '../../http/schema/schemas.ts'
import type { Api } from '../../http/server/api.ts'
import { operationDocs } from '../../http/server/api.ts'
import { markOf, writeCursor } from '../cursor.ts'
import type { Filter } from '../delivery.ts'
import { Digest, DigestQuery, SnapshotLine, SnapshotQuery } from '../schema.ts'
import { digestOf } from './digest.ts'
import { type OpenSnapshot, snapshotsOf } from './snapshot.ts'

const tag = 'Changes'

/** Opens a snapshot for the caller; a 429 when they have too many, a 503 when too many are being read. */
type Begin = (request: FastifyRequest, reply: FastifyReply, filter: Filter) => Promise<OpenSnapshot>

/** `licence` is that of the data: a file says it too. */
export function snapshotRoutes(app: Api, { db }: Services, licence: string): void {
  const snapshots = snapshotsOf(db, app.snapshotSlots)
  const begin = async (request: FastifyRequest, reply: FastifyReply, filter: Filter) => {
    whenAnswered(reply, app.snapshots.take(request.quotaCaller))
    request.releaseRequest?.()
    liftIdleTimeout(request)
    const snapshot = await snapshots.open({ filter, caller: request.caller }, request.quotaCaller)
    if (!reply.raw.destroyed) return snapshot
    await snapshot.close()
    throw disconnected()
  }
  snapshotRoute(app, begin, licence)
  digestRoute(app, begin)
}

function snapshotRoute(app: Api, begin: Begin, licence: string): void {
  const schema = {
    ...operationDocs({
      operationId: 'getSnapshot',
      tag,
      summary: 'Take a snapshot',
      description:
        'Everything that you may see at one moment, one JSON object a line. The first line has the licence of the data and the cursor with which the changes after it begin: snapshot and changes since are the registry, exactly. Only a last line `{"complete":true,...}` says that nothing is missing. With `minimal=true` the bodies are left out, to find what differs.',
    }),
    querystring: SnapshotQuery,
    response: {
      200: {
        description: 'One JSON object a line, as `SnapshotLine`.',
        content: {
          'application/x-ndjson': {
            schema: Type.Unsafe<Readable>({ type: 'string', contentSchema: ref(SnapshotLine) }),
          },
        },
      },
    },
  }
  app.get(
    '/snapshot',
    {
      schema,
      config: { produces: ['application/x-ndjson'], streamed: true, cost: 'fullScan', answerMs: limits.snapshotMs },
    },
    async (request, reply) => {
      const { minimal = false, ...filter } = request.query
      // Whose changes are left out matters to the changes after it, not to what there is.
      const { excludeSource: _written, ...shown } = filter
      const snapshot = await begin(request, reply, shown)
      reply.header('cache-control', 'no-store').type('application/x-ndjson; charset=utf-8')
      // A slow reader waits for a file, and keeps neither a connection nor a snapshot of the database.
      const chunks =
        request.method === 'HEAD'
          ? []
          : untilGone(reply, lines(snapshot, { ...opening(snapshot, filter), licence }, minimal))
      return await spooled(chunks).finally(snapshot.close)
    },
  )
}

/** Lines are gathered, so that a small resource is not a packet of its own. */
const CHUNK_CHARACTERS = 64 * 1024

async function* lines(snapshot: OpenSnapshot, first: object, minimal: boolean) {
  let chunk = `${JSON.stringify(first)}\n`
  let count = 0
  for await (const { type, id, version, answer } of snapshot.contents()) {
    chunk += `{"type":"${type}","id":"${id}","version":${version}${minimal ? '' : `,"data":${answer}`}}\n`
    count += 1
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  yield `${chunk}${JSON.stringify({ complete: true, count })}\n`
}

function digestRoute(app: Api, begin: Begin): void {
  const schema = {
    ...operationDocs({
      operationId: 'getDigest',
      tag,
      summary: 'Compare a copy',
      description:
        'For each type how many resources you may see, and a hash of them. A copy that has applied all changes up to `position` computes the same, unless it received `left` after you asked: then compare again. For each resource: sha256 of id, line feed, version, line feed and the body in canonical form (RFC 8785), summed as 256-bit numbers modulo 2^256, in hexadecimal.',
    }),
    querystring: DigestQuery,
    response: { 200: { description: 'The digest.', ...ref(Digest) } },
  }
  app.get('/digest', { schema, config: { cost: 'fullScan', answerMs: limits.snapshotMs } }, async (request, reply) => {
    const filter = request.query
    const snapshot = await begin(request, reply, filter)
    try {
      const types = await digestOf(untilGone(reply, snapshot.contents()), filter.types ?? resourceTypes)
      reply.header('cache-control', 'no-store')
      return { ...opening(snapshot, filter), types }
    } finally {
      await snapshot.close()
    }
  })
}

const opening = ({ head, at }: OpenSnapshot, filter: Filter) => ({
  next: writeCursor({ ...head, seq: 0 }, markOf(filter)),
  position: head.position,
  form: head.form,
  at,
})
