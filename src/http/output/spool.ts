/**
 * Spool: a response is written to a temporary file at the speed of the database and sent from there at the speed of its
 * reader, who thus holds no connection. The file has no name, so nothing is left of it however the process ends.
 */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { problem } from '../errors/problems.ts'

/**
 * Writes all chunks to a file in the system's folder for temporary files, then answers a stream of it, which must be
 * read to its end or destroyed. Throws what the chunks throw, and the errors of the file system, such as ENOSPC.
 */
export async function spooled(chunks: AsyncIterable<string> | Iterable<string>): Promise<Readable> {
  const name = path.join(os.tmpdir(), `ctg-registry-${randomUUID()}`)
  const file = await fs.open(name, 'wx+', 0o600)
  try {
    await fs.unlink(name)
    for await (const chunk of chunks) await file.appendFile(chunk)
    return file.createReadStream({ start: 0 })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The items, until the client disconnects: then nobody waits for more of them. */
export async function* untilGone<T>(reply: FastifyReply, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    if (reply.raw.destroyed) throw disconnected()
    yield item
  }
}

export const disconnected = () => problem('unavailable', 'The client disconnected.')
