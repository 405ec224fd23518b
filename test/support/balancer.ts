/** Load balancer of connections: each goes to the next server in turn; one that refuses it is passed over. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** The port of a balancer of servers on ports of this machine; it ends with the test. */
export async function openBalancer(t: Pick<Test, 'teardown'>, ports: number[]): Promise<number> {
  let made = 0
  const server = createServer(async (near) => {
    near.on('error', () => undefined)
    made += 1
    for (let i = 0; i < ports.length; i++) {
      const far = connect(ports[(made + i) % ports.length] as number, '127.0.0.1')
      const isRefused = await once(far, 'connect').catch(() => 'refused')
      if (isRefused !== 'refused') return join(near, far)
    }
    near.resetAndDestroy()
  })
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** What one side says the other hears, the end and a reset too. */
function join(near: Socket, far: Socket): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => to.resetAndDestroy())
    from.pipe(to)
  }
}
