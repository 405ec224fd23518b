/**
 * A draft of another Caf stands in nobody's way: what it names is deleted or hidden as if it did not, and its reference
 * is cleared, which its own Caf is told and nobody else.
 */
import t, { type Test } from 'tap'
import { type Api, apiOf, type Created, errorsOf, type Fields, outcomeOf, slugOf } from '../../support/api.ts'
import { documentOf, documentPath, put } from '../../support/documents.ts'
import { brokenRules } from '../../support/invariants.ts'
import { createKey } from '../../support/keys.ts'
import { type Answer, openRegistry, serve } from '../../support/registry.ts'

const registry = await openRegistry(t, { connections: 8 })
const second = await serve(t, registry, { connections: 8 })
const admin = apiOf(registry)

interface Member {
  id: string
  key: string
  api: Api
  /** The same caller, on the other process. */
  there: Api
}

async function member(name: string): Promise<Member> {
  const { id } = await admin.create('/organizations', { kind: 'caf', name })
  const { secret: key } = await createKey(registry.db, name, { role: 'editor', organizationId: id })
  return { id, key, api: apiOf(registry, key), there: apiOf(second, key) }
}

const own = await member('Caf A')
const other = await member('Caf B')
let keys = 0

interface Pair {
  /** Public, of the one Caf, as its source holds it under the key. */
  named: { id: string; path: string; action: string; key: string; document: Fields }
  /** Of the other one: it renews the first, and carries on its action. */
  draft: { id: string; path: string; action: string }
}

const sourceOf = (one: Member) => (one === own ? 'si-a' : 'si-b')

async function makePair(by = own, to = other): Promise<Pair> {
  const key = `ctg-${++keys}`
  const document = documentOf({ caf: by.id, organizations: [], actions: [{ key: '1', title: 'Action' }] })
  const answer = await put(registry, key, document, { source: sourceOf(by), key: by.key })
  const { id } = answer.body.convention
  const path = `/conventions/${id}`
  const action = (await by.api.get(`${path}/actions`)).body.data[0].id
  const draft = await to.api.create('/conventions', { title: 'Projet', cafId: to.id, predecessorId: id })
  const own = `/conventions/${draft.id}`
  const carrying = await to.api.create(`${own}/actions`, { title: 'Suite', carriedFromId: action })
  await to.api.change(own, { mergedIntoId: id })
  return {
    named: { id, path, action, key, document },
    draft: { id: draft.id, path: own, action: carrying.id },
  }
}

const putNamed = ({ named }: Pair, changes: Fields, options: Fields = {}) =>
  put(registry, named.key, { ...named.document, ...changes }, { source: 'si-a', key: own.key, ...options })
const deleteDocument = ({ named }: Pair) =>
  registry.request('DELETE', documentPath(named.key, 'si-a'), { key: own.key })

/** What becomes of what is named, how, and whether the convention goes with it. */
const ends: [how: string, write: (pair: Pair) => Promise<Answer>, status: number, isWhole: boolean][] = [
  ['deleted', ({ named }) => own.api.delete(named.path), 204, true],
  ['deleted by its source', deleteDocument, 204, true],
  ['deleted by an administrator', ({ named }) => admin.delete(named.path), 204, true],
  ['hidden', ({ named }) => own.api.patch(named.path, '*', { state: 'draft' }), 200, true],
  ['hidden by its source', (pair) => putNamed(pair, { state: 'draft' }), 200, true],
  ['an action deleted', ({ named }) => own.api.delete(`/actions/${named.action}`), 204, false],
  ['an action no longer listed', (pair) => putNamed(pair, { actions: [] }), 200, false],
]

const now = async () => (await admin.get('/changes')).body.next
const changesFor = async (one: Member, since: string): Promise<Created[]> =>
  (await one.api.get(`/changes?since=${since}&limit=1000`)).body.data
const auditOf = async (one: Member): Promise<Created[]> => (await one.api.get('/audit?limit=200')).body.data

t.test('what it names is deleted or hidden, and the draft names it no more', async (t) => {
  for (const [how, write, status, isWhole] of ends) {
    const pair = await makePair()
    const { draft, named } = pair
    const since = await now()
    const answer = await write(pair)
    t.equal(answer.status, status, `${how}: ${answer.text}`)
    const left = isWhole ? null : named.id
    t.match(
      (await other.api.get(draft.path)).body,
      { predecessorId: left, mergedIntoId: left, version: isWhole ? 3 : 2 },
      how,
    )
    t.match((await other.api.get(`/actions/${draft.action}`)).body, { carriedFromId: null, version: 2 }, how)
    const cleared = (await changesFor(other, since)).filter(({ resourceId }) =>
      [draft.id, draft.action].includes(resourceId),
    )
    t.same(
      cleared.map(({ type, operation, version }) => `${type} ${operation} ${version}`).sort(),
      ['action upsert 2', ...(isWhole ? ['convention upsert 3'] : [])],
      'its Caf is told by the feed',
    )
    const [latest] = (await other.api.get(`/actions/${draft.action}/history`)).body.data
    t.same(latest.changed, ['carriedFromId'])
    const noted = (await auditOf(other)).filter(({ operation }) => operation === 'cleared').slice(0, cleared.length)
    t.same(new Set(noted.map(({ id }) => id)), new Set(cleared.map(({ resourceId }) => resourceId)), 'and by the audit')
  }
})

