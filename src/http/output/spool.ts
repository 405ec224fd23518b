/**
 * Spool: a response is written to a temporary file at the speed of the database and sent from there at the speed of its
 * reader, who thus holds no connection. The file has no name, so nothing is left of it however the process ends.
 */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { problem } from '../errors/problems.ts'

/**
 * Writes all chunks to a file in the system's folder for temporary files, then answers a stream of it, which must be
 * read to its end or destroyed. Throws what the chunks throw, and the errors of the file system, such as ENOSPC.
 */
export async function spooled(chunks: AsyncIterable<string> | Iterable<string>): Promise<Readable> {
  const file = await openNameless()
  try {
    for await (const chunk of chunks) await file.appendFile(chunk)
    return file.createReadStream({ start: 0 })
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openNameless(): Promise<fs.FileHandle> {
  const name = path.join(os.tmpdir(), `ctg-registry-${randomUUID()}`)
  const file = await fs.open(name, 'wx+', 0o600)
  await fs.unlink(name)
  return file
}

/** A spool that is read while it is written. */
export interface LiveSpool {
  /**
   * Adds a text. Where the file would be larger than its bound it waits until the reader has taken all of it. Throws once
   * the reader has gone, and the errors of the file system.
   */
  write(text: string): Promise<void>
  end(): void
  /** What was written, as it is; it must be read to its end or destroyed. */
  reader: Readable
}

const READ_BYTES = 64 * 1024

/** A live spool of a file of at most so many bytes, or one text; `onFull` is called when its writer waits for the reader. */
export async function liveSpool(maxBytes: number, onFull: () => void): Promise<LiveSpool> {
  const file = await openNameless()
  let size = 0
  let position = 0
  let isEnded = false
  /** Something was written, all was read, or one of both has ended. */
  let changed = Promise.withResolvers<void>()
  function change() {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  async function fill() {
    while (position === size && !isEnded && !reader.destroyed) {
      change()
      await changed.promise
    }
    if (reader.destroyed) return
    const bytes = Buffer.allocUnsafe(Math.min(READ_BYTES, size - position))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position)
    position += bytesRead
    reader.push(bytesRead > 0 ? bytes.subarray(0, bytesRead) : null)
  }

  const reader = new Readable({
    read: () => {
      fill().catch((error) => reader.destroy(error))
    },
    destroy(error, done) {
      change()
      file.close().then(() => done(error), done)
    },
  })

  async function beginAnew() {
    if (position < size) onFull()
    while (position < size && !reader.destroyed) await changed.promise
    if (reader.destroyed) return
    await file.truncate()
    size = 0
    position = 0
  }

  return {
    reader,
    async write(text) {
      const bytes = Buffer.from(text)
      if (size > 0 && size + bytes.length > maxBytes) await beginAnew()
      if (reader.destroyed) throw disconnected()
      await file.write(bytes, 0, bytes.length, size)
      size += bytes.length
      change()
    },
    end() {
      isEnded = true
      change()
    },
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
