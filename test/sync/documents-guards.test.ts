/** A document that lost something on its way hides and deletes nothing: a 409 says what it would have done. */
import t from 'tap'
import { slugOf } from '../support/api.ts'
import { countsOf, documentOf, type Fields, fullDocument, put, stateOf } from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { state: _, ...stateless } = fullDocument()
const actions = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `${i}`, title: `Action ${i}` }))

t.test('a public convention is not hidden because state was left out, but because it is a draft', async (t) => {
  await put(registry, 'hidden', fullDocument())
  const before = await stateOf(registry)
  for (const dryRun of [false, true]) {
    const refused = await put(registry, 'hidden', stateless, { dryRun })
    t.same([refused.status, slugOf(refused)], [409, 'state-left-out'])
    t.match(refused.body, {
      counts: { created: 0, updated: 1, deleted: 0 },
      plan: [
        {
          operation: 'update',
          type: 'convention',
          key: 'hidden',
          changes: [{ field: 'state', old: 'signed', new: 'draft' }],
        },
      ],
    })
  }
  t.same(await stateOf(registry), before)
  t.equal((await put(registry, 'hidden', { ...stateless, state: 'draft' })).body.convention.state, 'draft')
  t.equal((await put(registry, 'hidden', stateless)).status, 200, 'a draft stays one')
  t.equal((await put(registry, 'new', stateless)).status, 201, 'and a new convention is one')
})

t.test('more than a fifth of what the source holds, from five on, is deleted only if it is allowed', async (t) => {
  const document = (count: number) => documentOf({ actions: actions(count) })
  await put(registry, 'share', document(20))
  t.same(countsOf(await put(registry, 'share', document(16))), [0, 0, 4, 18], 'four of twenty')
  const before = await stateOf(registry)
  for (const dryRun of [false, true]) {
    const refused = await put(registry, 'share', document(11), { dryRun })
    t.same([refused.status, slugOf(refused)], [409, 'too-many-deletions'], 'five of sixteen')
    t.equal(refused.body.counts.deleted, 5)
    t.same(
      refused.body.plan.map(({ operation, key }: Fields) => `${operation} ${key}`),
      ['11', '12', '13', '14', '15'].map((key) => `delete ${key}`),
    )
    t.match(refused.body.detail, /5 of 16 objects; maxDeletes=5 allows it/)
  }
  t.same(await stateOf(registry), before)
  t.equal(slugOf(await put(registry, 'share', document(11), { maxDeletes: 4 })), 'too-many-deletions')
  t.same(countsOf(await put(registry, 'share', document(11), { maxDeletes: 5 })), [0, 0, 5, 13])
  t.equal(slugOf(await put(registry, 'share', document(10), { maxDeletes: 0 })), 'too-many-deletions', 'none is none')
})

t.test('more than twenty are deleted only if it is allowed, whatever their share', async (t) => {
  const document = (count: number) => documentOf({ actions: actions(count) })
  await put(registry, 'many', document(150))
  t.equal((await put(registry, 'many', document(130))).status, 200)
  t.equal(slugOf(await put(registry, 'many', document(109))), 'too-many-deletions')
  t.equal((await put(registry, 'many', document(109), { maxDeletes: 21 })).status, 200)
})

t.test('a service site that others link is no deletion', async (t) => {
  const serviceSites = Array.from({ length: 6 }, (_, i) => ({ key: `site-${i}`, name: `Lieu ${i}` }))
  await put(registry, 'sites-1', documentOf({ serviceSites }))
  await put(registry, 'sites-2', documentOf({ serviceSites }))
  const unlinked = await put(registry, 'sites-2', documentOf())
  t.same(countsOf(unlinked), [0, 6, 0, 2])
  t.equal(slugOf(await put(registry, 'sites-1', documentOf())), 'too-many-deletions')
})
