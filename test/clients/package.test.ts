/** Our client in TypeScript, as a program uses it, against a registry behind a network that fails. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type Copy, follow, type Place, type Resource } from '../../clients/typescript/src/follow.ts'
import { connect, dataOf, items, pages, RegistryError } from '../../clients/typescript/src/registry.ts'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { openTellers } from './story.ts'

const { address } = await openTellers(t)
const registry = connect(address, { key: ADMIN_KEY })

/** What a proxy does with a request in place of passing it on and back; nothing where it returns false. */
type Fault = (request: http.IncomingMessage, response: http.ServerResponse) => boolean

/** A proxy before the registry, and the requests that it was sent. */
async function openProxy(t: Test, fault: Fault) {
  const requests: http.IncomingMessage[] = []
  const server = http.createServer((request, response) => {
    requests.push(request)
    if (fault(request, response)) return
    const { method, url = '', headers } = request
    const forwarded = http.request(new URL(url, address), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forwarded.on('error', () => response.destroy())
    response.on('close', () => forwarded.destroy())
    request.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

t.test('the items of a list come across its pages, under a convention too', async (t) => {
  const path = { id: exampleIds.convention }
  const actions = await Array.fromAsync(
    items(registry, '/v1/conventions/{id}/actions', { path, query: { limit: 2, include: ['lead', 'partners'] } }),
  )
  t.equal(actions.length, 5)
  t.equal(new Set(actions.map(({ title }) => title)).size, 5)
  const sizes = await Array.fromAsync(
    pages(registry, '/v1/actions', { query: { limit: 2 } }),
    ({ data }) => data.length,
  )
  t.same(sizes.slice(0, 2), [2, 2])
  await t.rejects(Array.fromAsync(items(registry, '/v1/conventions', { query: { departmentCode: ['061'] } })), {
    name: 'RegistryError',
    status: 400,
    message: /departmentCode must be 2 digits/,
  })
})

t.test('a request that is put off, or whose answer is lost, is sent again; a write is done once', async (t) => {
  let lost = 0
  const { url, requests } = await openProxy(t, (request, response) => {
    if (requests.length === 1) {
      response.writeHead(429, { 'retry-after': '0', 'content-type': 'application/problem+json' }).end('{}')
      return true
    }
    if (requests.length > 2) return false
    http
      .request(new URL(request.url ?? '', address), { method: 'POST', headers: request.headers }, (answer) => {
        lost = answer.statusCode ?? 0
        response.destroy()
      })
      .end('{"kind":"association","name":"Association d’une seule fois"}')
    return true
  })
  const body = { kind: 'association', name: 'Association d’une seule fois' } as const
  const { response, data } = await connect(url, { key: ADMIN_KEY }).POST('/v1/organizations', { body })
  t.same([lost, response.status, data?.version], [201, 201, 1])
  t.equal(response.headers.get('idempotent-replayed'), 'true')
  t.equal(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size, 1)
  t.equal(requests.length, 3)
})

t.test('what a proxy answers is an error with its status', async (t) => {
  const { url } = await openProxy(t, (_request, response) => {
    response.writeHead(418, { 'content-type': 'text/html' }).end('<p>no</p>')
    return true
  })
  const error = await connect(url)
    .GET('/v1/conventions')
    .then(dataOf)
    .catch((error) => error)
  t.ok(error instanceof RegistryError)
  t.same([error.status, error.problem, error.message], [418, undefined, `${url}/v1/conventions answered 418`])
})

/** A copy in memory, which commits as a whole. */
function copyInMemory(): Copy & { names(): string[] } {
  let place: Place | undefined
  let committed = new Map<string, Resource>()
  let open = committed
  return {
    place: () => place,
    begin() {
      open = new Map(committed)
    },
    reset: () => open.clear(),
    upsert: (resource) => void open.set(resource.id, resource),
    remove: (_type, id) => void open.delete(id),
    commit(next) {
      committed = open
      place = next
    },
    rollback() {
      open = committed
    },
    rows: (type) => [...committed.values()].filter((one) => one.type === type),
    names: () => [...committed.values()].flatMap((one) => (one.type === 'organization' ? [one.data.name] : [])),
  }
}

const cuts: Record<string, Fault> = {
  'ends at once': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': hello\n\n')
    return true
  },
  'stays silent': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    return true
  },
  'is not answered': () => true,
}

for (const [name, cut] of Object.entries(cuts))
  t.test(`a stream that ${name} is given up for long polls, which bring the same`, async (t) => {
    const { url, requests } = await openProxy(
      t,
      (request, response) => request.url?.startsWith('/v1/changes/stream') === true && cut(request, response),
    )
    const copy = copyInMemory()
    const end = new AbortController()
    const reports: string[] = []
    const proved = Promise.withResolvers<void>()
    const report = (text: string) => {
      reports.push(text)
      if (text.includes('proved')) proved.resolve()
    }
    const following = follow(connect(url, { key: ADMIN_KEY }), copy, { signal: end.signal, silenceMs: 100, report })
    await proved.promise
    const body = { kind: 'association', name: `Association ${name}` } as const
    await registry.POST('/v1/organizations', { body })
    while (!copy.names().includes(body.name)) await new Promise((resolve) => setTimeout(resolve, 20))
    end.abort()
    await following
    t.equal(requests.filter((one) => one.url?.startsWith('/v1/changes/stream')).length, 2)
    t.equal(reports.filter((text) => text === 'taking a snapshot').length, 1)
  })

t.test('what the copy throws ends it, and so does an error that will be the same tomorrow', async (t) => {
  const full = { ...copyInMemory(), upsert: () => Promise.reject(new Error('the disk is full')) }
  await t.rejects(follow(registry, full), { message: 'the disk is full' })
  await t.rejects(follow(connect(address, { key: 'no key' }), copyInMemory()), { name: 'RegistryError', status: 401 })
})
