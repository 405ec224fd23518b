/** Clients of the kinds that hurt: slow, stuck, many, greedy; and one that asks politely and notes how long it waits. */
import { once } from 'node:events'
import fs from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Target {
  host: string
  port: number
  key: string
}

export const lines = (...given: string[]) => `${given.join('\r\n')}\r\n\r\n`

/** A connection; it is never an error that the other side ends it. */
export async function open({ host, port }: Target): Promise<Socket> {
  const socket = connect(port, host)
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
  socket.write(lines(`GET ${path} HTTP/1.1`, 'Host: x', 'Accept-Encoding: identity'))
  return socket
}

/** The status of one request; 0 when the connection was ended. */
export function ask(
  { host, port, key }: Target,
  { method = 'GET', path = '/', body = '', agent = undefined as Agent | undefined, isKeyed = true },
): Promise<number> {
  const headers = {
    ...(isKeyed && { authorization: `Bearer ${key}` }),
    ...(body !== '' && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  }
  return new Promise((resolve) => {
    const asked = request({ host, port, method, path, headers, ...(agent && { agent }) }, (answer) => {
      answer.resume()
      answer.once('close', () => resolve(answer.statusCode ?? 0))
    })
    asked.once('error', () => resolve(0))
    asked.end(body)
  })
}

export interface Canary {
  /** What was answered, and how long it took, since the last call, in milliseconds. */
  report(): { asked: number; failed: number; p99: number; worst: number }
  stop(): Promise<void>
}

const CANARY_MS = 20

/** A client like any other, on a connection of its own. */
export function startCanary(target: Target): Canary {
  // From an address of its own: what the others may still ask for is no matter of his.
  const agent = new Agent({ keepAlive: true, maxSockets: 4, localAddress: '127.0.0.2' })
  let isOver = false
  let seen: { status: number; ms: number }[] = []
  const asking = (async () => {
    while (!isOver) {
      const start = performance.now()
      const status = await ask(target, { path: '/v1/conventions?limit=5', agent, isKeyed: false })
      seen.push({ status, ms: performance.now() - start })
      await sleep(CANARY_MS)
    }
  })()
  return {
    report() {
      const times = seen.map(({ ms }) => ms).sort((a, b) => a - b)
      const failed = seen.filter(({ status }) => status !== 200).length
      const answer = {
        asked: seen.length,
        failed,
        p99: times[Math.ceil(times.length * 0.99) - 1] ?? 0,
        worst: times.at(-1) ?? 0,
      }
      seen = []
      return answer
    },
    async stop() {
      isOver = true
      await asking
      agent.destroy()
    },
  }
}

/** Resident memory of a process in bytes (Linux). */
export function residentBytes(pid: number): number {
  const [, kilobytes = ''] = /^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
