/**
 * OWASP API1:2023, broken object level authorization: all reads agree: what a caller gets one by one, in lists and their counts, in includes, documents, the feed, the
 * snapshot, the digest and histories is the same set, and nothing of it tells of a draft that is out of sight.
 */
import t from 'tap'
import { inReadingOrder } from '../../src/domain/resources.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { includesOf } from '../../src/engine/read/include.ts'
import { type CallerName, callers, setCast, states } from '../support/cast.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const cast = await setCast(registry)
const { sets, api } = cast
const lists = ['signatories', 'amendments', 'axes', 'actions'] as const

const sight: Record<(typeof callers)[number], ('public' | 'own' | 'foreign')[]> = {
  nobody: ['public'],
  reader: ['public', 'own'],
  contributor: ['public', 'own'],
  editor: ['public', 'own'],
  other: ['public'],
  admin: ['public', 'own', 'foreign'],
}

const get = (caller: CallerName, path: string, headers: Record<string, string> = {}) => {
  const authorization = cast.credentials[caller]
  return registry.request('GET', `/v1${path}`, { headers: { ...(authorization && { authorization }), ...headers } })
}

interface Item {
  type?: string
  id: string
  version: number
  conventionId?: string
  cafId?: string
}

/** All of a list, by pages of two. */
async function walk(caller: CallerName, path: string): Promise<Item[]> {
  const items: Item[] = []
  const separator = path.includes('?') ? '&' : '?'
  for (let next: string | null = ''; next !== null; ) {
    const { body } = await get(caller, `${path}${separator}limit=2&count=true${next && `&cursor=${next}`}`)
    items.push(...body.data)
    next = body.next
    if (next === null) t.equal(body.count, items.length, `${caller}: the count of ${path}`)
  }
  return items
}

