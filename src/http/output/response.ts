/**
 * Representations: how an answer 200 to a read leaves. Its entity tag, 304 when the client has it already, what caches
 * may do with it, its coding. One hook does it for all operations, so that GET and HEAD of the same thing never differ.
 */
import { pipeline, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import {
  allCodings,
  type Coding,
  compress,
  compressor,
  isCompressible,
  isWorthCompressing,
  quickCodings,
} from './codings.ts'
import { bytesTag, readTags, withBytes, withSuffix } from './etags.ts'
import { isSendable } from './headers.ts'
import { preferredCoding } from './negotiation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether it answers files that the service ships, which never change while it runs. */
    isFile?: boolean
  }
  interface FastifyInstance {
    /** The `Link` that every answer 200 to a read of this plugin carries beside its own. */
    commonLink?: string
  }
}

/** A value as JSON, as every answer of JSON ends: with a line feed, so that a prompt stands on a line of its own. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`

/**
 * What a handler returns in place of an object when it has the bytes: they are sent as they are. One that is kept may
 * be sent many times, and keeps its compressed forms.
 */
export class Representation {
  readonly bytes: Buffer
  /** The entity tag of the bytes as they are, with its quotation marks. */
  readonly tag: string
  /** The `Link` header; null: none. */
  readonly link: string | null
  /** The `Content-Type` and other headers of its own; JSON has none. */
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly #coded = new Map<Coding, Promise<Buffer>>()
  #codedBytes = 0
  #isKept = false
  #onGrown: (() => void) | undefined

  constructor(bytes: Buffer, tag: string, link: string | null = null, headers?: Readonly<Record<string, string>>) {
    this.bytes = bytes
    this.tag = tag
    this.link = link
    this.headers = headers
  }

  /** From now on compressed forms are kept; `onGrown` is called whenever one has been added. */
  keep(onGrown?: () => void): this {
    this.#isKept = true
    this.#onGrown = onGrown
    return this
  }

  get isKept(): boolean {
    return this.#isKept
  }

  /** Of the bytes in all their forms. */
  get size(): number {
    return this.bytes.length + this.#codedBytes
  }

  /** The codings in which it is offered, the best first. */
  get codings(): readonly Coding[] {
    return this.#isKept ? allCodings : quickCodings
  }

  in(coding: Coding): Promise<Buffer> {
    const known = this.#coded.get(coding)
    if (known) return known
    const compressed = compress(coding, this.bytes)
    if (!this.#isKept) return compressed
    const copied = compressed.then(ownCopy)
    this.#remember(coding, copied)
    return copied
  }

  #remember(coding: Coding, bytes: Promise<Buffer>): void {
    this.#coded.set(coding, bytes)
    bytes.then(
      ({ length }) => {
        this.#codedBytes += length
        this.#onGrown?.()
      },
      () => this.#coded.delete(coding),
    )
  }
}

/** What zlib answers may be a small part of the 16 KB that it wrote into, all of which would be kept. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

const VARY = 'Accept, Accept-Encoding, Authorization'
const VARY_LANGUAGE = `${VARY}, Accept-Language`

/** The hook for every answer. An answer 200 without a body is a defect: a handler forgot to return. */
export const finalizeResponse: onSendHookHandler<unknown> = (request, reply, payload, done) => {
  if (reply.statusCode === 200 && (payload === undefined || payload === null)) throw new Error('an answer has no body')
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!(payload instanceof Representation)) refuseBadHeaders(reply)
  if (!isRead || reply.statusCode !== 200) {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    done(null, payload)
    return
  }
  reply.header('vary', reply.hasHeader('content-language') ? VARY_LANGUAGE : VARY)
  if (!reply.hasHeader('cache-control'))
    reply.header(
      'cache-control',
      request.headers.authorization === undefined ? 'public, no-cache' : 'private, no-cache',
    )
  if (payload instanceof Representation) send(request, reply, payload, done)
  else if (typeof payload === 'string' || Buffer.isBuffer(payload)) {
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload)
    send(request, reply, new Representation(bytes, tagOf(request, reply, bytes)), done)
  } else if (request.routeOptions.config.isFile && request.method === 'GET')
    fileOf(request, payload as Readable).then((file) => send(request, reply, file, done), done)
  else sendStream(request, reply, payload as Readable, done)
}

const files = new Map<string, Promise<Representation>>()

