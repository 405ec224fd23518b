/**
 * Exports: a list in the format that its reader wants. JSON comes in pages, which are cached; the other formats hold the
 * whole list at one moment, unless a page is asked for: all its pages are read in one snapshot and wait in a file, so
 * that a slow reader holds neither a connection nor memory.
 */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest, preParsingHookHandler } from 'fastify'
import { limits } from '../../../config.ts'
import type { Database } from '../../../db/database.ts'
import { inLongSnapshot } from '../../../db/transaction.ts'
import { invalidParameters } from '../../../http/errors/problems.ts'
import { whenAnswered } from '../../../http/limits/concurrency-quota.ts'
import type { Cost } from '../../../http/limits/rate-limit.ts'
import { liftIdleTimeout } from '../../../http/limits/slow-readers.ts'
import { bytesTag, digestTag } from '../../../http/output/etags.ts'
import { negotiatedFormat, rawQueryOf } from '../../../http/output/negotiation.ts'
import { nextPage, type PageStart } from '../../../http/output/pagination.ts'
import { Representation } from '../../../http/output/response.ts'
import { spooled, untilGone } from '../../../http/output/spool.ts'
import { present, type ReadContext, readAsOf } from '../as-of.ts'
import { type Collection, type Format, formatConfig, formatsOf } from '../formats/formats.ts'
import type { Labels, WriteOptions, Writer } from '../formats/writer.ts'

/** A page of a list as it was read. */
export interface Listed {
  /** What GET answers of each item. */
  texts: readonly string[]
  /** The order columns of the last item, when more follow. */
  last: unknown[] | undefined
  count: number | null
  /** A text that differs whenever the texts do; without it they are hashed. */
  mark?: string
}

/** A list that can be exported. */
export interface ExportedList {
  collection: Collection
  /** Of the whole list. */
  cost: Cost
  /** Parameters by which it is searched, which costs as much as a large read. */
  searches?: readonly string[]
  /** Throws a 400 for filters that are wrong together, a 404 for a list that the caller may not see. */
  check?(reading: ReadContext, request: FastifyRequest): Promise<unknown>
  readPage(reading: ReadContext, request: FastifyRequest, start: PageStart): Promise<Listed>
}

interface ExportServices {
  db: Database
  labels: Labels
}

/** After so many characters other requests have their turn. */
const TURN_CHARACTERS = 256 * 1024

/** The parts of a list's route: those of its cached pages, and the export of the whole list where that is wanted. */
export function listHandlers(
  services: ExportServices,
  list: ExportedList,
  page: { preParsing?: preParsingHookHandler; handler(request: FastifyRequest, reply: FastifyReply): Promise<unknown> },
) {
  const formats = formatsOf(list.collection)
  const { preParsing, handler } = page
  return {
    ...(preParsing && { preParsing: unlessWhole(preParsing) }),
    async handler(request: FastifyRequest, reply: FastifyReply) {
      refuseForeignParameters(request, formats)
      return isWhole(request) ? sendWhole(request, reply, services, list) : handler(request, reply)
    },
    config: {
      ...formatConfig(formats),
      cost: (request: FastifyRequest): Cost =>
        isWhole(request) ? list.cost : isSearch(request, list) ? 'large' : 'read',
      answerMs: (request: FastifyRequest) => (isWhole(request) ? limits.snapshotMs : limits.handlerMs),
      // A whole list has slots of its own.
      concurrency: (request: FastifyRequest) =>
        !isWhole(request) && isSearch(request, list) ? ('largeReads' as const) : undefined,
    },
  }
}

function unlessWhole(hook: preParsingHookHandler): preParsingHookHandler {
  return function (request, reply, payload, done) {
    if (isWhole(request)) done()
    else hook.call(this, request, reply, payload, done)
  }
}

/** Whether the request is for a whole list, not for a page of it. */
function isWhole(request: FastifyRequest): boolean {
  if (!negotiatedFormat<Format>(request)?.isWhole) return false
  const query = rawQueryOf(request)
  return !query?.has('limit') && !query?.has('cursor')
}

const isSearch = (request: FastifyRequest, { searches = [] }: ExportedList) => {
  const query = rawQueryOf(request)
  return searches.some((name) => query?.has(name))
}