t.test('its Caf is not told who did: the writer wrote under a convention of another Caf', async (t) => {
  for (const [how, write] of ends) {
    const pair = await makePair()
    const { draft } = pair
    const feeds = ['', `cafId=${other.id}&`]
    const places = await Promise.all(feeds.map(async (filter) => (await other.api.get(`/changes?${filter}`)).body.next))
    await write(pair)
    const ids = [draft.id, draft.action]
    const path = `/actions/${draft.action}/history`
    const [latest, ...earlier] = (await other.api.get(path)).body.data
    t.match(latest, { actor: null, requestId: null }, how)
    for (const { actor, requestId } of earlier) t.ok(actor && requestId, 'its own versions say who wrote them')
    const [whole] = (await admin.get(path)).body.data
    t.ok(whole.actor && whole.requestId, 'an administrator is told')
    for (const [i, filter] of feeds.entries()) {
      const { data } = (await other.api.get(`/changes?${filter}since=${places[i]}&limit=1000`)).body
      const told = data.filter(({ resourceId }: Created) => ids.includes(resourceId))
      t.same([...new Set(told.map(({ actor }: Created) => actor))], [null], `${how}: the feed`)
    }
    const noted = (await auditOf(other)).filter(({ id, operation }) => operation === 'cleared' && ids.includes(id))
    t.ok(noted.length > 0)
    for (const entry of noted)
      t.match(entry, { actor: null, organizationId: null, requestId: null }, `${how}: the audit`)
    for (const filter of [`actor=${whole.actor}`, `requestId=${whole.requestId}`, `organizationId=${own.id}`])
      t.same((await other.api.get(`/audit?${filter}`)).body.data, [], `${how}: ${filter}`)
  }
})

t.test('who deletes or hides it is told nothing of the draft', async (t) => {
  for (const [how, write] of ends) {
    const alone = await makePair()
    await other.api.delete(alone.draft.path)
    const pair = await makePair()
    const since = await now()
    const [expected, answer] = [await write(alone), await write(pair)]
    t.same(withoutIds(answer, pair), withoutIds(expected, alone), how)
    const seen = JSON.stringify([await changesFor(own, since), await auditOf(own)])
    for (const id of [pair.draft.id, pair.draft.action]) t.notMatch(seen, id, how)
  }
})

/** An answer without what differs between two that are the same. */
function withoutIds({ status, text }: Answer, { named }: Pair) {
  return [
    status,
    text
      .replaceAll(named.id, 'convention')
      .replaceAll(named.action, 'action')
      .replaceAll(named.key, 'key')
      .replace(/"(createdAt|updatedAt)":"[^"]*"/g, ''),
  ]
}

t.test('a dry run tells and changes as little', async (t) => {
  for (const changes of [{ state: 'draft' }, { actions: [] }]) {
    const alone = await makePair()
    await other.api.delete(alone.draft.path)
    const pair = await makePair()
    const [expected, answer] = [
      await putNamed(alone, changes, { dryRun: true }),
      await putNamed(pair, changes, { dryRun: true }),
    ]
    t.equal(answer.status, 200)
    t.same(withoutIds(answer, pair), withoutIds(expected, alone))
    t.match((await other.api.get(pair.draft.path)).body, { predecessorId: pair.named.id, version: 2 })
  }
})

t.test('what is public, and a draft of the same Caf, stand in the way as before, and are counted alone', async (t) => {
  for (const [how, write] of ends) {
    const pair = await makePair()
    const { named } = pair
    const isHidden = how.startsWith('hidden')
    const fields = { title: 'Suite', predecessorId: named.id, cafId: own.id, state: isHidden ? 'signed' : 'draft' }
    const next = await own.api.create('/conventions', fields)
    const carrying = await own.api.create(`/conventions/${next.id}/actions`, {
      title: 'Suite',
      carriedFromId: named.action,
    })
    const answer = await write(pair)
    t.equal(outcomeOf(answer), '409 in-use', how)
    const isAction = how.startsWith('an action')
    t.same(
      new Set(answer.body.inUseBy.map(({ id }: Fields) => id)),
      new Set([carrying.id, ...(isAction ? [] : [next.id])]),
      how,
    )
    t.equal(answer.body.inUseByCount, isAction ? 1 : 2, how)
    t.match((await other.api.get(pair.draft.path)).body, { predecessorId: named.id }, 'what is refused clears nothing')
  }
})

