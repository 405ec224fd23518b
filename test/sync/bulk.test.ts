/** Bulk sync: many documents in one request, each with its own outcome. */
import { type AddressInfo, connect } from 'node:net'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { sql } from 'kysely'
import t from 'tap'
import { limits } from '../../src/config.ts'
import { apiOf, errorsOf, outcomeOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { documentOf, type Fields, fullDocument, put, read, stateOf } from '../support/documents.ts'
import { createKey } from '../support/keys.ts'
import { openRegistry, type RequestOptions } from '../support/registry.ts'

const registry = await openRegistry(t)

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by its assertions.
type Line = any

const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const bodyOf = (documents: unknown[]) =>
  documents.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')

interface SyncOptions extends RequestOptions {
  query?: string
}

/** The answer to documents, or to lines as they are. */
async function send(source: string, documents: unknown[], { query = '', headers, ...options }: SyncOptions = {}) {
  const answer = await registry.request('POST', `/v1/sources/${source}/sync?link=none${query && `&${query}`}`, {
    key: ADMIN_KEY,
    body: bodyOf(documents),
    ...options,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  })
  return { ...answer, lines: answer.status === 200 ? linesOf(answer.text) : [] }
}

const keyed = (key: string, changes: Fields = {}) => ({ ...documentOf(changes), key })
const slugOf = ({ problem }: Line) => problem?.type.replace('/problems/', '')
const summary = ({ line, key, status, ...rest }: Line) =>
  [line, key, status, slugOf(rest)].filter((one) => one !== undefined)
const keysOf = async (source: string) =>
  (await read(registry, `/v1/sources/${source}/conventions`)).body.data.map(({ key }: { key: string }) => key)

t.test('each line has its result, in order, and the last line says what was done', async (t) => {
  const documents = [keyed('a'), keyed('b'), { ...fullDocument(), key: 'c' }]
  const first = await send('order', documents)
  t.same(first.lines.slice(0, 3).map(summary), [
    [1, 'a', 201],
    [2, 'b', 201],
    [3, 'c', 201],
  ])
  t.equal(first.lines[2].report.created, 14)
  t.notOk('objects' in first.lines[2] || 'plan' in first.lines[2])
  t.same(first.lines.at(-1), { complete: true, created: 3, updated: 0, unchanged: 0, failed: 0, deleted: 0 })
  const before = await stateOf(registry)
  const again = await send('order', documents, { query: 'objects=true' })
  t.same(again.lines.at(-1), { complete: true, created: 0, updated: 0, unchanged: 3, failed: 0, deleted: 0 })
  const alone = await put(registry, 'c', fullDocument(), { source: 'order' })
  t.same(again.lines[2], {
    ...{ line: 3, key: 'c', status: 200, report: alone.body.report },
    ...{ warnings: alone.body.warnings, objects: alone.body.objects },
  })
  t.same(await stateOf(registry), before, 'sent again it changes nothing')
})

t.test('a line that is wrong gets its problem, and the rest goes on', async (t) => {
  const long = JSON.stringify(keyed('long', { summary: 'x'.repeat(limits.documentBytes) }))
  const bad = keyed('bad', { title: '', actions: [{ key: '1', title: 'Relais', axes: ['none'] }] })
  const nameless = documentOf()
  const { lines } = await send('wrong', [
    keyed('first'),
    '{"key": "broken"',
    '',
    '[]',
    bad,
    nameless,
    long,
    keyed('last'),
  ])
  t.same(lines.slice(0, -1).map(summary), [
    [1, 'first', 201],
    [2, null, 400, 'bad-request'],
    [4, null, 422, 'invalid-body'],
    [5, 'bad', 422, 'invalid-body'],
    [6, null, 422, 'invalid-body'],
    [7, null, 413, 'payload-too-large'],
    [8, 'last', 201],
  ])
  t.same(errorsOf({ body: lines[3].problem } as never), ['/actions/0/axes/0 unknown-reference', '/title empty'])
  t.same(lines.at(-1), { complete: true, created: 2, updated: 0, unchanged: 0, failed: 5, deleted: 0 })
})

t.test('a dry run writes nothing and plans each line', async (t) => {
  await send('dry', [keyed('kept', { actions: [{ key: '1', title: 'Relais' }] }), keyed('gone')])
  const before = await stateOf(registry)
  const changed = [keyed('kept', { actions: [{ key: '1', title: 'Autre' }] }), keyed('new')]
  const { lines } = await send('dry', changed, { query: 'dryRun=true&complete=true' })
  t.same(lines.slice(0, -1).map(summary), [
    [1, 'kept', 200],
    [2, 'new', 201],
    ['gone', 204],
  ])
  t.match(lines[0].plan, [{}, {}, { type: 'action', key: '1', operation: 'update', changes: [{ field: 'title' }] }])
  t.match(lines[2].plan, [{ type: 'convention', key: 'gone', operation: 'delete' }])
  t.same(await stateOf(registry), before)
})

t.test('conflicts and maxDeletes count for each line', async (t) => {
  const actions = Array.from({ length: 6 }, (_, i) => ({ key: `${i}`, title: `Action ${i}` }))
  const { lines } = await send('rules', [keyed('a', { actions }), keyed('b', { actions })], { query: 'objects=true' })
  const action = lines[0].objects.find((one: Line) => one.key === '0')
  await apiOf(registry).change(`/actions/${action.id}`, { title: 'Par la main' })
  const renamed = actions.map((one) => ({ ...one, title: `${one.title} bis` }))
  const contradicted = await send('rules', [keyed('a', { actions: renamed }), keyed('b')])
  t.same(contradicted.lines.map(slugOf), ['source-conflict', 'too-many-deletions', undefined])
  const meant = await send('rules', [keyed('a', { actions: renamed }), keyed('b')], {
    query: 'conflicts=keep&maxDeletes=6',
  })
  t.match(meant.lines.at(-1), { updated: 2, failed: 0 })
})

t.test('complete deletes what is no longer sent, a renewed convention too', async (t) => {
  await send('whole', [keyed('2018'), keyed('2022', { predecessor: '2018' }), keyed('kept')])
  const { lines } = await send('whole', [keyed('kept')], { query: 'complete=true' })
  t.same(lines.slice(1, -1).map(summary), [
    ['2022', 204],
    ['2018', 204],
  ])
  t.same(lines.at(-1), { complete: true, created: 0, updated: 0, unchanged: 1, failed: 0, deleted: 2 })
  t.same(await keysOf('whole'), ['kept'])
})

t.test('complete keeps what was sent under its key in another form', async (t) => {
  const { lines } = await send('forms', [keyed(' é '.normalize('NFD'))], { query: 'complete=true' })
  t.same(lines.map(summary)[0], [1, 'é', 201])
  t.match(lines.at(-1), { complete: true, created: 1, deleted: 0 })
  t.same(await keysOf('forms'), ['é'])
})

t.test('complete deletes nothing when a line failed, or when it is more than looks meant', async (t) => {
  const all = Array.from({ length: 10 }, (_, i) => keyed(`k${i}`))
  await send('guarded', all)
  const failed = await send('guarded', [...all.slice(1), '{'], { query: 'complete=true' })
  t.match(failed.lines.at(-1), { complete: false, failed: 1, deleted: 0, problem: { status: 409 } })
  const much = await send('guarded', all.slice(5), { query: 'complete=true' })
  t.match(much.lines.at(-1), { complete: false, unchanged: 5, deleted: 0 })
  t.same(slugOf(much.lines.at(-1)), 'too-many-deletions')
  const nothing = await send('guarded', [''], { query: 'complete=true&maxDeletes=10' })
  t.match(nothing.lines, [{ complete: false, deleted: 0, problem: { status: 409 } }], 'an export that came to nothing')
  t.equal((await keysOf('guarded')).length, 10)
  const meant = await send('guarded', all.slice(5), { query: 'complete=true&maxDeletes=5' })
  t.match(meant.lines.at(-1), { complete: true, deleted: 5 })
  t.same(await keysOf('guarded'), ['k5', 'k6', 'k7', 'k8', 'k9'])
})

t.test('what others name stays, and is said', async (t) => {
  await send('named', [keyed('old'), keyed('kept')])
  const { conventionId } = (await read(registry, '/v1/sources/named/conventions')).body.data[1]
  const caf = (await read(registry, `/v1/conventions/${conventionId}`)).body.cafId
  await apiOf(registry).create('/conventions', { title: 'Suite', cafId: caf, predecessorId: conventionId })
  const { lines } = await send('named', [keyed('kept')], { query: 'complete=true' })
  t.same(lines.slice(1, -1).map(summary), [['old', 409, 'in-use']])
  t.match(lines.at(-1), { complete: false, failed: 1, deleted: 0 })
})

t.test('bodies may be compressed; one that breaks off is said, and then nothing is deleted', async (t) => {
  const documents = [keyed('a'), keyed('b')]
  const text = bodyOf(documents)
  await send('coded', [...documents, keyed('c')])
  const codings = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync }
  for (const [coding, compress] of Object.entries(codings)) {
    const { lines } = await send('coded', [], { body: compress(text), headers: { 'content-encoding': coding } })
    t.match(lines.at(-1), { complete: true, unchanged: 2, failed: 0 }, coding)
  }
  const broken = gzipSync(text).subarray(0, -12)
  const options = { body: broken, headers: { 'content-encoding': 'gzip' }, query: 'complete=true' }
  const { lines } = await send('coded', [], options)
  t.match(lines.at(-1), { complete: false, deleted: 0, problem: { type: '/problems/bad-request' } })
  t.equal((await keysOf('coded')).length, 3)
})

