/**
 * How an answer leaves: its entity tag, 304 when the client has it already, what caches may do with it, and its
 * coding. One hook does it for all operations, so that GET and HEAD of the same thing never differ.
 */

import { pipeline, type Readable, type Transform } from 'node:stream'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import { bytesTag, readTags, withBytes, withSuffix } from './etags.ts'
import { isSendable } from './headers.ts'
import { preferredCoding } from './negotiation.ts'

/** Below it, a compressed answer is hardly smaller. */
const COMPRESS_FROM_BYTES = 1024

/** Best by time and size together for JSON. */
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }

const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:[\w.-]+\+)?(?:json|yaml|x-ndjson|javascript)|image\/svg)/

const compressors = {
  br: {
    whole: promisify((bytes: Buffer, done: zlib.CompressCallback) => zlib.brotliCompress(bytes, BROTLI, done)),
    stream: (): Transform => zlib.createBrotliCompress(BROTLI),
  },
  gzip: {
    whole: promisify((bytes: Buffer, done: zlib.CompressCallback) => zlib.gzip(bytes, done)),
    stream: (): Transform => zlib.createGzip(),
  },
}
type Coding = keyof typeof compressors
const codings = Object.keys(compressors) as Coding[]

/** The hook for every answer. An answer 200 without a body is a defect: a handler forgot to return. */
export const represent: onSendHookHandler<unknown> = async (request, reply, payload) => {
  refuseBadHeaders(reply)
  if (reply.statusCode === 200 && (payload === undefined || payload === null)) throw new Error('an answer has no body')
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead || reply.statusCode !== 200) {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    return payload
  }
  reply.header('vary', 'Accept, Accept-Encoding, Authorization')
  if (!reply.hasHeader('cache-control'))
    reply.header(
      'cache-control',
      request.headers.authorization === undefined ? 'public, no-cache' : 'private, no-cache',
    )
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload))
    return compressStream(request, reply, payload as Readable)
  const tag = tagOf(request, reply, payload)
  const held = heldTag(request, tag)
  if (held === undefined) return compress(request, reply.header('etag', tag), payload)
  reply.code(304).header('etag', held).removeHeader('content-type').removeHeader('link')
  return null
}

/** A header with a line break would end as a half-written answer: better a clean 500. */
function refuseBadHeaders(reply: FastifyReply): void {
  const headers = reply.getHeaders()
  for (const name in headers) if (!isSendable(headers[name])) throw new Error(`the header ${name} cannot be sent`)
}

/** A read with parameters has other bytes than the plain one of the same version. */
function tagOf(request: FastifyRequest, reply: FastifyReply, payload: string | Buffer): string {
  const tag = reply.getHeader('etag') as string | undefined
  if (tag === undefined) return bytesTag(payload)
  return request.raw.url?.includes('?') ? withBytes(tag, payload) : tag
}

/** The tag under which the client holds the same bytes, in whatever coding; undefined when it does not. */
function heldTag(request: FastifyRequest, tag: string): string | undefined {
  const header = request.headers['if-none-match']
  if (header === undefined) return undefined
  const tags = readTags(header)
  if (tags === '*') return tag
  const fitting = [tag, ...codings.map((coding) => withSuffix(tag, coding))]
  return tags?.map(({ value }) => `"${value}"`).find((held) => fitting.includes(held))
}

/** Whether answers of a media type are compressed for those who take it. */
export const isCompressible = (mediaType: string): boolean => COMPRESSIBLE.test(mediaType)

function codingOf(request: FastifyRequest, reply: FastifyReply): Coding | 'identity' {
  const isPlain = isCompressible(String(reply.getHeader('content-type'))) && !reply.hasHeader('content-encoding')
  return isPlain ? preferredCoding(request.headers['accept-encoding'], codings) : 'identity'
}

function setCoding(reply: FastifyReply, coding: Coding): void {
  reply.header('content-encoding', coding).removeHeader('content-length')
  const tag = reply.getHeader('etag')
  if (typeof tag === 'string') reply.header('etag', withSuffix(tag, coding))
}

async function compress(request: FastifyRequest, reply: FastifyReply, payload: string | Buffer) {
  if (payload.length < COMPRESS_FROM_BYTES) return payload
  const coding = codingOf(request, reply)
  if (coding === 'identity') return payload
  const bytes = await compressors[coding].whole(Buffer.from(payload as string))
  setCoding(reply, coding)
  return bytes
}

function compressStream(request: FastifyRequest, reply: FastifyReply, payload: Readable) {
  const coding = codingOf(request, reply)
  if (coding === 'identity' || request.method === 'HEAD') return payload
  setCoding(reply, coding)
  // An error ends the compressed stream too, which is where the framework looks for it.
  return pipeline(payload, compressors[coding].stream(), () => {})
}

/** The last hook of a HEAD route: the headers that GET would have, and no body. */
export const withoutBody: onSendHookHandler<unknown> = (_request, reply, payload, done) => {
  if (typeof payload === 'string' || Buffer.isBuffer(payload))
    reply.header('content-length', Buffer.byteLength(payload))
  else if (payload) (payload as Readable).destroy()
  done(null, null)
}
