/**
 * The connection or the process dies between COMMIT and its answer: nobody knows whether the write took effect, the
 * same request sent again tells it, and nothing is done twice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { versionTag } from '../../../src/http/output/etags.ts'
import { commits, newWorld, outcomeOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { documentOf, documentPath } from '../../support/documents.ts'
import { type Fate, type Proxy as Network, openProxy } from '../../support/proxy.ts'
import { openRegistry, serve } from '../../support/registry.ts'
import { startService } from '../../support/service.ts'

const registry = await openRegistry(t, { connections: 8 })
const { api, path } = await newWorld(registry)

interface Sent {
  method: 'POST' | 'PATCH' | 'PUT'
  path: string
  body: object
  headers?: Record<string, string>
}

interface Seen {
  status: number
  headers: Record<string, string | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by its assertions.
  body: any
}

type Send = (sent: Sent) => Promise<Seen>

/** What the second of two equal requests answers when the first took effect, and when it did not. */
interface Write {
  sent: Sent
  afterwards: (answer: Seen) => unknown
  done: unknown
  undone: unknown
}

let number = 0
const writes: Record<string, () => Promise<Write>> = {
  'a POST with an Idempotency-Key': async () => ({
    sent: {
      method: 'POST',
      path: `/v1${path}/axes`,
      body: { title: 'Axe' },
      headers: { 'idempotency-key': `lost ${++number}` },
    },
    afterwards: ({ status, headers, body }) => [status, headers['idempotent-replayed'], body.version],
    done: [201, 'true', 1],
    undone: [201, undefined, 1],
  }),
  'a PUT of a document': async () => ({
    sent: { method: 'PUT', path: `${documentPath(`lost-${++number}`)}?link=none`, body: documentOf() },
    afterwards: ({ status, body }) => [status, body.report.created > 0, body.convention.version],
    done: [200, false, 1],
    undone: [201, true, 1],
  }),
  'a PATCH of a version': async () => {
    const { id } = await api.create(`${path}/axes`, { title: 'Axe' })
    return {
      sent: {
        method: 'PATCH',
        path: `/v1/axes/${id}`,
        body: { title: 'Autre' },
        headers: { 'if-match': versionTag(1) },
      },
      afterwards: ({ status, headers }) => [status, headers.etag],
      done: [412, versionTag(2)],
      undone: [200, versionTag(2)],
    }
  },
}

/** How a process on the same database, or its connection, dies: it is sent to by `send`. */
interface Victim {
  send: Send
  die(): void
  /** What the request in flight is answered. */
  answer: string
}

async function connectionThrough(t: Test, proxy: Network): Promise<Victim> {
  const { request } = await serve(t, { ...registry, url: proxy.url })
  return { send: sender(request), die: proxy.cut, answer: '503 outcome-unknown' }
}

async function processOn(t: Test, proxy: Network): Promise<Victim> {
  const service = await startService(t, { BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, DATABASE_URL: proxy.url })
  return { send: fetcher(service.address), die: () => service.process.kill('SIGKILL'), answer: 'no answer' }
}

async function dies(t: Test, begin: (t: Test, proxy: Network) => Promise<Victim>, fate: Fate): Promise<void> {
  for (const [name, write] of Object.entries(writes)) {
    const proxy = await openProxy(t, registry.url)
    const victim = await begin(t, proxy)
    const { sent, afterwards, done, undone } = await write()
    const before = await commits(registry.db)
    const isSent = proxy.endAt('commit\0', fate)
    const answer = victim.send(sent).then(outcomeOf, () => 'no answer')
    await isSent
    while (fate === 'arrives' && (await commits(registry.db)) === before) await sleep(5)
    victim.die()
    proxy.cut()
    t.equal(await answer, victim.answer, name)
    const again = await settled(sender(registry.request), sent)
    t.same(afterwards(again), fate === 'arrives' ? done : undone, `${name}, sent again`)
    t.equal(await commits(registry.db), before + 1, `${name} is done once`)
  }
}

t.test('the connection dies after COMMIT arrived: the second request tells what was done', (t) =>
  dies(t, connectionThrough, 'arrives'),
)
t.test('the connection dies before COMMIT arrived: the second request does it', (t) =>
  dies(t, connectionThrough, 'is lost'),
)
t.test('the process dies between COMMIT and the answer', (t) => dies(t, processOn, 'arrives'))

/** Until the database has noticed the end of the connection, the first request may still be in the way. */
async function settled(send: Send, sent: Sent): Promise<Seen> {
  for (;;) {
    const answer = await send(sent)
    if (outcomeOf(answer) !== '409 busy') return answer
    await sleep(20)
  }
}

const sender =
  (request: typeof registry.request): Send =>
  ({ method, path, body, headers = {} }) =>
    request(method, path, { body, headers, key: ADMIN_KEY })

const fetcher =
  (address: string): Send =>
  async ({ method, path, body, headers }) => {
    const answer = await fetch(address + path, {
      method,
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json', ...headers },
    })
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.json() }
  }
