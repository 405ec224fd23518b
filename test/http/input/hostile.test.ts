/** Hostile bodies against every operation that writes: never a success, never a defect, nothing written. */
import { once } from 'node:events'
import { request } from 'node:http'
import t from 'tap'
import type { Operation } from '../../../src/http/openapi/types.ts'
import type { Keywords } from '../../../src/http/schema/schemas.ts'
import { commits, errorsOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { documentOf, fullDocument, put } from '../../support/documents.ts'
import { setStage } from '../../support/every.ts'
import { bodyWith, contentTypes, hostileTexts, hostileValues, leavesOf } from '../../support/hostile.ts'
import { createKey } from '../../support/keys.ts'
import { openapiOf, openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t)
const { api, path: convention, named, every } = await setStage(registry)
const { key } = await createKey(registry.db, 'target')
await put(registry, 'autre', documentOf())
const document = JSON.parse(await openapiOf(registry.app))
const resolve = (schema: Keywords): Keywords =>
  schema.$ref ? resolve(document.components.schemas[schema.$ref.split('/').at(-1) ?? '']) : schema

interface Write {
  name: string
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  schema: Keywords | undefined
}

const SYNC = '/v1/sources/caf-61/conventions/cle'
const HELD = '/v1/sources/caf-61/conventions/held'

/** One thing of each kind, so that whatever is wrong is the body. */
async function items(): Promise<Record<string, string>> {
  const made: Record<string, string> = {}
  for (const { list, item, least, resource } of every)
    made[`/v1${resource.path}`] = `/v1${item((await api.create(list, least)).id)}`
  return made
}

/** Every operation that writes, as the application itself tells them. */
async function writes(): Promise<Write[]> {
  const made = await items()
  const paths: Record<string, string> = {
    '/v1/conventions/{id}/service-sites/{siteId}': `/v1${convention}/service-sites/${named.site}`,
    '/v1/sources/{source}/conventions/{key}': SYNC,
    'patch /v1/sources/{source}/conventions/{key}': HELD,
    '/v1/sources/{source}': '/v1/sources/caf-61',
    '/v1/keys/{id}': `/v1/keys/${key.id}`,
    '/v1/keys/{id}/rotate': `/v1/keys/${key.id}/rotate`,
  }
  const concrete = (path: string, method: string) => {
    const own = paths[`${method} ${path}`]
    if (own) return own
    const [, list = '', under = ''] = /^(\/v1\/[\w-]+)(?:\/\{id\}(\/[\w-]+)?)?$/.exec(path) ?? []
    if (paths[path]) return paths[path]
    if (path.includes('{')) return under ? `/v1${convention}${under}` : (made[list] ?? '')
    return path
  }
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, Operation>).flatMap(([method, { operationId, requestBody }]) => {
      if (!['post', 'put', 'patch', 'delete'].includes(method)) return []
      const content = (requestBody as { content?: Record<string, { schema: Keywords }> } | undefined)?.content
      // Lines of JSON are read one by one: test/sync/bulk.test.ts.
      if (content?.['application/x-ndjson']) return []
      const schema = content?.['application/json']?.schema
      return [
        {
          name: String(operationId),
          method: method.toUpperCase() as Write['method'],
          path: concrete(path, method),
          schema,
        },
      ]
    }),
  )
}

const all = await writes()
await registry.request('PUT', `${HELD}?link=none`, { key: ADMIN_KEY, body: fullDocument() })
const withBody = all.filter(({ schema }) => schema)
const headers = { 'if-match': '*', 'idempotency-key': 'hostile' }
const send = ({ method, path }: Write, body: string | Buffer, more: Record<string, string> = {}) =>
  // A PUT creates where nothing is, so it has nothing to match.
  registry.request(method, path, { key: ADMIN_KEY, body, headers: method === 'PUT' ? more : { ...headers, ...more } })

t.test('every write of the contract is here', async (t) => {
  t.ok(all.length >= 22, `${all.length} operations`)
  t.same(
    all.filter(({ path }) => path === ''),
    [],
  )
  for (const write of withBody.filter(({ method, schema }) => method === 'PATCH' && !resolve(schema ?? {}).required))
    t.equal(
      (await registry.request('PATCH', write.path, { key: ADMIN_KEY, body: {}, headers: { 'if-match': '*' } })).status,
      200,
      write.name,
    )
  t.equal(
    (await registry.request('PUT', `${SYNC}?dryRun=true&link=none`, { key: ADMIN_KEY, body: fullDocument() })).status,
    201,
  )
})

let before = await commits(registry.db)
t.beforeEach(async () => {
  before = await commits(registry.db)
})
t.afterEach(async () => {
  t.equal(await commits(registry.db), before, 'nothing is written')
})

t.test('texts that are no JSON, or too clever', async (t) => {
  for (const write of all) {
    for (const [name, body] of Object.entries(hostileTexts)) {
      const { status } = await send(write, body)
      t.ok(status >= 400 && status < 500, `${write.name}: ${name} ${status}`)
    }
  }
})

t.test('an invalid body under every spelling of the content type', async (t) => {
  for (const write of withBody) {
    for (const contentType of contentTypes) {
      for (const body of ['{"unknown":1}', '{"title":5,"name":null}', '[]', '"x"', 'title=a']) {
        const { status } = await send(write, body, { 'content-type': contentType })
        t.ok([400, 415, 422].includes(status), `${write.name} ${JSON.stringify(contentType)} ${body}: ${status}`)
      }
    }
  }
})

t.test('two content types, and none, over a real connection', async (t) => {
  const address = new URL(await registry.app.listen({ port: 0, host: '127.0.0.1' }))
  for (const { method, path, name } of withBody) {
    for (const types of [['application/json', 'text/plain'], ['text/plain', 'application/json'], []]) {
      const fields = ['authorization', `Bearer ${ADMIN_KEY}`, 'if-match', '*', 'host', 'x', 'content-length', '13']
      const asked = request({
        host: address.hostname,
        port: address.port,
        method,
        path,
        agent: false,
        headers: [...fields, ...types.flatMap((type) => ['content-type', type])],
      })
      asked.end('{"unknown":1}')
      const [answer] = await once(asked, 'response')
      answer.resume()
      t.ok([400, 412, 415, 422].includes(answer.statusCode), `${name} ${types}: ${answer.statusCode}`)
    }
  }
})

/** So many places at once that all their errors are told, and that the body is not too large for its values. */
const placesAtOnce = (raw: string) => Math.min(45, Math.floor(200_000 / raw.length))

/** So that a body whose few places all take a value is refused like any other. */
const stray = { pointer: '/unknown', schema: {} }

t.test('a wrong value at every place of every body', async (t) => {
  for (const write of withBody) {
    const leaves = leavesOf(write.schema as Keywords, resolve)
    for (const { name, raw, isWrongFor } of hostileValues(resolve)) {
      for (let start = 0; start < leaves.length; start += placesAtOnce(raw)) {
        const places = leaves.slice(start, start + placesAtOnce(raw))
        const answer = await send(write, bodyWith([...places, stray], raw))
        const errors = errorsOf(answer)
        const missed = places.filter(
          ({ pointer, schema }) => isWrongFor(schema) && !errors.some((error) => error.startsWith(pointer)),
        )
        const isValid = answer.status === 422 && missed.length === 0
        t.ok(isValid, `${write.name}: ${name}`, {
          answer: answer.text.slice(0, 500),
          missed: missed.map(({ pointer }) => pointer),
        })
      }
    }
  }
})
