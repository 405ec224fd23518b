/** The operations that give everything at one moment: the snapshot, line by line, and the digest of it. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { resourceTypes } from '../domain/vocabularies/codes.ts'
import { type Services, words } from '../engine/read/routes.ts'
import { ref } from '../http/schema/schemas.ts'
import { markOf, writeCursor } from './cursor.ts'
import type { Filter, Reader } from './delivery.ts'
import { digestOf } from './digest.ts'
import { Digest, DigestQuery, SnapshotLine, SnapshotQuery } from './schema.ts'
import { type Moment, type Moments, momentsOf, READ_MS } from './snapshot.ts'

const tag = 'Changes'

export function snapshotRoutes(app: FastifyInstance, { db }: Services): void {
  const moments = momentsOf(db)
  snapshotRoute(app, moments)
  digestRoute(app, moments)
}

function snapshotRoute(app: FastifyInstance, moments: Moments): void {
  const schema = {
    ...words({
      operationId: 'getSnapshot',
      tag,
      summary: 'Take a snapshot',
      description:
        'Everything that you may see at one moment, one JSON object a line. The first line has the cursor with which the changes after it begin: snapshot and changes since are the registry, exactly. Only a last line `{"complete":true,...}` says that nothing is missing. With `minimal=true` the bodies are left out, to find what differs.',
    }),
    querystring: SnapshotQuery,
    response: {
      200: {
        description: 'One JSON object a line, as `SnapshotLine`.',
        content: { 'application/x-ndjson': { schema: { type: 'string', contentSchema: ref(SnapshotLine) } } },
      },
    },
  }
  app.get(
    '/v1/snapshot',
    {
      schema,
      handlerTimeout: READ_MS,
      config: { produces: ['application/x-ndjson'], streamed: true, cost: 'everything' },
    },
    async (request, reply) => {
      const { minimal = false, ...filter } = request.query as SnapshotQuery
      // Whose changes are left out matters to the changes after it, not to what there is.
      const { excludeSource: _written, ...shown } = filter
      const moment = await moments.open(readerOf(request, shown), request.countedFor)
      reply.header('cache-control', 'no-store').type('application/x-ndjson; charset=utf-8')
      const stream = Readable.from(lines(moment, filter, minimal))
      // Not at the end of the lines: of a stream that is cut before its first line none is ever asked for.
      stream.once('close', () => void moment.close())
      return stream
    },
  )
}

/** Lines are gathered, so that a small resource is not a packet of its own. */
const CHUNK_CHARACTERS = 64 * 1024

async function* lines(moment: Moment, filter: Filter, minimal: boolean) {
  let chunk = `${JSON.stringify(opening(moment, filter))}\n`
  let count = 0
  for await (const { type, id, version, body } of moment.contents()) {
    chunk += `${JSON.stringify(minimal ? { type, id, version } : { type, id, version, data: body })}\n`
    count += 1
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  yield `${chunk}${JSON.stringify({ complete: true, count })}\n`
}

function digestRoute(app: FastifyInstance, moments: Moments): void {
  const schema = {
    ...words({
      operationId: 'getDigest',
      tag,
      summary: 'Compare a copy',
      description:
        'For each type how many resources you may see, and a hash of them. A copy that has applied all changes up to `position` computes the same, unless it was told `left` after you asked: then compare again. For each resource: sha256 of id, line feed, version, line feed and the body in canonical form (RFC 8785), summed as 256-bit numbers modulo 2^256, in hexadecimal.',
    }),
    querystring: DigestQuery,
    response: { 200: { description: 'The digest.', ...ref(Digest) } },
  }
  app.get('/v1/digest', { schema, handlerTimeout: READ_MS, config: { cost: 'everything' } }, async (request, reply) => {
    const filter = request.query as DigestQuery
    const moment = await moments.open(readerOf(request, filter), request.countedFor)
    try {
      const types = await digestOf(moment.contents(), filter.types ?? resourceTypes)
      reply.header('cache-control', 'no-store')
      return { ...opening(moment, filter), types }
    } finally {
      await moment.close()
    }
  })
}

const opening = ({ head, at }: Moment, filter: Filter) => ({
  next: writeCursor({ ...head, seq: 0 }, markOf(filter)),
  position: head.position,
  at,
})

const readerOf = ({ caller }: FastifyRequest, filter: Filter): Reader => ({ filter, caller })
