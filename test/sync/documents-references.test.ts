/** What documents name beyond themselves: predecessor, merger, continued actions; and what of it may be a draft. */
import t from 'tap'
import { ADMIN_KEY } from '../support/config.ts'
import {
  create,
  documentOf,
  documentPath,
  errorsOf,
  type Fields,
  getDocument,
  put,
  read,
  stateOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const ACTIONS = [{ key: 'a', title: 'Action' }]
const remove = (key: string, source?: string) =>
  registry.request('DELETE', documentPath(key, source), { key: ADMIN_KEY })
const convention = async (id: string) => (await read(registry, `/v1/conventions/${id}`)).body

t.test('a predecessor is a key of the source; it gets the successor and another version', async (t) => {
  const first = await put(registry, 'old', documentOf({ startsOn: '2018', endsOn: '2021' }))
  const second = await put(registry, 'new', documentOf({ predecessor: 'old' }))
  const ids = { old: first.body.convention.id, new: second.body.convention.id }
  t.equal(second.body.convention.predecessorId, ids.old)
  t.match(await convention(ids.old), { successorIds: [ids.new], version: 2, status: 'expired' })
  t.equal((await getDocument(registry, 'new')).body.predecessor, 'old')
  const before = await stateOf(registry)
  await put(registry, 'old', documentOf({ startsOn: '2018', endsOn: '2021' }))
  t.same(await stateOf(registry), before)
  await put(registry, 'new', documentOf())
  t.match(await convention(ids.old), { successorIds: [], version: 3 })
})

t.test(
  'an unknown predecessor, merger or action is a 422, as is one of another source, or the convention itself',
  async (t) => {
    await put(registry, 'elsewhere', documentOf({ actions: ACTIONS }), { source: 'caf-14' })
    const answer = await put(
      registry,
      'names',
      documentOf({
        predecessor: 'elsewhere',
        mergedInto: 'nobody',
        actions: [
          { key: 'a', title: 'A', carriedFrom: 'elsewhere/a' },
          { key: 'b', title: 'B', carriedFrom: 'names/a' },
          { key: 'c', title: 'C', carriedFrom: 'c' },
        ],
      }),
    )
    t.same(errorsOf(answer), [
      '/actions/0/carriedFrom unknown-reference',
      '/actions/1/carriedFrom unknown-reference',
      '/actions/2/carriedFrom unknown-reference',
      '/mergedInto unknown-reference',
      '/predecessor unknown-reference',
    ])
    t.equal((await put(registry, 'names', documentOf())).status, 201)
    const own = await put(registry, 'names', documentOf({ predecessor: 'names', mergedInto: 'names' }))
    t.same(errorsOf(own), ['/mergedInto self-reference', '/predecessor self-reference'])
  },
)

t.test('what another source holds is named by its id, and comes back so', async (t) => {
  const { body } = await put(registry, 'theirs', documentOf({ actions: ACTIONS }), { source: 'caf-14' })
  const [action] = (await read(registry, `/v1/conventions/${body.convention.id}/actions`)).body.data
  const named = { predecessor: body.convention.id, mergedInto: body.convention.id }
  const carried = [{ key: 'a', title: 'A', carriedFrom: action.id }]
  t.equal((await put(registry, 'ours', documentOf({ ...named, actions: carried }))).status, 201)
  const { body: document } = await getDocument(registry, 'ours')
  t.match(document, named)
  t.equal(document.actions[0].carriedFrom, action.id)
  const before = await stateOf(registry)
  await put(registry, 'ours', document)
  t.same(await stateOf(registry), before)
})

t.test(
  'carriedFrom is the key of a convention, a slash, and the key of an action, slashes in them or not',
  async (t) => {
    const keys = [
      ['2018', 'itinérance'],
      ['a/b', 'c/d'],
      ['x//', '/y'],
    ] as const
    for (const [of, key] of keys) await put(registry, of, documentOf({ actions: [{ key, title: 'Action' }] }))
    const names = keys.map(([of, key]) => `${of}/${key}`)
    const actions = names.map((carriedFrom, i) => ({ key: `${i}`, code: `${i}`, title: 'Action', carriedFrom }))
    const answer = await put(registry, 'carries', documentOf({ actions }))
    t.equal(answer.status, 201, answer.text)
    const { body } = await getDocument(registry, 'carries')
    t.same(
      body.actions.map((one: Fields) => one.carriedFrom),
      names,
    )
  },
)

t.test('an action of the document whose key is such a name is not what it means', async (t) => {
  await put(registry, 'carried', documentOf({ actions: [{ key: '1', title: 'Action' }] }))
  const { id } = (await getDocument(registry, 'carried')).body.actions[0]
  const actions = [
    { key: 'carried/1', code: '1', title: 'Suite', carriedFrom: 'carried/1' },
    { key: 'b', code: '2', title: 'Suite', carriedFrom: 'carried/1' },
  ]
  const answer = await put(registry, 'carrying', documentOf({ actions }))
  t.equal(answer.status, 201, answer.text)
  const { data } = (await read(registry, `/v1/conventions/${answer.body.convention.id}/actions`)).body
  t.same(
    data.map((one: Fields) => one.carriedFromId),
    [id, id],
  )
})

t.test('a name that can be read in two ways means neither; the document then has the id', async (t) => {
  await put(registry, 'p/q', documentOf({ actions: [{ key: 'r', title: 'Une' }] }))
  const actions = [{ key: 'a', title: 'A', carriedFrom: 'p/q/r' }]
  t.equal((await put(registry, 'reads', documentOf({ actions }))).status, 201)
  const { id } = (await getDocument(registry, 'p/q')).body.actions[0]
  await put(registry, 'p', documentOf({ actions: [{ key: 'q/r', title: 'Autre' }] }))
  const { body: document } = await getDocument(registry, 'reads')
  t.equal(document.actions[0].carriedFrom, id)
  const before = await stateOf(registry)
  await put(registry, 'reads', document)
  t.same(await stateOf(registry), before)
  t.same(errorsOf(await put(registry, 'reads', documentOf({ actions }))), ['/actions/0/carriedFrom unknown-reference'])
})

t.test('nothing public names a draft or what is under one; a draft may', async (t) => {
  await put(registry, 'draft', documentOf({ state: 'draft', actions: ACTIONS }))
  const named = {
    predecessor: 'draft',
    mergedInto: 'draft',
    actions: [{ key: 'a', title: 'A', carriedFrom: 'draft/a' }],
  }
  for (const state of ['signed', 'terminated']) {
    const answer = await put(registry, 'public', documentOf({ ...named, state }))
    t.same(errorsOf(answer), ['/actions/0/carriedFrom draft', '/mergedInto draft', '/predecessor draft'])
  }
  const hidden = await put(registry, 'public', documentOf({ ...named, state: 'draft' }))
  t.equal(hidden.status, 201)
  const published = await put(registry, 'public', documentOf(named))
  t.equal(errorsOf(published).length, 3)
  await put(registry, 'draft', documentOf({ actions: ACTIONS }))
  t.equal((await put(registry, 'public', documentOf(named))).status, 200)
})

t.test('a convention that something public names cannot become a draft: 409 names it', async (t) => {
  const document = documentOf({ actions: ACTIONS })
  const { body } = await put(registry, 'named', document)
  const renewing = await put(registry, 'renewing', documentOf({ predecessor: 'named' }))
  const merged = await put(registry, 'merged', documentOf({ mergedInto: 'named' }))
  const carried = { actions: [{ key: 'a', title: 'A', carriedFrom: 'named/a' }] }
  const carrying = await put(registry, 'carrying', documentOf(carried))
  await put(registry, 'quiet', documentOf({ state: 'draft', predecessor: 'named' }))
  const action = (await read(registry, `/v1/conventions/${carrying.body.convention.id}/actions`)).body.data[0]
  const before = await stateOf(registry)
  const refused = await put(registry, 'named', { ...document, state: 'draft' })
  t.same([refused.status, refused.body.type], [409, '/problems/in-use'])
  t.same(
    new Set(refused.body.inUseBy.map(({ id }: Fields) => id)),
    new Set([renewing, merged].map((one) => one.body.convention.id).concat(action.id)),
  )
  t.same(await stateOf(registry), before)
  for (const key of ['renewing', 'merged', 'carrying'])
    await put(registry, key, documentOf({ state: 'draft', ...(key === 'carrying' && carried) }))
  t.equal((await put(registry, 'named', { ...document, state: 'draft' })).status, 200)
  t.equal((await convention(body.convention.id)).status, 'draft')
})

t.test(
  'successorIds name no drafts: a renewal counts when it is published, and no longer when it is hidden',
  async (t) => {
    const { body } = await put(registry, 'base', documentOf({ startsOn: '2018', endsOn: '2021' }))
    const successors = async () => (await convention(body.convention.id)).successorIds.length
    await put(registry, 'renewal', documentOf({ state: 'draft', predecessor: 'base' }))
    t.equal(await successors(), 0)
    await put(registry, 'renewal', documentOf({ predecessor: 'base' }))
    t.equal(await successors(), 1)
    await put(registry, 'renewal', documentOf({ state: 'draft', predecessor: 'base' }))
    t.equal(await successors(), 0)
    await put(registry, 'renewal', documentOf({ predecessor: 'base' }))
    await remove('renewal')
    t.equal(await successors(), 0)
  },
)

t.test('a convention that another renews, was merged into or continues cannot be deleted: 409 names who', async (t) => {
  const { body } = await put(registry, 'kept', documentOf({ actions: ACTIONS }))
  const users = [
    await put(registry, 'kept-1', documentOf({ predecessor: 'kept' })),
    await put(registry, 'kept-2', documentOf({ state: 'draft', mergedInto: 'kept' })),
  ]
  const carried = documentOf({ actions: [{ key: 'a', title: 'A', carriedFrom: body.convention.id }] })
  carried.actions = [{ key: 'a', title: 'A', carriedFrom: 'kept/a' }]
  const { body: carrying } = await put(registry, 'kept-3', carried)
  const [action] = (await read(registry, `/v1/conventions/${carrying.convention.id}/actions`)).body.data
  const refused = await remove('kept')
  t.same([refused.status, refused.body.type, refused.body.inUseByCount], [409, '/problems/in-use', 3])
  t.same(refused.body.inUseBy, [
    ...users.map((one) => ({ type: 'convention', id: one.body.convention.id })),
    { type: 'action', id: action.id },
  ])
  const dropped = await put(registry, 'kept', documentOf())
  t.same([dropped.status, dropped.body.inUseBy], [409, [{ type: 'action', id: action.id }]])
  for (const key of ['kept-1', 'kept-2', 'kept-3']) t.equal((await remove(key)).status, 204)
  t.equal((await remove('kept')).status, 204)
})

t.test('a convention is not published while what others made under it continues an action of a draft', async (t) => {
  await put(registry, 'secret', documentOf({ state: 'draft', actions: ACTIONS }))
  const { id } = (await getDocument(registry, 'secret')).body.actions[0]
  const { body } = await put(registry, 'publishing', documentOf({ state: 'draft' }))
  await create(registry, `/v1/conventions/${body.convention.id}/actions`, { title: 'D’autres', carriedFromId: id })
  t.same(errorsOf(await put(registry, 'publishing', documentOf())), ['/state draft'])
})
