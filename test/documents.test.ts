/** The convention document: PUT, GET, the smallest change, dry run, what is left out. */
import t from 'tap'
import {
  CAF, CDC, changedBetween, countsOf, documentOf, documentPath, fullDocument, getDocument, put, read, stateOf,
} from './support/documents.ts'
import { openRegistry } from './support/registry.ts'

t.test('a first PUT is 201 with Location and the ETag of GET, a second one of another content 200', async (t) => {
  const registry = await openRegistry(t)
  const created = await put(registry, 'ctg-1', fullDocument())
  t.equal(created.status, 201, created.text)
  t.equal(created.headers.location, documentPath('ctg-1'))
  t.same(countsOf(created), [15, 0, 0, 0])
  t.same(created.body.report.byType.serviceSites, { created: 1, updated: 0, deleted: 0, unchanged: 0 })
  t.same(created.body.convention.sources, [{ source: 'caf-61', key: 'ctg-1' }])
  t.same([created.body.convention.status, created.body.convention.version], ['active', 1])
  t.notOk('plan' in created.body)
  const got = await getDocument(registry, 'ctg-1')
  t.equal(got.status, 200)
  t.equal(got.headers.etag, created.headers.etag)

  const updated = await put(registry, 'ctg-1', fullDocument({ title: 'CTG du Pays de L’Aigle' }))
  t.equal(updated.status, 200)
  t.equal(updated.headers.location, undefined)
  t.same(countsOf(updated), [0, 1, 0, 14])
  t.not(updated.headers.etag, created.headers.etag)
  t.equal(updated.headers.etag, (await getDocument(registry, 'ctg-1')).headers.etag)
})

t.test('the same PUT again changes nothing: no version, no transaction in the journal, the same ETag', async (t) => {
  const registry = await openRegistry(t)
  const first = await put(registry, 'ctg-1', fullDocument())
  const before = await stateOf(registry)
  const again = await put(registry, 'ctg-1', fullDocument())
  t.equal(again.status, 200)
  t.same(countsOf(again), [0, 0, 0, 15])
  t.same(await stateOf(registry), before)
  t.equal(again.headers.etag, first.headers.etag)
  t.same(again.body.convention, first.body.convention)
})

t.test('GET is canonical: a PUT of it changes nothing and its ETag stays', async (t) => {
  const registry = await openRegistry(t)
  await put(registry, 'ctg-1', fullDocument())
  const got = await getDocument(registry, 'ctg-1')
  const before = await stateOf(registry)
  const again = await put(registry, 'ctg-1', got.body)
  t.equal(again.status, 200, again.text)
  t.same(countsOf(again), [0, 0, 0, 15])
  t.same(await stateOf(registry), before)
  t.equal(again.headers.etag, got.headers.etag)
  t.same((await getDocument(registry, 'ctg-1')).body, got.body)
})
