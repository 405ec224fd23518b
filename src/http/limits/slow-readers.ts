/**
 * Slow readers: a client that reads an answer more slowly than the stated rate is cut off, so that no answer stays in
 * memory for long.
 */
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { limits } from '../../config.ts'

const { bytesPerSecond, checkMs } = limits.slowPeers
const BYTES_PER_CHECK = (bytesPerSecond * checkMs) / 1_000

/**
 * Watches until the answer has gone. What is sent whole, of so many bytes, must have gone by the time that its bytes
 * take at the rate, and a check's; of a stream each check must find it taken at the rate while more is waiting.
 */
export function cutSlowReader(reply: FastifyReply, bytes?: number): void {
  const { raw } = reply
  const { socket } = reply.request.raw
  const timer =
    bytes === undefined
      ? setInterval(
          watch(socket, () => raw.destroy()),
          checkMs,
        )
      : setTimeout(() => raw.destroy(), checkMs + (bytes / bytesPerSecond) * 1_000)
  const end = () => clearTimeout(timer)
  raw.once('finish', end)
  raw.once('close', end)
  if (raw.destroyed) end()
}

function watch(socket: Socket, cut: () => void): () => void {
  let taken = takenFrom(socket)
  let wasWaiting = false
  return () => {
    const before = taken
    const isWaiting = socket.writableLength > 0
    taken = takenFrom(socket)
    if (wasWaiting && isWaiting && taken - before < BYTES_PER_CHECK) cut()
    wasWaiting = isWaiting
  }
}

/** The bytes that the network has taken; those of what is being written count when all of it is. */
const takenFrom = ({ bytesWritten, writableLength }: Socket) => bytesWritten - writableLength
