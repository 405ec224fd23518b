/** The tree of axes in a document: moved, renumbered, swapped, too deep, in a circle. */
import t from 'tap'
import {
  changedBetween,
  documentOf,
  errorsOf,
  type Fields,
  getDocument,
  put,
  read,
  stateOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)

const axis = (key: string, parent: string | null, number: number, more: Fields = {}) => ({
  key,
  parent,
  number,
  title: `Axe ${key}`,
  ...more,
})

/** PUT of these axes; what comes back, as `key<parent number`. */
async function putAxes(key: string, axes: Fields[]) {
  const answer = await put(registry, key, documentOf({ axes }))
  if (answer.status >= 400) return errorsOf(answer)
  const { body } = await read(registry, `/v1/conventions/${answer.body.convention.id}/axes`)
  const keys = new Map(body.data.map((one: Fields & { sources: Fields[] }) => [one.id, one.sources[0]?.key]))
  return body.data.map((one: Fields) => `${keys.get(one.id)}<${keys.get(one.parentId) ?? ''} ${one.number}`)
}

t.test('an axis moves with all below it, which keep their versions', async (t) => {
  const below = [axis('a.1', 'a', 1), axis('a.1.1', 'a.1', 1), axis('a.1.2', 'a.1', 2)]
  t.same(await putAxes('move', [axis('a', null, 1), ...below, axis('b', null, 2)]), [
    'a< 1',
    'a.1<a 1',
    'a.1.1<a.1 1',
    'a.1.2<a.1 2',
    'b< 2',
  ])
  const before = await stateOf(registry)
  const moved = [axis('a', null, 1), axis('a.1', 'b', 7), ...below.slice(1), axis('b', null, 2)]
  t.same(await putAxes('move', moved), ['a< 1', 'b< 2', 'a.1<b 7', 'a.1.1<a.1 1', 'a.1.2<a.1 2'])
  t.equal(changedBetween(before, await stateOf(registry)).length, 1)
})

t.test('an axis is renumbered with all below it', async (t) => {
  await putAxes('renumber', [axis('a', null, 1), axis('a.1', 'a', 1), axis('b', null, 2)])
  const before = await stateOf(registry)
  t.same(await putAxes('renumber', [axis('a', null, 3), axis('a.1', 'a', 1), axis('b', null, 2)]), [
    'b< 2',
    'a< 3',
    'a.1<a 1',
  ])
  t.equal(changedBetween(before, await stateOf(registry)).length, 1)
})

t.test('numbers are swapped, also in a circle', async (t) => {
  const axes = (a: number, b: number, c: number) => [
    axis('a', null, a),
    axis('b', null, b),
    axis('c', null, c),
    axis('b.1', 'b', 1),
  ]
  await putAxes('swap', axes(1, 2, 3))
  t.same(await putAxes('swap', axes(2, 1, 3)), ['b< 1', 'b.1<b 1', 'a< 2', 'c< 3'])
  t.same(await putAxes('swap', axes(3, 2, 1)), ['c< 1', 'b< 2', 'b.1<b 1', 'a< 3'])
})

t.test('a parent and a child change places', async (t) => {
  await putAxes('upside', [axis('a', null, 1), axis('b', 'a', 1), axis('c', 'b', 1), axis('d', 'c', 1)])
  const turned = [axis('d', null, 1), axis('c', 'd', 1), axis('b', 'c', 1), axis('a', 'b', 1)]
  t.same(await putAxes('upside', turned), ['d< 1', 'c<d 1', 'b<c 1', 'a<b 1'])
  t.same(await putAxes('upside', [axis('b', null, 1), axis('a', 'b', 1), axis('c', 'a', 1), axis('d', 'c', 1)]), [
    'b< 1',
    'a<b 1',
    'c<a 1',
    'd<c 1',
  ])
})

t.test('what stood above may go while what stood below stays', async (t) => {
  await putAxes('lift', [axis('a', null, 1), axis('b', 'a', 1), axis('c', 'b', 1)])
  t.same(await putAxes('lift', [axis('c', null, 1), axis('new', 'c', 1)]), ['c< 1', 'new<c 1'])
})

t.test('five levels are the most', async (t) => {
  const chain = Array.from({ length: 6 }, (_, i) => axis(`${i}`, i === 0 ? null : `${i - 1}`, 1))
  t.equal((await putAxes('deep', chain.slice(0, 5))).length, 5)
  t.same(await putAxes('deep', chain), ['/axes/5/parent too-deep'])
  t.equal((await getDocument(registry, 'deep')).body.axes.length, 5)
})

t.test('an axis cannot be below itself: each of the circle is told', async (t) => {
  t.same(await putAxes('circle', [axis('a', 'a', 1)]), ['/axes/0/parent cycle'])
  const circle = [axis('a', 'c', 1), axis('b', 'a', 1), axis('c', 'b', 1), axis('d', 'c', 2)]
  t.same(await putAxes('circle', circle), ['/axes/0/parent cycle', '/axes/1/parent cycle', '/axes/2/parent cycle'])
})

t.test('a number stands once among siblings, and an unknown parent is told once', async (t) => {
  const axes = [axis('a', null, 1), axis('b', null, 1), axis('c', 'a', 1), axis('d', 'nobody', 1)]
  t.same(await putAxes('numbers', axes), ['/axes/1/number duplicate', '/axes/3/parent unknown-reference'])
})

t.test('parents may stand after their children', async (t) => {
  t.same(await putAxes('late', [axis('b', 'a', 1), axis('a', null, 1)]), ['a< 1', 'b<a 1'])
})

t.test('axes are listed by number, not as text, page by page', async (t) => {
  const axes = Array.from({ length: 12 }, (_, i) => axis(`${i + 1}`, null, i + 1))
  const answer = await put(registry, 'dozen', documentOf({ axes }))
  const numbers: unknown[] = []
  let path: string | undefined = `/v1/conventions/${answer.body.convention.id}/axes?limit=5`
  while (path) {
    const page: Awaited<ReturnType<typeof read>> = await read(registry, path)
    numbers.push(...page.body.data.map((one: Fields) => one.number))
    path = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
  }
  t.same(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
})
