/** The end of a connection: whoever still sends when the answer comes reads it all the same. */
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { limits } from '../../../src/config.ts'
import { smallApp } from '../../support/small-app.ts'

const app = await smallApp()
await app.listen({ port: 0, host: '127.0.0.1' })
const { port } = app.server.address() as AddressInfo
t.teardown(() => app.close())

const url = `http://127.0.0.1:${port}/v1/things`
const headers = { 'content-type': 'application/json' }
const large = Buffer.alloc(16 * limits.bodyBytes, ' ')

/** Sends so many bytes in pieces, reads nothing before the last one has gone, and answers all that came. */
async function sendThenRead(headers: string, pieces: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').pause()
  socket.write(`POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`)
  for (let i = 0; i < pieces; i++) {
    const piece = ' '.repeat(64 * 1024)
    const chunk = headers.startsWith('Transfer') ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece
    await new Promise((resolve) => socket.write(chunk, resolve))
    // The answer to what was sent already comes meanwhile.
    await sleep(20)
  }
  return text(socket)
}

t.test('a body that is too large is a 413 that every client can read', async (t) => {
  for (let i = 0; i < 10; i++) {
    const answer = await fetch(url, { method: 'POST', headers, body: large })
    t.match(await answer.json(), { status: 413, type: '/problems/payload-too-large' }, 'with its length ahead')
    const stream = new Blob([large]).stream()
    const chunked = await fetch(url, { method: 'POST', headers, body: stream, duplex: 'half' })
    t.match(await chunked.json(), { status: 413 }, 'in chunks')
  }
  t.match(await sendThenRead(`Content-Length: ${20 * 64 * 1024}`, 20), /^HTTP\/1\.1 413 .*"status":413/s)
  t.match(await sendThenRead('Transfer-Encoding: chunked', 20), /^HTTP\/1\.1 413 .*"status":413/s)
})

t.test('who sends on and on is cut off', async (t) => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.write(
    'POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n',
  )
  const sending = setInterval(() => socket.write(' '), 50)
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 413 /)
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(sending)
})