/** A file that the service ships, read and compressed once; there are only so many of them. */
function fileOf({ routeOptions: { url }, params }: FastifyRequest, payload: Readable): Promise<Representation> {
  const name = JSON.stringify([url, params])
  const known = files.get(name)
  if (known) {
    payload.destroy()
    return known
  }
  const read = buffer(payload).then((bytes) => new Representation(bytes, bytesTag(bytes)).keep())
  files.set(name, read)
  read.catch(() => files.delete(name))
  return read
}

type Done = (error: Error | null, payload?: unknown) => void

function send(request: FastifyRequest, reply: FastifyReply, representation: Representation, done: Done): void {
  const { bytes, tag, link, headers } = representation
  if (isKnown(request, reply, tag)) {
    done(null, null)
    return
  }
  if (headers) reply.headers(headers)
  setLink(request, reply, link)
  const coding = isWorthCompressing(bytes) ? codingOf(request, reply, representation.codings) : 'identity'
  if (coding === 'identity') {
    reply.header('etag', tag)
    done(null, bytes)
    return
  }
  representation.in(coding).then((coded) => {
    reply.header('content-encoding', coding).header('etag', withSuffix(tag, coding))
    done(null, coded)
  }, done)
}

function setLink({ server: { commonLink } }: FastifyRequest, reply: FastifyReply, link: string | null = null): void {
  const own = link ?? reply.getHeader('link')
  if (commonLink !== undefined) reply.header('link', own === undefined ? commonLink : `${own}, ${commonLink}`)
  else if (link !== null) reply.header('link', link)
}

/** Whether the client has the same bytes already: then the answer is a 304. */
function isKnown(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  const known = knownTag(request, tag)
  if (known === undefined) return false
  reply.code(304).header('etag', known)
  for (const header of ['content-type', 'content-disposition', 'content-language', 'link']) reply.removeHeader(header)
  return true
}

/** A header with a line break would end as a half-written answer: better a clean 500. */
function refuseBadHeaders(reply: FastifyReply): void {
  const headers = reply.getHeaders()
  for (const name in headers) if (!isSendable(headers[name])) throw new Error(`the header ${name} cannot be sent`)
}

/** A read with parameters has other bytes than the plain one of the same version. */
function tagOf(request: FastifyRequest, reply: FastifyReply, payload: Buffer): string {
  const tag = reply.getHeader('etag') as string | undefined
  if (tag === undefined) return bytesTag(payload)
  return request.raw.url?.includes('?') ? withBytes(tag, payload) : tag
}

/** The tag under which the client has the same bytes, in whatever coding; undefined when it has not. */
function knownTag(request: FastifyRequest, tag: string): string | undefined {
  const header = request.headers['if-none-match']
  if (header === undefined) return undefined
  const tags = readTags(header)
  if (tags === '*') return tag
  const fitting = [tag, ...allCodings.map((coding) => withSuffix(tag, coding))]
  return tags?.map(({ value }) => `"${value}"`).find((known) => fitting.includes(known))
}

function codingOf(request: FastifyRequest, reply: FastifyReply, offered: readonly Coding[]): Coding | 'identity' {
  const accepted = request.headers['accept-encoding']
  if (accepted === undefined || reply.hasHeader('content-encoding')) return 'identity'
  return isCompressible(String(reply.getHeader('content-type'))) ? preferredCoding(accepted, offered) : 'identity'
}

/** A stream has a tag only where its handler knew all of it before it began. */
function sendStream(request: FastifyRequest, reply: FastifyReply, payload: Readable, done: Done): void {
  const tag = reply.getHeader('etag')
  if (typeof tag === 'string' && isKnown(request, reply, tag)) {
    payload.destroy()
    done(null, null)
    return
  }
  setLink(request, reply)
  const coding = codingOf(request, reply, quickCodings)
  if (coding !== 'identity') {
    reply.header('content-encoding', coding).removeHeader('content-length')
    if (typeof tag === 'string') reply.header('etag', withSuffix(tag, coding))
  }
  const isCoded = coding !== 'identity' && request.method !== 'HEAD'
  // An error ends the compressed stream too, which is where the framework looks for it.
  done(null, isCoded ? pipeline(payload, compressor(coding), () => {}) : payload)
}

/** The last hook of a HEAD route: the headers that GET would have, and no body. */
export const withoutBody: onSendHookHandler<unknown> = (_request, reply, payload, done) => {
  if (typeof payload === 'string' || Buffer.isBuffer(payload))
    reply.header('content-length', Buffer.byteLength(payload))
  else if (payload) (payload as Readable).destroy()
  done(null, null)
}
