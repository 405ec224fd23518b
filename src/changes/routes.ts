/** Change feed routes: pages with long poll, and a stream of Server-Sent Events. */
import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Clock, limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { Services } from '../engine/read/services.ts'
import { Problem, problemBody } from '../http/errors/problems.ts'
import { quotaOf, whenAnswered } from '../http/limits/concurrency-quota.ts'
import { jsonLine } from '../http/output/response.ts'
import { ref } from '../http/schema/schemas.ts'
import type { Api } from '../http/server/api.ts'
import { operationDocs } from '../http/server/api.ts'
import { beginning, type Cursor, markOf, readCursor, writeCursor } from './cursor.ts'
import type { Reader } from './delivery.ts'
import { cursorAfter, type FeedPage, nothingAfter, readFeed } from './feed.ts'
import { type HeadPoller, startHeadPoller } from './head-poller.ts'
import { selectHead } from './journal.ts'
import { selectExpiry } from './retention.ts'
import { ChangePage, ChangeQuery, defaultLimit, StreamQuery, WAIT_SECONDS_MAX } from './schema.ts'

const tag = 'Changes'
/** What a stream holds in memory while its reader is slow. */
const STREAM_PAGE = 50
/** A stream is ended after a day; its reader goes on from the last event. */
const STREAM_MS = 24 * 60 * 60_000
const HEARTBEAT_MS = 15_000
/** A wait and a read after it. */
const POLL_MS = (WAIT_SECONDS_MAX + 15) * 1_000

export function changeRoutes(app: Api, { db, clock, retentionDays }: Services): void {
  const poller = startHeadPoller(db)
  app.addHook('preClose', async () => poller.stop())
  pageRoute(app, { db, retentionDays }, poller)
  streamRoute(app, { db, clock }, poller)
}

function pageRoute(app: Api, { db, retentionDays }: Pick<Services, 'db' | 'retentionDays'>, poller: HeadPoller): void {
  const waits = quotaOf({ label: 'waiting requests', retrySeconds: 5, ...limits.longPolls })
  const schema = {
    ...operationDocs({
      operationId: 'listChanges',
      tag,
      summary: 'Follow the changes',
      description:
        'All that changed after `since`, in the order in which the world saw it: none is ever missed, none comes twice. Go on with `next`, also when `data` is empty. Apply changes as they come: `upsert` stores `data`, `delete` and `left` remove the resource. After a change with `last: true` a copy equals the registry at that position. Your sight of today counts: what is hidden from you now is delivered as `left` in the place of its data, and delivered again when you may see it again. `wait` holds the answer until there is something. Begin with a snapshot, or with `since=beginning` for the whole history. When `form` is another than that of your copy, bodies have other fields without a new version: take a new snapshot. A cursor that is no longer valid is never ignored: 410 when the journal no longer reaches it (see `expiresAt`) or when it comes from another past, then take a new snapshot; 400 when it is malformed or of other filters. It goes on with the rights of the caller: with another key, take a new snapshot too.',
    }),
    querystring: ChangeQuery,
    response: {
      200: { description: 'Changes, and where to go on.', ...ref(ChangePage) },
    },
  }
  app.get('/changes', { schema, config: { cost: 'large', answerMs: POLL_MS } }, async (request, reply) => {
    const { since, limit = defaultLimit, wait = 0, ...filter } = request.query
    const reader = readerOf(request, filter)
    whenAnswered(reply, (wait > 0 ? waits : app.largeReads).take(request.quotaCaller))
    reply.header('cache-control', 'no-store')
    const until = performance.now() + wait * 1_000
    let cursor = await startOf(db, since, reader)
    const read = async (slot: Promise<() => void>) => {
      const releaseSlot = await slot
      return readFeed(db, reader, cursor, limit).finally(releaseSlot)
    }
    let page = since === undefined ? nothingAfter(await selectHead(db)) : await read(app.acquireLargeReadSlot(reply))
    for (;;) {
      const left = until - performance.now()
      const isDone = page.changes.length > 0 || !page.complete || left <= 0 || since === undefined
      if (isDone || poller.isStopped || request.signal.aborted) {
        const expiresAt = await selectExpiry(db, page.next.position, retentionDays)
        return reply.type('application/json; charset=utf-8').send(bytesOf(page, reader, expiresAt))
      }
      cursor = page.next
      request.releaseRequest?.()
      await poller.waitPast(page.position, left, request.signal)
      page = await read(poller.acquireSlot(request.quotaCaller.id))
    }
  })
}

