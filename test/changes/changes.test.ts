/** The feed: every change once and in order, pages of any size, filters, drafts, cursors of another past, waiting. */
import { sql } from 'kysely'
import t from 'tap'
import { limits } from '../../src/config.ts'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { loadExample } from '../../src/seed.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { documentOf, put } from '../support/documents.ts'
import { openRegistry, type Registry } from '../support/registry.ts'

const key = ADMIN_KEY
const anything = { 'if-match': '*' }

interface Delivered {
  id: string
  type: string
  resourceId: string
  version: number
  position: number
  last: boolean
  operation: string
  data: { id: string; version: number } | null
  source: string | null
  actor: string | null
}

/** All changes after a cursor, by pages of one size. */
async function drain(
  { request }: Registry,
  query = '',
  options: { since?: string; limit?: number; key?: string } = {},
) {
  const delivered: Delivered[] = []
  let since = options.since ?? 'beginning'
  for (;;) {
    const path = `/v1/changes?since=${since}&limit=${options.limit ?? 1000}${query}`
    const { status, body } = await request('GET', path, options.key ? { key: options.key } : {})
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
    delivered.push(...body.data)
    since = body.next
    if (body.complete) return { delivered, next: since, position: body.position, chain: body.chain }
  }
}

/** What a copy holds after it has applied the changes, by type and id. */
function copyOf(delivered: Delivered[]) {
  const copy = new Map<string, unknown>()
  for (const { operation, type, resourceId, data } of delivered) {
    if (operation === 'upsert') copy.set(`${type} ${resourceId}`, data)
    else copy.delete(`${type} ${resourceId}`)
  }
  return copy
}

