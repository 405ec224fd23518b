/**
 * The feed keeps to itself what is hidden today: what a reader may not see now has left in the place of its data,
 * in pages and streams alike, and all else of the changes is as it was delivered before.
 */
import t, { type Test } from 'tap'
import type { Fields } from '../support/api.ts'
import { type CallerName, setCast } from '../support/cast.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { api, cafs, credentials } = await setCast(registry)
const address = await registry.app.listen({ port: 0 })

interface Delivered {
  resourceId: string
  type: string
  version: number
  operation: string
  data: Fields | null
}

const authorized = (caller: CallerName) => {
  const authorization = credentials[caller]
  return authorization === undefined ? {} : { authorization }
}

/** All that is delivered after a cursor, by pages of two. */
async function drain(caller: CallerName, since: string, filter = ''): Promise<Delivered[]> {
  const delivered: Delivered[] = []
  for (let next = since; ; ) {
    const path = `/v1/changes?since=${next}&limit=2${filter}`
    const { body } = await registry.request('GET', path, { headers: authorized(caller) })
    delivered.push(...body.data)
    if (body.complete) return delivered
    next = body.next
  }
}

/** The same by the stream. */
async function stream(caller: CallerName, since: string): Promise<Delivered[]> {
  const answer = await fetch(`${address}/v1/changes/stream?since=${since}`, { headers: authorized(caller) })
  let text = ''
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    text += Buffer.from(chunk)
    if (text.includes('event: complete')) break
  }
  return [...text.matchAll(/^event: change\n.*\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data))
}

const now = async (): Promise<string> => (await api.get('/changes')).body.next
const hide = (id: string) => api.change(`/conventions/${id}`, { state: 'draft' })
const publish = (id: string) => api.change(`/conventions/${id}`, { state: 'signed' })

/** A convention of a Caf with one axis, both public, and the cursor before them. */
async function make(cafId = cafs.own) {
  const since = await now()
  const { id } = await api.create('/conventions', { title: 'Secret', cafId, state: 'signed' })
  const axis = await api.create(`/conventions/${id}/axes`, { title: 'Secret' })
  return { since, id, axisId: axis.id }
}

const words = (delivered: readonly Delivered[]) =>
  delivered.map(({ type, operation, version }) => `${type} ${operation} ${version}`)
const withoutData = (delivered: readonly Delivered[]) =>
  delivered.map(({ data: _data, operation: _operation, ...rest }) => rest)

/** The earlier changes come again at the same places, each as it was or as left. */
function toldAgain(t: Test, before: readonly Delivered[], after: readonly Delivered[]) {
  t.ok(before.length > 0)
  t.same(withoutData(after.slice(0, before.length)), withoutData(before))
}

t.test('what was public and is hidden now is told as left, at the same places', async (t) => {
  const { since, id } = await make()
  const before = await drain('nobody', since)
  t.same(words(before), ['convention upsert 1', 'axis upsert 1'])
  await hide(id)
  for (const read of [drain, stream]) {
    const after = await read('nobody', since)
    t.same(words(after), ['convention left 1', 'axis left 1', 'convention left 2', 'axis left 1'])
    toldAgain(t, before, after)
    t.notMatch(JSON.stringify(after), 'Secret')
  }
})

t.test('a filter and a wait tell no more', async (t) => {
  const { id, axisId } = await make()
  await hide(id)
  for (const filter of [`&conventionId=${id}`, `&cafId=${cafs.own}`, '&wait=1', '&types=convention,axis'])
    t.same(
      (await drain('nobody', 'beginning', filter))
        .filter(({ resourceId }) => resourceId === id || resourceId === axisId)
        .map(({ operation, data }) => [operation, data]),
      Array(4).fill(['left', null]),
      filter,
    )
})

t.test('published again it is told again, and its earlier data too', async (t) => {
  const { since, id } = await make()
  const before = await drain('nobody', since)
  await hide(id)
  await publish(id)
  for (const read of [drain, stream]) {
    const delivered = await read('nobody', since)
    t.same(delivered.slice(0, 2), before)
    t.same(words(delivered.slice(2)), ['convention left 2', 'axis left 1', 'convention upsert 3', 'axis upsert 1'])
  }
})

t.test('who may see the draft gets its data, by their rights of today', async (t) => {
  const { since, id } = await make()
  await hide(id)
  const expected = { nobody: 'left', other: 'left', reader: 'upsert', editor: 'upsert', admin: 'upsert' } as const
  for (const [caller, operation] of Object.entries(expected) as [keyof typeof expected, string][])
    for (const read of [drain, stream]) {
      const delivered = await read(caller, since)
      t.same(words(delivered.slice(0, 2)), [`convention ${operation} 1`, `axis ${operation} 1`], caller)
      t.equal(JSON.stringify(delivered).includes('Secret'), operation === 'upsert', caller)
    }
  await api.change(`/conventions/${id}`, { cafId: cafs.other })
  t.same(
    words(await drain('reader', since)).slice(0, 2),
    ['convention left 1', 'axis left 1'],
    'no longer of their Caf',
  )
  t.same(words(await drain('other', since)).slice(0, 2), ['convention upsert 1', 'axis upsert 1'], 'now of their Caf')
})

t.test('of what is deleted counts what could be seen when it went', async (t) => {
  const hidden = await make()
  await hide(hidden.id)
  await api.delete(`/conventions/${hidden.id}`)
  t.same(words(await drain('nobody', hidden.since)), [
    'convention left 1',
    'axis left 1',
    'convention left 2',
    'axis left 1',
  ])
  t.equal((await drain('editor', hidden.since)).filter(({ data }) => data !== null).length, 3)
  const shown = await make()
  const before = await drain('nobody', shown.since)
  await api.delete(`/conventions/${shown.id}`)
  const after = await drain('nobody', shown.since)
  t.same(after.slice(0, 2), before)
  t.same(words(after.slice(2)).sort(), ['axis delete 2', 'convention delete 2'])
})

t.test('what was deleted under a convention is hidden with it', async (t) => {
  const { since, id, axisId } = await make()
  await api.delete(`/axes/${axisId}`)
  const before = await drain('nobody', since)
  t.same(words(before), ['convention upsert 1', 'axis upsert 1', 'axis delete 2'])
  await hide(id)
  const after = await drain('nobody', since)
  t.same(words(after), ['convention left 1', 'axis left 1', 'axis delete 2', 'convention left 2'])
  toldAgain(t, before, after)
})

t.test('a site is always delivered', async (t) => {
  const { since, id } = await make()
  const site = await api.create('/service-sites', { name: 'Lieu' })
  await api.put(`/conventions/${id}/service-sites/${site.id}`)
  await hide(id)
  const delivered = (await drain('nobody', since)).filter(({ type }) => type === 'service-site')
  t.ok(delivered.length >= 2)
  t.ok(delivered.every(({ operation, data }) => operation === 'upsert' && data !== null))
})
