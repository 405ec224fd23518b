/** Clients of the kinds that hurt: slow, stuck, many, greedy. */
import { once } from 'node:events'
import { type Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Target {
  host: string
  port: number
  key?: string
  /** From which address of this machine to come. */
  from?: string
}

export const lines = (...given: string[]) => `${given.join('\r\n')}\r\n\r\n`

/** A connection; it is never an error that the other side ends it. */
export async function open({ host, port, from = '127.0.0.1' }: Target): Promise<Socket> {
  const socket = connect({ port, host, localAddress: from })
  socket.on('error', () => undefined)
  await once(socket, 'connect').catch(() => undefined)
  return socket
}

export const many = (count: number, target: Target) => Promise.all(Array.from({ length: count }, () => open(target)))

/** Sends some bytes on each connection again and again until the signal; those that were cut are left alone. */
export async function drip(sockets: Socket[], bytes: string, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const socket of sockets) if (!socket.destroyed && socket.writable) socket.write(bytes)
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Asks and reads nothing of the answer. */
export async function askAndForget(target: Target, path: string): Promise<Socket> {
  const socket = await open(target)
  socket.pause()
  socket.write(lines(`GET ${path} HTTP/1.1`, 'Host: x', 'Accept-Encoding: identity', ...authorization(target)))
  return socket
}

/** Begins a body of a length that it announces, and sends so many bytes of it. */
export async function beginBody(target: Target, path: string, length: number, bytes: number): Promise<Socket> {
  const socket = await open(target)
  const headers = ['Host: x', 'Content-Type: application/json', `Content-Length: ${length}`, ...authorization(target)]
  socket.write(lines(`PUT ${path} HTTP/1.1`, ...headers))
  socket.write(' '.repeat(bytes))
  return socket
}

const authorization = ({ key }: Target) => (key === undefined ? [] : [`Authorization: Bearer ${key}`])

export interface Asked {
  method?: string
  path?: string
  body?: string
  agent?: Agent
  headers?: Record<string, string>
}

/** The status of one request; 0 when the connection was ended before the whole answer. */
export function ask(
  { host, port, key, from = '127.0.0.1' }: Target,
  { method = 'GET', path = '/', body = '', agent, headers = {} }: Asked,
): Promise<number> {
  const all = {
    ...headers,
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(body !== '' && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  }
  return new Promise((resolve) => {
    const options = { host, port, method, path, headers: all, localAddress: from, ...(agent && { agent }) }
    const asked = request(options, (answer) => {
      answer.resume()
      answer.once('close', () => resolve(answer.complete ? (answer.statusCode ?? 0) : 0))
    })
    asked.once('error', () => resolve(0))
    asked.end(body)
  })
}

/** What is answered to some bytes until the connection is closed or silent for a while, by its status lines. */
export async function statusesOf(target: Target, bytes: string): Promise<number[]> {
  const socket = await open(target)
  let text = ''
  socket.setTimeout(500, () => socket.destroy())
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))
}