/** What a snapshot holds. */
async function snapshot({ request }: Registry, query = '', options: { key?: string } = {}) {
  const { text } = await request('GET', `/v1/snapshot?${query}`, {
    ...options,
    headers: { accept: 'application/x-ndjson' },
  })
  const [first, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const last = lines.pop()
  return { first, last, copy: new Map(lines.map(({ type, id, data }) => [`${type} ${id}`, data])) }
}

async function filled() {
  const registry = await openRegistry(t)
  const { request, db } = registry
  await loadExample(db, new Date('2026-03-15T12:00:00Z'))
  const draft = await request('POST', '/v1/conventions', { key, body: { title: 'draft', cafId: exampleIds.caf } })
  const id = draft.body.id as string
  const axis = await request('POST', `/v1/conventions/${id}/axes`, { key, body: { title: 'axis' } })
  await request('PATCH', `/v1/conventions/${id}`, {
    key,
    headers: anything,
    body: { state: 'signed', territories: ['departement:61'] },
  })
  await request('PUT', `/v1/conventions/${id}/service-sites/${exampleIds.serviceSite}`, { key })
  await request('PATCH', `/v1/conventions/${id}`, { key, headers: anything, body: { state: 'draft' } })
  for (const title of ['hidden for good', 'hidden until it is published'])
    await request('PATCH', `/v1/axes/${axis.body.id}`, { key, headers: anything, body: { title } })
  await request('PATCH', `/v1/conventions/${id}`, { key, headers: anything, body: { state: 'signed' } })
  const extra = await request('POST', `/v1/conventions/${exampleIds.convention}/actions`, {
    key,
    body: { title: 'short-lived' },
  })
  await request('DELETE', `/v1/actions/${extra.body.id}`, { key, headers: anything })
  return { registry, id, axisId: axis.body.id as string }
}

const { registry, id, axisId } = await filled()
const { request, db } = registry

t.test('every page size tells the same changes in the same order', async (t) => {
  const all = await drain(registry)
  for (const limit of [1, 2, 7, 50]) {
    const paged = await drain(registry, '', { limit })
    t.same(paged.delivered, all.delivered, `pages of ${limit}`)
    t.equal(paged.chain, all.chain)
  }
  t.equal(new Set(all.delivered.map((change) => change.id)).size, all.delivered.length, 'no change comes twice')
})

t.test('each position that is delivered ends with one last change, and only there', async (t) => {
  for (const who of [{}, { key }]) {
    const { delivered } = await drain(registry, '', { limit: 3, ...who })
    delivered.forEach((change, i) => {
      if (change.last !== (delivered[i + 1]?.position !== change.position)) t.fail(`last of ${change.id}`)
    })
    t.pass()
  }
})

t.test('a copy that applies the feed equals a snapshot, for everybody and every filter', async (t) => {
  const filters = [
    '',
    '&types=axis,action',
    `&conventionId=${id}`,
    '&departmentCode=61',
    `&cafId=${exampleIds.caf}`,
    '&source=pays-de-l-aigle',
    '&departmentCode=75',
  ]
  for (const filter of filters)
    for (const who of [{}, { key }]) {
      const { delivered } = await drain(registry, filter, { limit: 5, ...who })
      const { copy } = await snapshot(registry, filter.slice(1), who)
      t.same(
        new Map([...copyOf(delivered)].sort()),
        new Map([...copy].sort()),
        `${filter || 'all'} ${JSON.stringify(who)}`,
      )
    }
})

t.test('a draft is not delivered; publishing tells all under it, hiding takes it back', async (t) => {
  const mine = (await drain(registry)).delivered.filter(({ resourceId }) => resourceId === id || resourceId === axisId)
  const words = mine.map(({ type, operation, version }) => `${type} ${operation} ${version}`)
  t.same(words, [
    'convention upsert 2',
    'axis upsert 1',
    'convention left 3',
    'axis left 1',
    'convention upsert 4',
    'axis upsert 3',
  ])
})

t.test('data are the bytes that GET answered; who wrote it is for holders of a key', async (t) => {
  const { delivered } = await drain(registry)
  const final = delivered.findLast(({ resourceId }) => resourceId === id)
  t.equal(`${JSON.stringify(final?.data)}\n`, (await request('GET', `/v1/conventions/${id}`)).text)
  t.equal(final?.actor, null)
  const keyed = (await drain(registry, '', { key })).delivered.findLast(({ resourceId }) => resourceId === id)
  t.type(keyed?.actor, 'string')
})

t.test('excludeSource leaves out what a source wrote itself', async (t) => {
  const { delivered } = await drain(registry, '&excludeSource=pays-de-l-aigle')
  t.ok(delivered.length > 0)
  t.notOk(delivered.some(({ source }) => source === 'pays-de-l-aigle'))
})

t.test('a cursor is bound to its filters, moves on when nothing passes, and is a 400 when malformed', async (t) => {
  const { next, position } = await drain(registry, '&departmentCode=75&types=axis')
  t.equal(position, (await drain(registry)).position)
  t.equal((await request('GET', `/v1/changes?since=${next}`)).status, 400)
  t.match(await request('GET', '/v1/changes/stream', { headers: { 'last-event-id': 'nonsense' } }), {
    status: 400,
    body: { errors: [{ parameter: 'Last-Event-ID', code: 'invalid-cursor' }] },
  })
  t.match(await request('GET', '/v1/changes?since=nonsense'), {
    status: 400,
    body: { type: '/problems/invalid-cursor' },
  })
})

t.test('a cursor from another past is a 410 that says what to do', async (t) => {
  const { next, position } = await drain(registry)
  const content = JSON.parse(Buffer.from(next, 'base64url').toString())
  const forged = (change: unknown[]) => Buffer.from(JSON.stringify(change)).toString('base64url')
  const [, seq, chain, mark] = content
  for (const past of [
    [position, seq, 'f'.repeat(16), mark],
    [position + 1, seq, chain, mark],
  ]) {
    const { status, body } = await request('GET', `/v1/changes?since=${forged(past)}`)
    t.equal(status, 410)
    t.match(body.detail, /snapshot/)
  }
})

t.test('without since it answers now, and wait holds the answer until there is a change', async (t) => {
  const now = (await request('GET', '/v1/changes')).body
  t.same(now.data, [])
  const waiting = request('GET', `/v1/changes?since=${now.next}&wait=20`)
  await request('PATCH', `/v1/axes/${axisId}`, { key, headers: anything, body: { title: 'woken' } })
  const { body } = await waiting
  t.match(body.data, [{ type: 'axis', resourceId: axisId, data: { title: 'woken' } }])
})

t.test('without since nothing is delivered, also while others write', async (t) => {
  const times = Array.from({ length: limits.largeReads.perCaller }, (_, i) => i)
  const rename = (i: number) =>
    request('PATCH', `/v1/axes/${axisId}`, { key, headers: anything, body: { title: `at once ${i}` } })
  const [answers] = await Promise.all([
    Promise.all(times.map(() => request('GET', '/v1/changes'))),
    Promise.all(times.map(rename)),
  ])
  t.same(new Set(answers.map(({ status, body }) => `${status} ${body.data.length}`)), new Set(['200 0']))
})

t.test('the digest is that of the snapshot, and a copy can compute it', async (t) => {
  const { digestOf } = await import('../../src/changes/snapshot/digest.ts')
  const { copy, first, last } = await snapshot(registry)
  t.match(last, { complete: true, count: copy.size })
  async function* contents() {
    for (const [name, body] of copy) {
      const [type = '', id = ''] = name.split(' ')
      yield { type: type as 'axis', id, version: (body as { version: number }).version, answer: JSON.stringify(body) }
    }
  }
  const { body } = await request('GET', '/v1/digest')
  t.same(await digestOf(contents(), Object.keys(body.types)), body.types)
  t.equal(body.position, first.position)
  const before = body.types.axis.hash
  await request('PATCH', `/v1/axes/${axisId}`, { key, headers: anything, body: { title: 'another hash' } })
  t.not((await request('GET', '/v1/digest')).body.types.axis.hash, before)
})

t.test('the history tells each version, what changed, and goes on after a deletion', async (t) => {
  const { body } = await request('GET', `/v1/axes/${axisId}/history?limit=1`, { key })
  t.match(body.data, [{ operation: 'updated', changed: ['title'] }])
  t.not(body.next, null)
  const { rows } = await sql<{
    id: string
  }>`select id from change where operation = 'deleted' and type = 'action'`.execute(db)
  const gone = await request('GET', `/v1/actions/${rows[0]?.id}/history`)
  t.match(gone.body.data, [
    { operation: 'deleted', data: null },
    { operation: 'created', version: 1 },
  ])
  const versions = (await request('GET', `/v1/axes/${axisId}/history?limit=200`)).body.data
  const titles = versions.map(({ data }: Delivered) => (data as { title?: string } | null)?.title)
  t.notOk(titles.includes('hidden for good'), 'what came and went while hidden stays unseen')
  t.ok(titles.includes('hidden until it is published'), 'what was published with it is seen')
  t.equal((await request('GET', '/v1/axes/019b76da-a800-7000-8000-000000000000/history')).status, 404)
})

t.test('the history of a convention shows its end to everybody, and nothing of what was hidden between', async (t) => {
  const { rows } = await sql<{ id: string }>`select id from organization where kind = 'caf' limit 1`.execute(db)
  const created = await request('POST', '/v1/conventions', {
    key,
    body: { title: 'Shown', cafId: rows[0]?.id, state: 'signed' },
  })
  const path = `/v1/conventions/${created.body.id}`
  for (const body of [
    { state: 'draft', title: 'Hidden' },
    { title: 'Hidden again' },
    { state: 'signed', title: 'Shown' },
  ])
    t.equal((await request('PATCH', path, { key, headers: anything, body })).status, 200)
  t.equal((await request('DELETE', path, { key, headers: anything })).status, 204)
  const { body } = await request('GET', `${path}/history`)
  t.match(body.data, [
    { version: 5, operation: 'deleted', data: null },
    { version: 4, changed: [] },
    { version: 1, operation: 'created' },
  ])
  t.equal(body.data.length, 3)
  t.equal((await request('GET', `${path}/history`, { key })).body.data.length, 5)
})

t.test('a page ends early where bodies are large, and nothing is lost by it', async (t) => {
  const large = await openRegistry(t)
  const reviews = Array.from({ length: 20 }, (_, i) => ({ year: 2000 + i, text: 'y'.repeat(19_000) }))
  const actions = Array.from({ length: 17 }, (_, i) => ({ key: `${i}`, title: `Action ${i}`, reviews }))
  for (const name of ['one', 'two']) t.equal((await put(large, name, documentOf({ actions }))).status, 201)
  const delivered: Delivered[] = []
  const sizes: number[] = []
  for (let [since, isComplete] = ['beginning', false]; !isComplete; ) {
    const { body, text } = await large.request('GET', `/v1/changes?since=${since}&limit=1000`)
    t.ok(body.data.every(({ position, last }: Delivered) => position <= body.position + Number(!last)))
    delivered.push(...body.data)
    sizes.push(text.length)
    since = body.next
    isComplete = body.complete
  }
  t.ok(sizes.length > 1 && Math.max(...sizes) < 9_000_000, sizes.join())
  t.same(copyOf(delivered), (await snapshot(large)).copy)
  t.same(
    delivered.map(({ last }) => last),
    delivered.map(({ position }, i) => delivered[i + 1]?.position !== position),
  )
  t.equal(new Set(delivered.map(({ id }) => id)).size, delivered.length)
})
