/** Drafts, and all that is under them, exist only for holders of a key: for everyone else each read is as without them. */
import t from 'tap'
import { documentOf, documentPath, type Fields, fullDocument, put, read } from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const anonymous = (path: string) => registry.request('GET', path)
const LISTS = ['amendments', 'signatories', 'axes', 'actions']

await put(registry, 'public', fullDocument())
await put(registry, 'draft', fullDocument({ state: 'draft', predecessor: 'public', title: 'Projet' }))
await put(registry, 'hidden', documentOf({ state: 'draft' }), { source: 'caf-hidden' })
const { body: open } = await read(registry, documentPath('public'))
const { body: draft } = await read(registry, documentPath('draft'))
const path = `/v1/conventions/${draft.id}`

t.test('a draft is a 404 without a key, in the words of what never was', async (t) => {
  const never = path.replace(/.{12}$/, '000000000000')
  for (const suffix of ['', '/document', '/service-sites', ...LISTS.map((list) => `/${list}`)]) {
    const hidden = await anonymous(path + suffix)
    const missing = await anonymous(never + suffix)
    t.same([hidden.status, hidden.body.type], [404, '/problems/not-found'], suffix)
    t.equal(hidden.body.detail.replace(draft.id, ''), missing.body.detail.replace(/[0-9a-f]+-[0-9a-f-]+/, ''))
    t.equal((await read(registry, path + suffix)).status, 200)
  }
})

t.test('what is under a draft is a 404 without a key', async (t) => {
  for (const list of LISTS) {
    const [{ id }] = draft[list]
    t.equal((await anonymous(`/v1/${list}/${id}`)).status, 404, list)
    t.equal((await read(registry, `/v1/${list}/${id}`)).status, 200, list)
    t.equal((await anonymous(`/v1/${list}/${open[list][0].id}`)).status, 200, list)
  }
})

t.test('lists and counts are as without drafts, whatever the filter', async (t) => {
  for (const list of ['conventions', ...LISTS]) {
    const filters = ['', '&source=caf-61', `&source=caf-61&sourceKey=${list === 'conventions' ? 'draft' : 'caf'}`]
    if (list !== 'conventions') filters.push(`&conventionId=${draft.id}`)
    for (const filter of filters) {
      const seen = (await anonymous(`/v1/${list}?count=true${filter}`)).body
      const ids = seen.data.map(({ id, conventionId }: Fields) => conventionId ?? id)
      t.notOk(ids.includes(draft.id), list + filter)
      t.equal(seen.count, seen.data.length, list + filter)
      const all = (await read(registry, `/v1/${list}?count=true${filter}`)).body
      t.equal(all.count, all.data.length)
      t.ok(all.count >= seen.count)
    }
  }
  for (const filter of [
    'state=draft',
    'status=draft',
    `predecessorId=${open.id}`,
    'source=caf-hidden',
    'source=caf-61&sourceKey=draft',
  ]) {
    t.same((await anonymous(`/v1/conventions?${filter}&count=true`)).body, { data: [], next: null, count: 0 }, filter)
    t.ok((await read(registry, `/v1/conventions?${filter}`)).body.data.length > 0, filter)
  }
})

t.test('pages do not tell where drafts are', async (t) => {
  const ids: unknown[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: Fields & { data: Fields[]; next: string | null } = (
      await anonymous(`/v1/conventions?limit=1${next && `&cursor=${next}`}`)
    ).body
    t.equal(page.data.length, 1)
    ids.push(...page.data.map(({ id }: Fields) => id))
    next = page.next
  }
  t.same(ids, [open.id])
})

t.test('nothing public tells of a draft: successors, sites, organizations', async (t) => {
  t.same((await anonymous(`/v1/conventions/${open.id}`)).body.successorIds, [])
  const { data } = (await anonymous('/v1/service-sites?source=caf-61&sourceKey=bus')).body
  t.same(data[0].conventionIds, [open.id])
  t.same((await anonymous(`/v1/service-sites?conventionId=${draft.id}`)).body.data, [])
  t.equal((await read(registry, `/v1/service-sites?conventionId=${draft.id}`)).body.data.length, 1)
  for (const list of ['service-sites', 'organizations', 'territories', 'vocabularies'])
    t.same((await anonymous(`/v1/${list}`)).body, (await read(registry, `/v1/${list}`)).body, list)
})

t.test('includes name nothing of a draft, and are there with a key', async (t) => {
  const seen = await read(registry, `${path}?include=predecessor,caf`)
  t.equal(seen.body.predecessor.id, open.id)
  const [{ id }] = draft.actions
  const action = await read(registry, `/v1/actions/${id}?include=axes,serviceSites,lead,partners`)
  t.equal(action.body.axes.length, draft.actions[0].axes.length)
  for (const list of ['signatories?include=organization', 'actions?include=axes,lead,partners,serviceSites'])
    t.notMatch((await anonymous(`/v1/${list}`)).text, draft.id)
})

t.test('sources show what they hold in sight of the reader', async (t) => {
  const names = ({ body }: { body: { data: Fields[] } }) => body.data.map(({ name }) => name)
  t.same(names(await anonymous('/v1/sources')), ['caf-61'])
  t.same(names(await read(registry, '/v1/sources')), ['caf-61', 'caf-hidden'])
  t.equal((await anonymous('/v1/sources?count=true')).body.count, 1)
  const held = await anonymous('/v1/sources/caf-61/conventions?count=true')
  t.same(
    held.body.data.map(({ key }: Fields) => key),
    ['public'],
  )
  t.equal(held.body.count, 1)
  t.same((await anonymous('/v1/sources/caf-hidden/conventions')).body.data, [])
  t.equal((await anonymous(documentPath('draft'))).status, 404)
  t.equal((await anonymous(documentPath('hidden', 'caf-hidden'))).status, 404)
})

t.test('nobody is bound under a draft', async (t) => {
  const { data } = (await read(registry, `${path}/signatories?validOn=2024-01-01`)).body
  t.same(data, [])
  t.equal((await read(registry, `${path}/signatories`)).body.data.length, 3)
})

t.test('what is published appears everywhere at once, and what is hidden goes', async (t) => {
  await put(registry, 'draft', fullDocument({ predecessor: 'public', title: 'Projet' }))
  t.equal((await anonymous(path)).status, 200)
  t.same((await anonymous(`/v1/conventions/${open.id}`)).body.successorIds, [draft.id])
  t.equal((await anonymous(`/v1/actions?conventionId=${draft.id}&count=true`)).body.count, 2)
  await put(registry, 'draft', fullDocument({ state: 'draft', predecessor: 'public', title: 'Projet' }))
  t.equal((await anonymous(path)).status, 404)
  t.same((await anonymous(`/v1/conventions/${open.id}`)).body.successorIds, [])
})

t.test('a wrong or empty credential is a 401 on public reads too', async (t) => {
  for (const authorization of ['Bearer wrong', 'Bearer ', '', 'Basic x']) {
    const answer = await registry.request('GET', '/v1/conventions', { headers: { authorization } })
    t.equal(answer.status, 401, authorization)
  }
})
