/**
 * Round trips to the database, counted by a relay between a service and Postgres: each Query and each Sync message of
 * the protocol is one question for whose answer the driver waits, `begin` and `commit` among them.
 */
import { once } from 'node:events'
import net from 'node:net'
import type { Service } from './checkout.ts'
import { rounded } from './harness.ts'

const REQUESTS = 500
const QUERY = 0x51
const SYNC = 0x53
const HEADER_BYTES = 5

/**
 * How many round trips one GET takes at one connection, on average over random paths; what a service asks beside its
 * requests is taken off.
 */
export async function roundTripsOf(
  start: (variables: Record<string, string>) => Promise<Service>,
  databaseUrl: string,
  paths: readonly string[],
): Promise<number> {
  const relay = await openRelay(databaseUrl)
  const service = await start({ DATABASE_URL: relay.url })
  const all = async () => {
    const begin = { count: relay.count(), at: performance.now() }
    for (let i = 0; i < REQUESTS; i++) await (await fetch(service.address + paths[i % paths.length])).arrayBuffer()
    return { count: relay.count() - begin.count, ms: performance.now() - begin.at }
  }
  try {
    // Connections are made and statements prepared.
    await all()
    const busy = await all()
    const idleFrom = relay.count()
    await new Promise((resolve) => setTimeout(resolve, busy.ms))
    return rounded((busy.count - (relay.count() - idleFrom)) / REQUESTS)
  } finally {
    await service.stop()
    relay.close()
  }
}

async function openRelay(databaseUrl: string) {
  const target = new URL(databaseUrl)
  let count = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    const database = net.connect(Number(target.port), target.hostname)
    const counter = counterOf((type) => {
      if (type === QUERY || type === SYNC) count += 1
    })
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      from.pipe(to)
    }
    client.on('data', counter)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: String(port) }).href,
    count: () => count,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Names the type of each message of a client; the first message has none. */
function counterOf(meet: (type: number) => void) {
  let rest = Buffer.alloc(0)
  let isFirst = true
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const typeBytes = isFirst ? 0 : 1
      if (rest.length < HEADER_BYTES) return
      const end = typeBytes + rest.readInt32BE(typeBytes)
      if (rest.length < end) return
      if (!isFirst) meet(rest[0] as number)
      isFirst = false
      rest = rest.subarray(end)
    }
  }
}
