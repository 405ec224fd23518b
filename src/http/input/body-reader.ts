/**
 * Bodies as they arrive: their bytes count for the caller as they come, not as they are announced, up to the bound of
 * the operation, and who sends more slowly than the stated rate is cut off.
 */
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { limits } from '../../config.ts'
import { problem } from '../errors/problems.ts'

const { bytesPerSecond, checkMs } = limits.slowPeers
const BYTES_PER_CHECK = (bytesPerSecond * checkMs) / 1_000

/** Nothing can follow on the connection, for the rest of the body is not read. */
const headers = { connection: 'close' }

/** The bytes of a body. Throws a 413, a 408, what its quota throws, or a 400 when it is not as long as announced. */
export async function readBody(request: FastifyRequest, payload: Readable): Promise<Buffer> {
  const { promise: isTooSlow, reject } = Promise.withResolvers<never>()
  const body = new ArrivingBody(request)
  let before = 0
  const timer = setInterval(() => {
    if (body.bytes - before < BYTES_PER_CHECK)
      reject(problem('request-timeout', `The body came at less than ${bytesPerSecond} bytes a second.`, { headers }))
    before = body.bytes
  }, checkMs)
  try {
    return await Promise.race([body.read(payload), isTooSlow])
  } finally {
    clearInterval(timer)
    body.isOver = true
  }
}

class ArrivingBody {
  bytes = 0
  /** What comes from then on is dropped. */
  isOver = false
  readonly #request: FastifyRequest
  readonly #chunks: Buffer[] = []

  constructor(request: FastifyRequest) {
    this.#request = request
  }

  async read(payload: Readable): Promise<Buffer> {
    const { headers } = this.#request
    const announced = headers['content-length']
    this.#refuseLarge(Number(announced ?? 0))
    try {
      for await (const chunk of payload.iterator({ destroyOnReturn: false })) if (!this.isOver) this.#take(chunk)
    } finally {
      // What is left of it is read and forgotten, or its client would not come to read the answer.
      payload.resume()
    }
    if (announced !== undefined && Number(announced) !== this.bytes)
      throw problem('bad-request', 'The body is not as long as Content-Length says.')
    return Buffer.concat(this.#chunks, this.bytes)
  }

  #take(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#refuseLarge(this.bytes)
    if (this.bytes > limits.smallBytes) this.#request.bodyLease?.add(chunk.length)
    this.#chunks.push(chunk)
  }

  #refuseLarge(bytes: number): void {
    const limit = this.#request.routeOptions.bodyLimit ?? limits.bodyBytes
    if (bytes > limit) throw problem('payload-too-large', `The body is larger than ${limit} bytes.`, { headers })
  }
}
