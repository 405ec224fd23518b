/** Proxy that can fail, between the service and its database: it forwards, swallows or cuts connections. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface Proxy {
  /** The URL of the database through this network. */
  url: string
  /** From now on nothing passes, and nobody is told: what is sent waits. */
  swallow(): void
  /** Every connection is reset, and each new one likewise. */
  refuse(): void
  /** Everything passes again, on new connections and on those that are still open. */
  heal(): void
  /** Every connection is reset; new ones pass. */
  cut(): void
  /**
   * The next message to the database that holds these bytes is the last on its connection, in both directions. Resolves
   * once it has been sent.
   */
  endAt(bytes: string, fate: Fate): Promise<void>
  /** The number of connections made so far. */
  made(): number
}

/** Of the last message on a connection. */
export type Fate = 'arrives' | 'is lost'

export async function openProxy(t: Test, database: string): Promise<Proxy> {
  const target = new URL(database)
  const sockets = new Set<Socket>()
  let isSwallowing = false
  let isRefusing = false
  let made = 0
  let last: { bytes: string; fate: Fate; sent: () => void } | undefined
  const server = createServer((near) => {
    made++
    near.on('error', () => undefined)
    if (isRefusing) {
      near.resetAndDestroy()
      return
    }
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
      if (isSwallowing) socket.pause()
    }
    forward(near, far, (chunk) => {
      if (!last || !chunk.includes(last.bytes)) return true
      const { fate, sent } = last
      last = undefined
      for (const socket of [near, far]) socket.removeAllListeners('data').resume()
      sent()
      return fate === 'arrives'
    })
    forward(far, near)
  })
  function forward(from: Socket, to: Socket, passes: (chunk: Buffer) => boolean = () => true) {
    from.on('data', (chunk: Buffer) => {
      if (passes(chunk)) to.write(chunk)
    })
    from.on('close', () => to.destroy())
    if (isSwallowing) from.pause()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  t.teardown(() => {
    cut()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: Object.assign(new URL(target), { port: String(port) }).href,
    swallow() {
      isSwallowing = true
      for (const socket of sockets) socket.pause()
    },
    refuse() {
      isRefusing = true
      cut()
    },
    heal() {
      isSwallowing = false
      isRefusing = false
      for (const socket of sockets) socket.resume()
    },
    cut,
    endAt: (bytes, fate) =>
      new Promise((sent) => {
        last = { bytes, fate, sent }
      }),
    made: () => made,
  }
}