/** What a snapshot holds, as `type id version`. */
async function snapshot(caller: CallerName): Promise<string[]> {
  const { text } = await get(caller, '/snapshot', { accept: 'application/x-ndjson' })
  const [, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return lines
    .slice(0, -1)
    .map(({ type, id, version }: Item) => `${type} ${id} ${version}`)
    .sort()
}

/** What a copy holds that applied all changes, as `type id version`; and whether each told who wrote. */
async function follow(caller: CallerName) {
  const copy = new Map<string, string>()
  const actors = new Map<string, unknown>()
  const { body } = await get(caller, '/changes?since=beginning&limit=1000')
  t.equal(body.complete, true)
  for (const { type, resourceId, version, operation, actor } of body.data) {
    if (operation === 'upsert') copy.set(resourceId, `${type} ${resourceId} ${version}`)
    else copy.delete(resourceId)
    actors.set(resourceId, actor)
  }
  return { copy: [...copy.values()].sort(), actors }
}

t.test('lists, the snapshot, the feed and the digest hold the same', async (t) => {
  for (const caller of callers) {
    const held = await snapshot(caller)
    const all: string[] = []
    for (const [list, type] of Object.entries(types))
      all.push(...(await walk(caller, `/${list}`)).map(({ id, version }) => `${type} ${id} ${version}`))
    t.same(held, all.sort(), caller)
    t.same((await follow(caller)).copy, held, caller)
    const { body } = await get(caller, '/digest')
    const counts = Object.values(body.types as Record<string, { count: number }>).map(({ count }) => count)
    t.equal(
      counts.reduce((sum, count) => sum + count, 0),
      held.length,
      caller,
    )
    for (const state of ['public', 'own', 'foreign'] as const)
      t.equal(
        held.some((line) => line.includes(sets[state].convention)),
        sight[caller].includes(state),
        caller + state,
      )
  }
})

const types = {
  conventions: 'convention',
  signatories: 'signatory',
  amendments: 'amendment',
  axes: 'axis',
  actions: 'action',
  organizations: 'organization',
  'service-sites': 'service-site',
}

t.test('HEAD tells what GET tells', async (t) => {
  for (const caller of callers)
    for (const state of states)
      for (const path of [`/conventions/${sets[state].convention}`, `/keys/${sets[state].keys}`]) {
        const authorization = cast.credentials[caller]
        const headers = { ...(authorization && { authorization }) }
        const { status, text } = await registry.request('HEAD', `/v1${path}`, { headers })
        t.same([status, text], [(await get(caller, path)).status, ''], `${caller} ${path}`)
      }
})

t.test('no tag, condition or instant tells that there is a draft out of sight', async (t) => {
  const { convention, actions } = sets.foreign
  for (const path of [`/conventions/${convention}`, `/actions/${actions}`, `/conventions/${convention}/document`]) {
    const { etag = '' } = (await get('admin', path)).headers
    t.equal((await get('admin', path, { 'if-none-match': etag })).status, 304)
    for (const caller of ['nobody', 'reader', 'editor', 'other'] as const)
      for (const headers of [{ 'if-none-match': etag }, { 'if-none-match': '*' }, { 'if-match': etag }]) {
        const answer = await get(caller, path, headers)
        t.equal(answer.status, 404, `${caller} ${path}`)
        t.equal(answer.headers.etag, undefined)
        t.equal((await get(caller, `${path}?asOf=2026-03-15T12:00:00Z`, headers)).status, 404)
      }
  }
})

t.test('filters, links and sources tell no more than the thing itself', async (t) => {
  for (const caller of callers)
    for (const state of ['public', 'own', 'foreign'] as const) {
      const isSeen = sight[caller].includes(state)
      const { convention, source } = sets[state]
      for (const list of [...lists, 'service-sites'] as const)
        t.equal((await walk(caller, `/${list}?conventionId=${convention}`)).length > 0, isSeen, `${caller} ${list}`)
      t.equal((await walk(caller, `/conventions?source=${source}`)).length > 0, isSeen)
      t.equal((await walk(caller, `/sources/${source}/conventions`)).length > 0, isSeen)
      t.equal((await get(caller, '/sources')).text.includes(source), isSeen)
      const { body: told } = await get(caller, `/changes?since=beginning&conventionId=${convention}&types=axis`)
      t.equal(told.data.length > 0, isSeen, `${caller} ${state}: the feed`)
      const { body: digest } = await get(caller, `/digest?conventionId=${convention}&types=axis`)
      t.equal(digest.types.axis.count > 0, isSeen, `${caller} ${state}: the digest`)
    }
})

/** The list of a resource with all that may be included in it. */
const withIncludes = (resource: Resource) => `${resource.path}?include=${includesOf(resource)}`

t.test('nothing that is answered names a draft out of sight', async (t) => {
  for (const caller of callers)
    for (const state of ['own', 'foreign'] as const) {
      if (sight[caller].includes(state)) continue
      const { convention, actions, axes } = sets[state]
      const texts = await Promise.all(
        [...inReadingOrder.filter(({ relations }) => relations.length > 0).map(withIncludes), '/organizations'].map(
          async (path) => (await get(caller, path)).text,
        ),
      )
      texts.push(
        JSON.stringify(await snapshot(caller)),
        (await get(caller, '/changes?since=beginning&limit=1000')).text,
      )
      for (const id of [convention, actions, axes]) t.notOk(texts.join().includes(id), `${caller} ${state}`)
    }
})

t.test(
  'who wrote is told to administrators and to the Caf of the convention, in the feed as in the history',
  async (t) => {
    for (const caller of callers) {
      const { actors } = await follow(caller)
      const { convention, actions, sites, organizations } = sets.public
      const expected = ['reader', 'contributor', 'editor', 'admin'].includes(caller) ? 'bootstrap' : null
      for (const [path, id] of [
        ['conventions', convention],
        ['actions', actions],
      ] as const) {
        t.equal(actors.get(id), expected, `${caller} ${path}`)
        const [version] = (await get(caller, `/${path}/${id}/history`)).body.data
        t.equal(version.actor, expected, `${caller} ${path}`)
        t.equal(version.requestId === null, expected === null)
      }
      for (const [path, id] of [
        ['service-sites', sites],
        ['organizations', organizations],
      ] as const) {
        const shared = caller === 'admin' ? 'bootstrap' : null
        t.equal(actors.get(id), shared, `${caller} ${path}`)
        t.equal((await get(caller, `/${path}/${id}/history`)).body.data.at(-1).actor === null, shared === null)
      }
    }
  },
)

t.test('a draft that goes to another Caf leaves the one and comes to the other', async (t) => {
  const { id } = await api.create('/conventions', { title: 'Fusion', cafId: cast.cafs.own })
  await api.create(`/conventions/${id}/axes`, { title: 'Axe' })
  const { body: start } = await get('admin', '/changes')
  await api.change(`/conventions/${id}`, { cafId: cast.cafs.other })
  const told = async (caller: CallerName) => {
    const { next } = start
    const { body } = await get(caller, `/changes?since=${next}`)
    return body.data.map(({ type, operation }: { type: string; operation: string }) => `${type} ${operation}`).sort()
  }
  t.same(await told('editor'), ['axis left', 'convention left'])
  t.same(await told('other'), ['axis upsert', 'convention upsert'])
  t.same(await told('nobody'), [])
  t.equal((await get('editor', `/conventions/${id}/history`)).status, 404)
  const { body } = await get('other', `/conventions/${id}/history`)
  t.same(
    body.data.map(({ version }: Item) => version),
    [2],
    'of its past those versions that might have been seen then',
  )
})

t.test('a version is told to those who could see it at any time while it was the latest', async (t) => {
  const { id } = await api.create('/conventions', { title: 'Brouillon', cafId: cast.cafs.own })
  const under = await api.create(`/conventions/${id}/actions`, { title: 'Première' })
  const gone = await api.create(`/conventions/${id}/actions`, { title: 'Retirée avant' })
  const action = `/actions/${under.id}`
  await api.change(action, { title: 'Deuxième' })
  await api.delete(`/actions/${gone.id}`)
  await api.change(`/conventions/${id}`, { state: 'signed' })
  const told = async (caller: CallerName, path: string) => {
    const { status, body } = await get(caller, `${path}/history`)
    return status === 200
      ? body.data.map(({ version, changed }: Item & { changed: string[] }) => [version, changed])
      : status
  }
  t.same(await told('nobody', action), [[2, []]], 'of the draft what was the latest when it was published')
  t.same(await told('nobody', `/conventions/${id}`), [[2, []]])
  t.equal(await told('nobody', `/actions/${gone.id}`), 404, 'nothing of what went before')
  await api.change(action, { title: 'Troisième' })
  t.same(await told('nobody', action), [
    [3, ['title']],
    [2, []],
  ])
  await api.change(`/conventions/${id}`, { state: 'draft' })
  t.equal(await told('nobody', action), 404)
  await api.change(action, { title: 'Quatrième' })
  await api.change(action, { title: 'Cinquième' })
  await api.change(`/conventions/${id}`, { state: 'signed' })
  t.same(
    await told('nobody', action),
    [
      [5, ['title']],
      [3, ['title']],
      [2, []],
    ],
    'and none that came and went while it was hidden',
  )
  await api.delete(action)
  t.same(
    ((await told('nobody', action)) as [number][]).map(([version]) => version),
    [6, 5, 3, 2],
  )
})
