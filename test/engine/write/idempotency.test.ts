/** One effect for each Idempotency-Key, with equal bytes, whatever happens on the way to the answer. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { versionTag } from '../../../src/http/output/etags.ts'
import { type Api, apiOf, commits, newWorld, outcomeOf, slugOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { documentOf, put } from '../../support/documents.ts'
import { createKey } from '../../support/keys.ts'
import { type Answer, openRegistry, serve } from '../../support/registry.ts'

const registry = await openRegistry(t, { connections: 8 })
const { api, path } = await newWorld(registry)
let number = 0
const newKey = () => ({ 'idempotency-key': `key ${++number}` })
const axes = async () => (await api.get(`${path}/axes?count=true`)).body.count
const replayed = ({ headers }: Answer) => headers['idempotent-replayed']

/** Another process on the same database. */
async function otherApp(t: Test, url = registry.url) {
  const other = await serve(t, { ...registry, url })
  return { other, api: apiOf(other) }
}

t.test('five at once and again, over two processes: one effect, equal bytes', async (t) => {
  const second = await otherApp(t)
  const before = await commits(registry.db)
  const key = newKey()
  const send = (one: Api) => one.post(`${path}/axes`, { title: 'Une fois' }, key)
  const answers = await Promise.all([api, second.api, api, second.api, api].map(send))
  for (const answer of answers) {
    if (answer.status === 201) continue
    t.equal(outcomeOf(answer), '409 busy')
    t.equal(answer.headers['retry-after'], '1')
  }
  const made = answers.filter(({ status }) => status === 201)
  t.ok(made.length > 0)
  for (const one of [api, second.api, api, second.api, api]) made.push(await send(one))
  t.equal(made.filter((answer) => replayed(answer) === undefined).length, 1)
  const [first] = made
  for (const { text, headers } of made) {
    t.equal(text, first?.text)
    for (const name of ['etag', 'location', 'content-type', 'cache-control'])
      t.equal(headers[name], first?.headers[name], name)
  }
  t.equal(await axes(), 1)
  t.equal(await commits(registry.db), before + 1)
})

t.test('every kind of write is done once', async (t) => {
  const site = await api.create('/service-sites', { name: 'Lieu' })
  const axis = await api.create(`${path}/axes`, { title: 'Axe' })
  const etag = { 'if-match': versionTag(1) }
  const writes: [name: string, (headers: Record<string, string>) => Promise<Answer>][] = [
    ['create', (key) => api.post('/organizations', { kind: 'ccas', name: 'CCAS' }, key)],
    ['change', (key) => api.patch(`/axes/${axis.id}`, null, { title: 'Nouveau' }, { ...etag, ...key })],
    ['change to the same', (key) => api.patch(`/axes/${axis.id}`, null, {}, { 'if-match': versionTag(2), ...key })],
    ['link', (key) => api.put(`${path}/service-sites/${site.id}`, key)],
    ['unlink', (key) => api.delete(`${path}/service-sites/${site.id}`, null, key)],
    ['delete', (key) => api.delete(`/axes/${axis.id}`, 2, key)],
    ['put a document', (key) => put(registry, 'cle', documentOf(), { headers: key })],
    ['delete a document', (key) => api.delete('/sources/caf-61/conventions/cle', null, key)],
  ]
  for (const [name, write] of writes) {
    const key = newKey()
    const first = await write(key)
    t.ok(first.status < 300, `${name}: ${first.text}`)
    t.equal(replayed(first), undefined)
    const before = await commits(registry.db)
    const again = await write(key)
    t.same([again.status, again.text, again.headers.etag], [first.status, first.text, first.headers.etag], name)
    t.equal(replayed(again), 'true', name)
    t.equal(await commits(registry.db), before, name)
  }
})

t.test('a replay is looked up before all that has changed since', async (t) => {
  const key = newKey()
  const made = await api.post(`${path}/axes`, { title: 'Éphémère' }, key)
  const item = `/axes/${made.body.id}`
  const patchKey = newKey()
  const change = () => api.patch(item, 1, { title: 'Changé' }, patchKey)
  const changed = await change()
  await api.change(item, { title: 'Encore' })
  t.same([(await change()).text, replayed(await change())], [changed.text, 'true'], 'before If-Match')
  t.equal((await api.delete(item)).status, 204)
  t.equal((await change()).text, changed.text, 'after the resource is gone')
  t.equal((await api.post(`${path}/axes`, { title: 'Éphémère' }, key)).text, made.text)
  t.match(await api.patch(item, 1, { title: 'Changé' }, { ...patchKey, prefer: 'return=minimal' }), {
    status: 204,
    text: '',
  })
})

