/** Drafts leave no trace in the organizations that they list: these have the sources that public conventions brought. */
import t, { type Test } from 'tap'
import { apiOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import {
  AUBE,
  CAF,
  countsOf,
  create,
  documentOf,
  documentPath,
  type Fields,
  getDocument,
  put,
  read,
  SOURCE,
} from '../support/documents.ts'
import { brokenRules } from '../support/invariants.ts'
import { openRegistry, serve } from '../support/registry.ts'

const registry = await openRegistry(t, { connections: 8 })
const second = await serve(t, registry, { connections: 8 })
const api = apiOf(registry)
const draftOf = (changes: Fields) => documentOf({ state: 'draft', ...changes })
const brought = (key: string, source = SOURCE) => ({ source, key })
const anybody = async (path: string) => (await registry.request('GET', `/v1${path}`)).body
const sourcesOf = async (id: string) => (await anybody(`/organizations/${id}`)).sources
const heldBy = async (source: string, key?: string) =>
  (await anybody(`/organizations?source=${source}${key === undefined ? '' : `&sourceKey=${key}`}`)).data.map(
    ({ id }: Fields) => id,
  )
const now = async (): Promise<string> => (await anybody('/changes?types=organization')).next
const association = (name: string) => ({ kind: 'association', name })
let names = 0
/** A name that no other test gives. */
const newName = () => `Association ${++names}`

/** What anybody is told of an organization after a cursor. */
async function toldOf(id: string, since: string) {
  const { data } = await anybody(`/changes?since=${since}&types=organization&limit=1000`)
  return data
    .filter(({ resourceId }: Fields) => resourceId === id)
    .map(({ version, data: { sources } }: { version: number; data: Fields }) => [version, sources])
}

/** A draft of a source that lists an organization that stands and one that it makes. */
async function makeDraft(t: Test, key: string, source = SOURCE) {
  const stands = { ...association(newName()), key: `${key}-stands` }
  const made = { ...association(newName()), key: `${key}-made` }
  const { id } = await create(registry, '/v1/organizations', association(stands.name))
  const document = { organizations: [CAF, stands, made] }
  const answer = await put(registry, key, draftOf(document), { source })
  t.equal(answer.status, 201, answer.text)
  const { body } = await getDocument(registry, key, source)
  const ids = new Map(body.organizations.map((one: Fields) => [one.key, one.id]))
  return { answer, document, conventionId: String(body.id), stands: id, made: String(ids.get(made.key)) }
}

t.test('a draft gives no organization its source, neither one that stands nor one that it makes', async (t) => {
  const { answer, stands, made } = await makeDraft(t, 'hidden', 'hidden')
  t.same(answer.body.report.byType.organizations, { created: 2, updated: 0, deleted: 0, unchanged: 1 })
  for (const id of [stands, made]) {
    t.same(await sourcesOf(id), [])
    t.same((await api.get(`/organizations/${id}`)).body.sources, [], 'whoever reads')
    t.equal((await anybody(`/organizations/${id}`)).version, 1)
  }
  for (const path of ['/organizations?source=hidden', '/organizations?source=hidden&sourceKey=hidden-made'])
    t.same((await anybody(`${path}&count=true`)).count, 0, path)
})

t.test('they get them when it is published, by itself or by its document: one version each', async (t) => {
  const publish: [string, (made: Awaited<ReturnType<typeof makeDraft>>, key: string) => Promise<unknown>][] = [
    ['by itself', ({ conventionId }) => api.change(`/conventions/${conventionId}`, { state: 'signed' })],
    ['by its document', ({ document }, key) => put(registry, key, documentOf(document))],
  ]
  for (const [how, published] of publish) {
    const key = how.replaceAll(' ', '-')
    const draft = await makeDraft(t, key)
    const { stands, made } = draft
    const since = await now()
    await published(draft, key)
    t.same(await toldOf(stands, since), [[2, [brought(`${key}-stands`)]]], how)
    t.same(await toldOf(made, since), [[2, [brought(`${key}-made`)]]], how)
    t.same(await heldBy(SOURCE, `${key}-made`), [made], how)
    const again = await put(registry, key, documentOf(draft.document))
    t.equal(countsOf(again)[1], 0, 'and nothing is left to be done')
  }
})

t.test('the report of a document that publishes counts the organizations that get a source', async (t) => {
  const { document } = await makeDraft(t, 'counted')
  const dry = await put(registry, 'counted', documentOf(document), { dryRun: true })
  const done = await put(registry, 'counted', documentOf(document))
  t.equal(done.body.report.byType.organizations.updated, 2)
  t.same(dry.body.report, done.body.report)
})

t.test('the past tells of no draft either, and publication rewrites none of it', async (t) => {
  const { stands, made, conventionId } = await makeDraft(t, 'earlier')
  const [latest] = (await anybody(`/organizations/${made}/history`)).data
  await api.change(`/conventions/${conventionId}`, { state: 'signed' })
  t.same((await anybody(`/organizations/${made}?asOf=${latest.at}`)).sources, [])
  for (const [id, key] of [
    [stands, 'earlier-stands'],
    [made, 'earlier-made'],
  ] as const)
    t.same(
      (await anybody(`/organizations/${id}/history`)).data.map(({ data }: { data: Fields }) => data.sources),
      [[brought(key)], []],
    )
})

t.test('what was published keeps its source: hidden again, deleted, or no longer listed', async (t) => {
  const { stands, made, conventionId } = await makeDraft(t, 'kept')
  await api.change(`/conventions/${conventionId}`, { state: 'signed' })
  const since = await now()
  await api.change(`/conventions/${conventionId}`, { state: 'draft' })
  await put(registry, 'kept', draftOf({}))
  await put(registry, 'kept', documentOf({}))
  await registry.request('DELETE', documentPath('kept'), { key: ADMIN_KEY })
  t.same(await sourcesOf(stands), [brought('kept-stands')])
  t.same(await heldBy(SOURCE, 'kept-made'), [made])
  t.same([await toldOf(stands, since), await toldOf(made, since)], [[], []])
})

t.test('what a draft no longer lists when it is published gets nothing', async (t) => {
  const { stands, made, document, conventionId } = await makeDraft(t, 'dropped')
  await put(registry, 'dropped', draftOf({ organizations: document.organizations.slice(0, 2) }))
  await api.change(`/conventions/${conventionId}`, { state: 'signed' })
  t.same([await sourcesOf(stands), await sourcesOf(made)], [[brought('dropped-stands')], []])
  const other = await makeDraft(t, 'dropped-at-once')
  await put(registry, 'dropped-at-once', documentOf({}))
  t.same([await sourcesOf(other.stands), await sourcesOf(other.made)], [[], []])
})

t.test('a key that a draft moves to another organization moves for the public when that is published', async (t) => {
  const source = 'moving'
  const [first, other] = [{ ...association(newName()), key: 'k' }, association(newName())]
  const { id: second } = await create(registry, '/v1/organizations', other)
  await put(registry, 'shown', documentOf({ organizations: [CAF, first] }), { source })
  const [before] = await heldBy(source, 'k')
  const since = await now()
  const moving = { organizations: [CAF, { ...other, key: 'k' }] }
  const moved = await put(registry, 'moving', draftOf(moving), { source })
  t.ok(moved.body.warnings.some(({ code }: Fields) => code === 'key-moved'))
  t.same(await heldBy(source, 'k'), [before])
  t.same([await sourcesOf(before), await sourcesOf(second)], [[brought('k', source)], []])
  t.same([await toldOf(before, since), await toldOf(second, since)], [[], []])
  await api.change(`/conventions/${moved.body.convention.id}`, { state: 'signed' })
  t.same(await heldBy(source, 'k'), [second])
  t.same([await sourcesOf(before), await sourcesOf(second)], [[], [brought('k', source)]])
})

t.test(
  'an organization that has 200 sources is found by another one that lists it publicly, not by a draft',
  async (t) => {
    const many = Array.from({ length: 200 }, (_, i) => ({ ...AUBE, key: `${i}` }))
    const source = 'full'
    for (const [i, one] of many.entries())
      await put(registry, `f${i}`, documentOf({ organizations: [CAF, one] }), { source })
    const last = { ...AUBE, key: 'last' }
    const { body } = await put(registry, 'last', draftOf({ organizations: [CAF, last] }), { source })
    t.same(await heldBy(source, 'last'), [])
    await api.change(`/conventions/${body.convention.id}`, { state: 'signed' })
    const [id] = await heldBy(source, 'last')
    t.equal((await sourcesOf(id)).length, 200)
    t.same(await heldBy(source, '0'), [id])
  },
)

t.test(
  'published while documents of two processes list the same organizations: each source is there once',
  async (t) => {
    for (let round = 0; round < 8; round++) {
      const listed = { ...association(newName()), key: `r${round}` }
      const { id } = await create(registry, '/v1/organizations', association(listed.name))
      const document = { organizations: [CAF, listed] }
      const sources = ['race-a', 'race-b', 'race-c']
      const [a, b] = await Promise.all(
        sources.slice(0, 2).map((source) => put(registry, `r${round}`, draftOf(document), { source })),
      )
      const publish = (made: typeof a, one: typeof registry) =>
        apiOf(one).patch(`/conventions/${made?.body.convention.id}`, '*', { state: 'signed' })
      const answers = await Promise.all([
        publish(a, registry),
        publish(b, second),
        put(second, `r${round}`, documentOf(document), { source: 'race-c' }),
        put(registry, `r${round}`, documentOf(document), { source: 'race-b' }),
      ])
      for (const { status, text } of answers) t.ok(status < 300, text)
      t.same(new Set((await sourcesOf(id)).map(({ source }: Fields) => source)), new Set(sources))
      t.equal((await sourcesOf(id)).length, 3)
    }
  },
)

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})

t.test('the key that a source holds in a draft still finds its organization', async (t) => {
  const { made, document } = await makeDraft(t, 'found')
  const [caf, stands, own] = document.organizations
  const renamed = { ...own, name: newName() }
  await put(registry, 'found', draftOf({ organizations: [caf, stands, renamed] }))
  const { body } = await read(registry, documentPath('found'))
  t.equal(body.organizations.find(({ key }: Fields) => key === 'found-made').id, made)
})