function streamRoute(app: Api, { db, clock }: Pick<Services, 'db' | 'clock'>, poller: HeadPoller): void {
  const open = quotaOf({ label: 'streams', retrySeconds: 30, ...limits.streams })
  const schema = {
    ...operationDocs({
      operationId: 'streamChanges',
      tag,
      summary: 'Follow the changes as a stream',
      description:
        'The same changes as Server-Sent Events: `event: change` with a change as data and the cursor after it as id, `event: complete` with `position`, `chain` and `form` when all has been sent for now, `event: gone` with a problem, in place of a 410, when the cursor comes from another past or is older than the journal: then close it and take a new snapshot. A comment comes every 15 seconds when nothing else does. A browser goes on by itself with `Last-Event-ID`, which wins over `since`; in a terminal, `curl -N` shows events as they come: `curl -N "$REGISTRY/v1/changes/stream?since=beginning"`.',
    }),
    querystring: StreamQuery,
    response: {
      200: {
        description: 'A stream of events.',
        content: { 'text/event-stream': { schema: Type.Unsafe<Readable>({ type: 'string' }) } },
      },
    },
  }
  app.get(
    '/changes/stream',
    { schema, config: { produces: ['text/event-stream'], streamed: true, cost: 'large', answerMs: STREAM_MS } },
    async (request, reply) => {
      const { since, ...filter } = request.query
      const reader = readerOf(request, filter)
      const lastEventId = String(request.headers['last-event-id'] ?? '')
      const cursor =
        lastEventId === '' ? await startOf(db, since, reader) : await startOf(db, lastEventId, reader, 'Last-Event-ID')
      const leave = open.take(request.quotaCaller)
      const ended = new AbortController()
      request.raw.socket.once('close', () => ended.abort())
      request.releaseRequest?.()
      const mayGoOn = watchKey(request, clock)
      const acquireSlot = (isBehind: boolean) =>
        isBehind ? app.acquireLargeReadSlot(reply) : poller.acquireSlot(request.quotaCaller.id)
      const stream = Readable.from(
        events(db, reader, cursor, { poller, acquireSlot, mayGoOn, signal: ended.signal }, request.id),
      )
      stream.once('close', () => {
        leave()
        ended.abort()
      })
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream; charset=utf-8')
      return stream
    },
  )
}

/** Whether the key of a reader is still valid, checked once per heartbeat. */
function watchKey(request: FastifyRequest, clock: Clock): () => Promise<boolean> {
  let seenAt = clock.elapsedMs()
  return async () => {
    if (clock.elapsedMs() - seenAt < HEARTBEAT_MS) return true
    seenAt = clock.elapsedMs()
    return request.revalidateCredential()
  }
}

interface StreamLife {
  poller: HeadPoller
  /** A slot to read in: of woken readers, or of large reads while the reader is behind. */
  acquireSlot(isBehind: boolean): Promise<() => void>
  mayGoOn(): Promise<boolean>
  /** Aborted when the reader has gone. */
  signal: AbortSignal
}

/** Ends when the reader or its right is gone or the service stops: the id of the last event is where to go on. */
async function* events(
  db: Database,
  reader: Reader,
  since: Cursor,
  { poller, acquireSlot, mayGoOn, signal }: StreamLife,
  requestId: string,
) {
  let cursor = since
  let reportedPosition = -1
  let isBehind = true
  try {
    while (!signal.aborted && !poller.isStopped && (await mayGoOn())) {
      const releaseSlot = await acquireSlot(isBehind)
      const page = await readFeed(db, reader, cursor, STREAM_PAGE).finally(releaseSlot)
      isBehind = !page.complete
      const mark = markOf(reader.filter)
      for (const one of page.changes) yield event('change', one.json.toString(), writeCursor(cursorAfter(one), mark))
      cursor = page.next
      if (!page.complete) continue
      if (reportedPosition !== page.position)
        yield event(
          'complete',
          JSON.stringify({ position: page.position, chain: page.chain, form: page.form }),
          writeCursor(page.next, mark),
        )
      reportedPosition = page.position
      await poller.waitPast(page.position, HEARTBEAT_MS, signal)
      yield ': still here\n\n'
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    yield event('gone', JSON.stringify(problemBody(error, requestId)))
  }
}

const event = (name: string, json: string, id?: string) =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${json}\n\n`

const readerOf = ({ caller }: FastifyRequest, filter: Reader['filter']): Reader => ({ filter, caller })

/** The cursor to start from: the beginning, the one of the parameter, or the head. */
async function startOf(
  db: Database,
  since: string | undefined,
  { filter }: Reader,
  parameter = 'since',
): Promise<Cursor> {
  if (since === 'beginning') return beginning
  if (since !== undefined) return readCursor(since, markOf(filter), parameter)
  const { position, chain } = await selectHead(db)
  return { position, chain, seq: 0 }
}

const comma = Buffer.from(',')

/** The JSON of a page. */
function bytesOf(page: FeedPage, { filter }: Reader, expiresAt: string | null): Buffer {
  const { changes, next, position, chain, complete, form } = page
  const around: Omit<ChangePage, 'data'> = {
    next: writeCursor(next, markOf(filter)),
    position,
    chain,
    complete,
    form,
    expiresAt,
  }
  const data = changes.flatMap(({ json }, i) => (i === 0 ? [json] : [comma, json]))
  return Buffer.concat([Buffer.from('{"data":['), ...data, Buffer.from(`],${jsonLine(around).slice(1)}`)])
}