/** A 400 for the parameters of other formats: none is ignored in silence. */
export function refuseForeignParameters(request: FastifyRequest, formats: readonly Format[]): void {
  const format = negotiatedFormat<Format>(request) as Format
  const query = request.query as Record<string, unknown>
  const foreign = [...new Set(formats.flatMap(({ takes }) => takes))].filter(
    (name) => query[name] !== undefined && !format.takes.includes(name),
  )
  if (foreign.length === 0) return
  throw invalidParameters(
    foreign.map((parameter) => {
      const takers = formats.filter(({ takes }) => takes.includes(parameter)).map(({ name }) => name)
      const message = `${parameter} is a parameter of the format ${takers.join(' or ')}, not of ${format.name}.`
      return { parameter, code: 'mismatch', message }
    }),
  )
}

/** A page in the format of the request. */
export function representationOf(
  request: FastifyRequest,
  labels: Labels,
  collection: Collection,
  { texts, last, count, mark }: Listed,
): Representation {
  const format = negotiatedFormat<Format>(request) as Format
  const { next, link } = nextPage(request, last)
  const { head, items, foot } = format.writer(collection, request.query as WriteOptions, labels)
  const bytes = Buffer.from(`${head}${items(texts)}${foot({ next, count })}`)
  if (!format.isWhole) {
    const tag = mark === undefined ? bytesTag(bytes) : digestTag([next, count, mark].join('\n'))
    return new Representation(bytes, tag, link)
  }
  const { link: described, ...headers } = headersOf(request, collection, format)
  const links = [link, described].filter((one) => one !== null && one !== undefined).join(', ')
  return new Representation(bytes, bytesTag(bytes), links || null, headers)
}

/** What an answer in a format other than JSON carries: its type, its name as a file, where its columns are explained. */
function headersOf({ query }: FastifyRequest, { name }: Collection, format: Format): Record<string, string> {
  const { columns, labels } = query as WriteOptions
  const options = new URLSearchParams({ ...(columns && { columns: columns.join() }), ...(labels && { labels }) })
  const schema = `/v1/schemas/${name}${options.size > 0 ? `?${options}` : ''}`
  return {
    'content-type': format.contentType,
    'content-disposition': `${format.isShown ? 'inline' : 'attachment'}; filename="${name}.${format.extension ?? format.name}"`,
    ...(format.isTable && { link: `<${schema}>; rel="describedby"; type="application/json"` }),
  }
}

/** The whole list in the format of the request, once all of it waits in a file. */
async function sendWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  { db, labels }: ExportServices,
  { collection, check, readPage }: ExportedList,
): Promise<Readable> {
  const { server, quotaCaller } = request
  const format = negotiatedFormat<Format>(request) as Format
  const writer = format.writer(collection, request.query as WriteOptions, labels)
  whenAnswered(reply, server.snapshots.take(quotaCaller))
  request.releaseRequest?.()
  liftIdleTimeout(request)
  const release = await server.snapshotSlots.acquire(quotaCaller.id)
  const hash = createHash('sha256')
  async function* chunks(reading: ReadContext) {
    for await (const chunk of untilGone(reply, written(writer, pages(readPage, reading, request)))) {
      hash.update(chunk)
      yield chunk
    }
  }
  try {
    const file = await atOneMoment(db, request, async (reading) => {
      await check?.(reading, request)
      return spooled(chunks(reading))
    })
    reply.headers({ etag: digestTag(hash.digest('hex')), ...headersOf(request, collection, format) })
    return file
  } finally {
    release()
  }
}

const atOneMoment = <T>(
  db: Database,
  { caller, query }: FastifyRequest,
  work: (reading: ReadContext) => Promise<T>,
) => {
  const { asOf } = query as { asOf?: string }
  return asOf === undefined ? inLongSnapshot(db, (trx) => work(present(trx))) : readAsOf(db, caller, asOf, work)
}

/** The texts of all items, page by page. */
async function* pages(readPage: ExportedList['readPage'], reading: ReadContext, request: FastifyRequest) {
  let after: unknown[] | undefined
  do {
    const { texts, last } = await readPage(reading, request, { after, limit: limits.pageItems, count: false })
    yield* turnsOf(texts)
    after = last
  } while (after)
}

/** As many texts at once as are written in one turn. */
function* turnsOf(texts: readonly string[]) {
  let turn: string[] = []
  let characters = 0
  for (const text of texts) {
    turn.push(text)
    characters += text.length
    if (characters < TURN_CHARACTERS) continue
    yield turn
    turn = []
    characters = 0
  }
  if (turn.length > 0) yield turn
}

async function* written({ head, between, items, foot }: Writer, turns: AsyncIterable<string[]>) {
  yield head
  let isFirst = true
  for await (const texts of turns) {
    const chunk = items(texts)
    if (chunk !== '') yield isFirst ? chunk : `${between}${chunk}`
    isFirst &&= chunk === ''
    await othersTurn()
  }
  yield foot({ next: null, count: null })
}