t.test('what the request itself breaks is answered before any line', async (t) => {
  const documents = [keyed('a')]
  const refused = (options: SyncOptions) => send('refused', documents, options)
  const withKey = await refused({ headers: { 'idempotency-key': 'once' } })
  t.same([outcomeOf(withKey), errorsOf(withKey)], ['400 invalid-parameter', ['Idempotency-Key not-together']])
  t.equal(outcomeOf(await refused({ headers: { 'content-type': 'application/json' } })), '415 unsupported-media-type')
  const deflated = await refused({ headers: { 'content-encoding': 'deflate' } })
  t.same([deflated.status, deflated.headers['accept-encoding']], [415, 'br, zstd, gzip, identity'])
  t.equal(outcomeOf(await refused({ query: 'link=none&conflict=keep' })), '400 invalid-parameter')
  t.equal(outcomeOf(await refused({ headers: { authorization: 'Bearer wrong' } })), '401 unauthorized')
  t.same(await keysOf('refused'), [])
})

t.test('an editor syncs the conventions of its own Caf, to sources of its own', async (t) => {
  const { convention } = (await put(registry, 'own', documentOf(), { source: 'first' })).body
  const { secret } = await createKey(registry.db, 'editor', { role: 'editor', organizationId: convention.cafId })
  const foreign = { key: 'caf-14', kind: 'caf', name: 'Caf du Calvados', territory: 'departement:14' }
  const documents = [keyed('mine'), keyed('theirs', { caf: 'caf-14', organizations: [foreign] })]
  t.equal(outcomeOf(await send('first', documents, { key: secret })), '403 forbidden')
  const { lines } = await send('editors', documents, { key: secret })
  t.same(lines.slice(0, -1).map(summary), [
    [1, 'mine', 201],
    [2, 'theirs', 403, 'forbidden'],
  ])
})

