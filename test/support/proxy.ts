/** A network that can fail, between the service and its database: it forwards, swallows or cuts connections. */
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
   * The next message to the database that holds these bytes still reaches it; its answer, and whatever follows on that
   * connection, does not come back. Done once it was sent.
   */
  loseAnswerTo(bytes: string): Promise<void>
  /** The number of connections made so far. */
  made(): number
}

export async function openProxy(t: Test, database: string): Promise<Proxy> {
  const target = new URL(database)
  const sockets = new Set<Socket>()
  let isSwallowing = false
  let isRefusing = false
  let made = 0
  let lost: { bytes: string; sent: () => void } | undefined
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
      if (!lost || !chunk.includes(lost.bytes)) return
      far.removeAllListeners('data').resume()
      lost.sent()
      lost = undefined
    })
    forward(far, near)
  })
  function forward(from: Socket, to: Socket, look: (chunk: Buffer) => void = () => undefined) {
    from.on('data', (chunk: Buffer) => {
      look(chunk)
      to.write(chunk)
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
    loseAnswerTo: (bytes) =>
      new Promise((sent) => {
        lost = { bytes, sent }
      }),
    made: () => made,
  }
}
