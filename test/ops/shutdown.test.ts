/** The way out: what a client asks on a connection that it keeps is answered, however late in the shutdown. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import t from 'tap'
import { closeGently, registerDrain } from '../../src/ops/shutdown.ts'
import { smallApp, THING } from '../support/small-app.ts'

/** Listens for a moment only, and would wait for a minute for what is asked on open connections. */
const patient = { drainMs: 60_000, drainMaxMs: 50, stopMs: 120_000 }

async function listen(t: Test) {
  const app = await smallApp({}, registerDrain)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return { app, port: (app.server.address() as AddressInfo).port }
}

/** Resolves when nobody can connect any more. */
async function closed(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const refused = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).catch(() => 'refused')
    socket.destroy()
    if (refused === 'refused' || refused[0] instanceof Error) return
    await sleep(20)
  }
}

t.test('the next request of a kept connection is answered after the end of listening, and closes it', async (t) => {
  const { app, port } = await listen(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const get = async () => {
    const asked = request({ port, host: '127.0.0.1', path: THING, agent }).end()
    const [answer] = await once(asked, 'response')
    await text(answer)
    return { status: answer.statusCode, connection: answer.headers.connection, reused: asked.reusedSocket }
  }
  t.match(await get(), { status: 200, connection: 'keep-alive' })
  const closing = closeGently(app, patient)
  while (app.server.listening) await sleep(20)
  t.same(await get(), { status: 200, connection: 'close', reused: true })
  await closing
})

t.test('a connection that was made before the end of listening may ask its first request after it', async (t) => {
  const { app, port } = await listen(t)
  const socket = connect(port, '127.0.0.1')
  await once(app.server, 'connection')
  const closing = closeGently(app, patient)
  while (app.server.listening) await sleep(20)
  socket.write(`GET ${THING} HTTP/1.1\r\nHost: x\r\n\r\n`)
  t.match(await text(socket), /^HTTP\/1\.1 200 .*connection: close/is)
  await closing
})

t.test('it listens on while anybody comes, and ends connections on which nothing is asked', async (t) => {
  const { app, port } = await listen(t)
  const idle = connect(port, '127.0.0.1')
  await once(app.server, 'connection')
  const ended = once(idle.resume(), 'close')
  await closeGently(app, { drainMs: 100, drainMaxMs: 60_000, stopMs: 120_000 })
  await ended
  await closed(port)
})