t.test('what a key is of: its body, path, method and caller', async (t) => {
  const key = newKey()
  const first = await api.post(`${path}/axes`, { title: 'A' }, key)
  const before = await commits(registry.db)
  const other = await api.post(`${path}/axes`, { title: 'B' }, key)
  t.equal(outcomeOf(other), '422 idempotency-key-reused')
  t.equal(await commits(registry.db), before)
  t.equal((await api.post(`${path}/actions`, { title: 'A' }, key)).status, 201, 'another path')
  t.equal((await api.patch(`/axes/${first.body.id}`, 1, { title: 'A' }, key)).status, 200, 'another method')
  const { secret } = await createKey(registry.db, 'Autre')
  const foreign = await apiOf(registry, secret).post(`${path}/axes`, { title: 'A' }, key)
  t.not(foreign.body.id, first.body.id, 'another caller')
  t.equal(
    outcomeOf(await registry.request('POST', `/v1${path}/axes`, { body: { title: 'A' }, headers: key })),
    '401 unauthorized',
  )
  for (const wrong of ['', ' ', 'x'.repeat(256), 'é', 'a\tb'])
    t.equal(
      outcomeOf(await api.post(`${path}/axes`, { title: 'A' }, { 'idempotency-key': wrong })),
      '400 invalid-parameter',
      wrong,
    )
  t.equal((await api.post(`${path}/axes`, { title: 'A' }, { 'idempotency-key': 'x'.repeat(255) })).status, 201)
})

t.test('a path may be as long as it can be', async (t) => {
  const key = newKey()
  const send = (length: number) => api.post(`${path}/axes?${'&'.repeat(length)}`, { title: 'Long' }, key)
  const answers = [await send(5_000), await send(5_000), await send(5_001)]
  t.same(answers.map(outcomeOf), ['201', '201', '201'])
  t.same(answers.map(replayed), [undefined, 'true', undefined])
})

t.test('errors are not kept', async (t) => {
  const key = newKey()
  const post = (body: unknown) => api.post(`${path}/axes`, body, key)
  t.equal(outcomeOf(await post({})), '422 invalid-body')
  t.equal(outcomeOf(await post({ title: 'A', number: 1 })), '409 already-exists')
  t.equal((await post({ title: 'A' })).status, 201)
})

t.test('after a day a key is forgotten', async (t) => {
  const key = newKey()
  const post = (title: string) => api.post(`${path}/axes`, { title }, key)
  const first = await post('A')
  const age = (hours: string) => sql`update idempotent_answer set at = now() - ${hours}::interval`.execute(registry.db)
  await age('23 hours 59 minutes')
  t.equal((await post('A')).body.id, first.body.id)
  await age('24 hours 1 second')
  const next = await post('B')
  t.equal(next.status, 201)
  t.equal(replayed(await post('B')), 'true')
  const kept = async () => (await sql`select from idempotent_answer`.execute(registry.db)).rows.length
  await age('2 days')
  const [before] = [await kept(), await api.post(`${path}/axes`, { title: 'C' }, newKey())]
  t.equal(await kept(), Math.max(1, before + 1 - 10), 'old ones go when new ones come')
})

t.test('the connection is cut before the answer', async (t) => {
  const { other } = await otherApp(t)
  const address = new URL(await other.app.listen({ port: 0, host: '127.0.0.1' }))
  const before = await axes()
  for (const delay of [0, 1, 3, 10, 30]) {
    const key = newKey()
    const body = JSON.stringify({ title: 'Coupé' })
    const socket = connect(Number(address.port), address.hostname)
    socket.on('error', () => undefined)
    const head = [`POST /v1${path}/axes HTTP/1.1`, 'Host: x', `Authorization: Bearer ${ADMIN_KEY}`]
    const headers = [
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Idempotency-Key: ${key['idempotency-key']}`,
    ]
    socket.write(`${[...head, ...headers].join('\r\n')}\r\n\r\n${body}`)
    await sleep(delay)
    socket.destroy()
    let answer = await api.post(`${path}/axes`, { title: 'Coupé' }, key)
    while (slugOf(answer) === 'busy') answer = await api.post(`${path}/axes`, { title: 'Coupé' }, key)
    t.equal(answer.status, 201, answer.text)
  }
  t.equal(await axes(), before + 5, 'each once')
})

t.test('a malformed key is a 400, also for a PUT that only tries', async (t) => {
  for (const key of ['', 'é', 'x'.repeat(256)])
    for (const dryRun of [false, true]) {
      const answer = await put(registry, 'malformed', documentOf(), { dryRun, headers: { 'idempotency-key': key } })
      t.equal(answer.status, 400, key)
      t.equal(answer.body.errors[0].parameter, 'Idempotency-Key')
    }
})