t.test('a draft that is handed over is named by drafts of its new Caf only', async (t) => {
  const project = (one: Member, fields: Fields = {}) =>
    one.api.create('/conventions', { title: 'Projet', cafId: one.id, ...fields })
  const first = await project(own)
  const next = await project(own, { predecessorId: first.id })
  await admin.change(`/conventions/${first.id}`, { cafId: other.id })
  t.match((await own.api.get(`/conventions/${next.id}`)).body, { predecessorId: null, version: 2 })
  const last = await project(own, { predecessorId: next.id })
  t.same(
    errorsOf(await admin.patch(`/conventions/${last.id}`, '*', { cafId: other.id })),
    ['/predecessorId draft'],
    'nor does it take what it names with it',
  )
  const both = { cafId: other.id, predecessorId: first.id }
  t.equal((await admin.patch(`/conventions/${last.id}`, '*', both)).status, 200)
  const action = await own.api.create(`/conventions/${next.id}/actions`, { title: 'Action' })
  const carrying = await project(own)
  await own.api.create(`/conventions/${carrying.id}/actions`, { title: 'Suite', carriedFromId: action.id })
  t.same(errorsOf(await admin.patch(`/conventions/${carrying.id}`, '*', { cafId: other.id })), ['/cafId draft'])
})

t.test('nobody, an administrator neither, lets a draft name one of another Caf', async (t) => {
  const theirs = await other.api.create('/conventions', { title: 'Projet', cafId: other.id })
  const action = await other.api.create(`/conventions/${theirs.id}/actions`, { title: 'Action' })
  const ours = await own.api.create('/conventions', { title: 'Projet', cafId: own.id })
  for (const field of ['predecessorId', 'mergedIntoId'])
    t.same(errorsOf(await admin.patch(`/conventions/${ours.id}`, '*', { [field]: theirs.id })), [`/${field} draft`])
  const carrying = { title: 'Suite', carriedFromId: action.id }
  t.same(errorsOf(await admin.post(`/conventions/${ours.id}/actions`, carrying)), ['/carriedFromId draft'])
  const document = documentOf({ state: 'draft', caf: own.id, organizations: [], predecessor: theirs.id })
  t.same(errorsOf(await put(registry, 'foreign', document, { source: 'si-admin' })), ['/predecessor draft'])
})

t.test('its own past shows its Caf what it named', async (t) => {
  const pair = await makePair()
  const [latest] = (await other.api.get(`${pair.draft.path}/history`)).body.data
  await own.api.delete(pair.named.path)
  const then = await other.api.get(`${pair.draft.path}?asOf=${latest.at}`)
  t.equal(then.body.predecessorId, pair.named.id)
  t.equal((await own.api.get(`${pair.draft.path}?asOf=${latest.at}`)).status, 404)
})

const ROUNDS = 4

/** Writes that meet, each pair on two processes and in both orders; nothing is left that names what it may not. */
async function meet(
  t: Test,
  write: (pair: Pair) => Promise<Answer>,
  naming: (pair: Pair, i: number) => Promise<Answer>,
) {
  for (let round = 0; round < ROUNDS; round++) {
    const pair = round % 2 ? await makePair() : await makePair(own, other)
    const both = round % 2 ? [write(pair), naming(pair, round)] : [naming(pair, round), write(pair)].reverse()
    const [ended, named] = await Promise.all(both)
    t.ok(ended && (ended.status < 300 || slugOf(ended) === 'in-use'), String(ended?.text))
    t.ok(named && (named.status < 300 || [404, 409, 422].includes(named.status)), String(named?.text))
    const { predecessorId, state } = (await other.api.get(pair.draft.path)).body
    const isGone = (ended?.status ?? 500) < 300
    if (isGone) t.equal(predecessorId, null)
    else t.same([predecessorId, state], [pair.named.id, 'signed'], 'only what is public stands in the way')
  }
}

const wholeEnds = ends.filter(([, , , isWhole]) => isWhole)

t.test(
  'deleted or hidden while the draft is written, published or made to name it again: one order of the two',
  async (t) => {
    for (const [how, write] of wholeEnds)
      t.test(how, async (t) => {
        await meet(t, write, ({ draft }, i) => other.there.patch(draft.path, '*', { title: `Projet ${i}` }))
        await meet(t, write, ({ draft, named }) =>
          other.there.patch(draft.path, '*', { title: 'Encore', predecessorId: named.id }),
        )
        await meet(t, write, async ({ draft }) => {
          const carried = await other.there.patch(`/actions/${draft.action}`, '*', { carriedFromId: null })
          const published = await other.there.patch(draft.path, '*', { state: 'signed' })
          return carried.status < 300 ? published : carried
        })
      })
  },
)

t.test('two Cafs whose drafts name what the other deletes do so at once', async (t) => {
  for (let round = 0; round < ROUNDS; round++) {
    const [one, two] = [await makePair(own, other), await makePair(other, own)]
    const answers = await Promise.all([
      own.api.delete(one.named.path),
      other.there.delete(two.named.path),
      other.there.patch(one.draft.path, '*', { summary: 'x' }),
      own.there.patch(two.draft.path, '*', { summary: 'x' }),
    ])
    t.same(
      answers.map(({ status }) => status),
      [204, 204, 200, 200],
    )
  }
})

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})
