/** Requests as bytes over a socket, and what came back: for all that no HTTP library would send. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeenAnswer } from '../support/contract.ts'

/** Longer than anything that is asked here takes, also on a busy machine. */
const HANG_MS = 5_000
/** A stream is read for so long after it has begun. */
const STREAM_MS = 50

export interface RawRequest {
  method: string
  /** With its query. */
  target: string
  /** Names may repeat; values are sent as Latin-1 bytes. */
  headers: [name: string, value: string][]
  body: Buffer
}

export type RawAnswer = Pick<SeenAnswer, 'status' | 'headers' | 'bytes'>

/** The bytes of a request, to be closed after it. The length of its body is told unless its headers do. */
export function bytesOf({ method, target, headers, body }: RawRequest): Buffer {
  const isFramed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
  const length: RawRequest['headers'] = isFramed || body.length === 0 ? [] : [['Content-Length', String(body.length)]]
  const lines = [...headers, ...length, ['Connection', 'close']].map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), body])
}

/** The first answer to some bytes; undefined when the connection ends without one. Throws when nothing comes. */
export async function exchange(address: string, bytes: Buffer): Promise<RawAnswer | undefined> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname, () => socket.write(bytes))
  const chunks: Buffer[] = []
  let isStream = false
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (!isStream && chunk.includes('text/event-stream')) {
      isStream = true
      void sleep(STREAM_MS).then(() => socket.destroy())
    }
  })
  socket.setTimeout(HANG_MS, () => socket.destroy(new Error('hang')))
  const closed = once(socket, 'close')
  const hangs = once(socket, 'timeout').then(() => true)
  if (await Promise.race([hangs, closed.then(() => false)])) throw new Error(`no answer within ${HANG_MS} ms`)
  return answerIn(Buffer.concat(chunks), isStream)
}

function answerIn(bytes: Buffer, isStream: boolean): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? []
    headers[name.toLowerCase()] = value
  }
  const status = Number(first.split(' ')[1])
  if (status === 100) return answerIn(bytes.subarray(end + 4), isStream)
  const rest = bytes.subarray(end + 4)
  if (isStream) return { status, headers, bytes: Buffer.alloc(0) }
  return {
    status,
    headers,
    bytes: headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : bodyIn(rest, headers),
  }
}

/** Answers to what followed on the connection are left out. */
const bodyIn = (rest: Buffer, headers: Record<string, string>) =>
  headers['content-length'] === undefined ? rest : rest.subarray(0, Number(headers['content-length']))

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (!(size > 0)) break
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return Buffer.concat(parts)
}
