/**
 * Streamed bodies: read as they come, decompressed, and never held whole. Who sends more slowly than the stated rate while
 * the service waits for more is cut off.
 */
import { Socket } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { limits } from '../../config.ts'
import { Problem, problem } from '../errors/problems.ts'
import { type Coding, decompressor } from '../output/codings.ts'

const { bytesPerSecond, checkMs } = limits.slowPeers
const BYTES_PER_CHECK = (bytesPerSecond * checkMs) / 1_000

/**
 * The bytes of a streamed body, decompressed, at most so many. Throws a 413, a 408, or a 400 when it breaks off; what is
 * left of it then is read and forgotten, and the connection is closed after the answer.
 */
export async function* readStream(reply: FastifyReply, maxBytes: number): AsyncGenerator<Buffer> {
  const { body, headers } = reply.request
  const payload = body as Readable
  const coding = (headers['content-encoding'] ?? 'identity').toLowerCase() as Coding | 'identity'
  let bytes = 0
  try {
    for await (const chunk of coding === 'identity' ? atRate(payload) : decompressed(payload, coding)) {
      bytes += chunk.length
      if (bytes > maxBytes) throw problem('payload-too-large', `The body is larger than ${maxBytes} bytes.`)
      yield chunk
    }
  } catch (error) {
    throw error instanceof Problem ? error : problem('bad-request', `The body did not arrive whole as ${coding}.`)
  } finally {
    if (!payload.readableEnded) closeAfterAnswer(reply, payload)
  }
}

/** Nothing can follow on the connection, for the rest of the body is not looked at. */
function closeAfterAnswer({ raw, request }: FastifyReply, payload: Readable): void {
  payload.on('error', () => undefined).resume()
  const { socket } = request.raw
  if (socket instanceof Socket) raw.once('finish', () => socket.destroySoon())
}

function decompressed(payload: Readable, coding: Coding): AsyncIterable<Buffer> {
  const bytes = decompressor(coding)
  // An error of the body breaks the decompressed one too, which is where it is read.
  pipeline(Readable.from(atRate(payload)), bytes, () => undefined)
  return bytes as unknown as AsyncIterable<Buffer>
}

/** The chunks of a body as they come. Only the time in which they are waited for counts. */
async function* atRate(payload: Readable): AsyncGenerator<Buffer> {
  const chunks = payload.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]()
  let waitedMs = 0
  let bytes = 0
  for (let next = chunks.next(); ; ) {
    const start = performance.now()
    const arrived = await within(checkMs - waitedMs, next)
    waitedMs += performance.now() - start
    if (arrived?.done) return
    if (arrived) {
      bytes += arrived.value.length
      yield arrived.value
      next = chunks.next()
    }
    if (waitedMs < checkMs) continue
    if (bytes < BYTES_PER_CHECK)
      throw problem('request-timeout', `The body came at less than ${bytesPerSecond} bytes a second.`)
    waitedMs = 0
    bytes = 0
  }
}

/** What a promise gives in time; undefined when it takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController()
  try {
    return await Promise.race([promise, sleep(ms, undefined, { signal: timer.signal, ref: false })])
  } finally {
    timer.abort()
  }
}