t.test('each line is a transaction of its own, of the request and the source', async (t) => {
  const { headers } = await send('journal', [keyed('a'), keyed('b')])
  const { rows } = await sql<{ source: string }>`select source from commit
    where request_id = ${headers['x-request-id']}`.execute(registry.db)
  t.same(rows, [{ source: 'journal' }, { source: 'journal' }])
})

t.test('a client that sends everything before it reads anything gets all of it', async (t) => {
  // More than the buffers of both sides hold, in and out.
  const many = Array.from({ length: 400 }, (_, i) => `{"key": "${i}", "nonsense": ["${'x'.repeat(20_000)}"]}`)
  const body = Buffer.from(bodyOf([keyed('first'), ...many, keyed('last')]))
  const { port } = new URL(await registry.app.listen({ port: 0 }))
  const socket = connect(Number(port), '127.0.0.1')
  socket.pause()
  socket.write(
    `POST /v1/sources/deaf/sync?link=none HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN_KEY}\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`,
  )
  await new Promise((sent) => socket.write(body, sent))
  const text = Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>)).toString()
  const statuses = [...text.matchAll(/"status":(\d+)/g)].map(([, status]) => Number(status))
  t.equal(statuses.filter((status) => status === 201).length, 2)
  t.match(text, /"complete":true,"created":2,"updated":0,"unchanged":0,"failed":400,"deleted":0/)
})

t.test('what a client sent before it left is done, and nothing more: nothing is deleted', async (t) => {
  await send('left', [keyed('a'), keyed('b')])
  const { port } = registry.app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST /v1/sources/left/sync?complete=true&link=none HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN_KEY}\r\ncontent-type: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n${JSON.stringify(keyed('c'))}\n`,
  )
  for await (const chunk of socket as AsyncIterable<Buffer>) if (chunk.includes('"status":201')) break
  await send('left', [keyed('d')])
  t.same(await keysOf('left'), ['a', 'b', 'c', 'd'])
})

t.test('complete leaves alone what others made since it began', async (t) => {
  await send('meanwhile', [keyed('a'), keyed('gone')])
  const { port } = registry.app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  const [first, rest] = [`${JSON.stringify(keyed('a'))}\n`, '\n']
  socket.write(
    `POST /v1/sources/meanwhile/sync?complete=true&link=none HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN_KEY}\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${first.length + rest.length}\r\nconnection: close\r\n\r\n${first}`,
  )
  let text = ''
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const isFirst = !text.includes('"status":200')
    text += chunk
    if (!isFirst || !text.includes('"status":200')) continue
    await put(registry, 'made', documentOf(), { source: 'meanwhile' })
    socket.write(rest)
  }
  t.match(text, /"complete":true,.*"deleted":1/)
  t.same(await keysOf('meanwhile'), ['a', 'made'])
})
