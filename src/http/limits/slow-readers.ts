/**
 * Slow readers: a client that reads an answer more slowly than the stated rate is cut off, so that no answer stays in
 * memory for long.
 */
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../../config.ts'

const { bytesPerSecond, checkMs } = limits.slowPeers
const BYTES_PER_CHECK = (bytesPerSecond * checkMs) / 1_000

/** Lifts the idle timeout of the connection until the next request: those who wait or read slowly have limits of their own. */
export function liftIdleTimeout({ raw: { socket } }: FastifyRequest): void {
  if (socket instanceof Socket) socket.setTimeout(0)
}

/**
 * Watches until the answer has gone, in place of the idle timeout. What is sent whole, of so many bytes, must have gone
 * by the time that its bytes take at the rate, and a check's; a stream must be taken at the rate while more is waiting,
 * but for a burst.
 */
export function cutSlowReader(reply: FastifyReply, bytes?: number): void {
  const { raw } = reply
  const { socket } = reply.request.raw
  liftIdleTimeout(reply.request)
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
  let credit = limits.burstBytes
  return () => {
    const before = taken
    const due = socket.writableLength > 0 ? BYTES_PER_CHECK : 0
    taken = takenFrom(socket)
    credit = Math.min(limits.burstBytes, credit + taken - before - due)
    if (credit < 0) cut()
  }
}

/** The bytes that the network has taken; those of what is being written count when all of it is. */
const takenFrom = ({ bytesWritten, writableLength }: Socket) => bytesWritten - writableLength
