/** Cached reads through HTTP: what they ask of the database. */
import t from 'tap'
import { newWorld } from '../../support/api.ts'
import { openRegistry } from '../../support/registry.ts'
import { countStatements } from '../../support/statements.ts'

const AT_ONCE = 30

const registry = await openRegistry(t)
const { api, path } = await newWorld(registry)
for (const title of ['one', 'two', 'three']) await api.create(`${path}/axes`, { title })
const { app, count } = await countStatements(t, registry)
const url = `/v1${path}/axes`
const read = async () => (await app.inject(url)).json().data.length
// The first look knows of nothing before it.
await read()

t.test('what many ask for at once and nobody has kept is read once', async (t) => {
  const alone = await count(read)
  await api.create(`${path}/axes`, { title: 'four' })
  const together = await count(async () => {
    t.same(new Set(await Promise.all(Array.from({ length: AT_ONCE }, read))), new Set([4]))
  })
  t.ok(together < alone + AT_ONCE / 2, `${alone} alone, ${together} together`)
})

t.test('what is kept takes one look, however many ask', async (t) => {
  await read()
  t.equal(await count(read), 1)
  t.equal(await count(() => Promise.all(Array.from({ length: AT_ONCE }, read))), 1)
})

t.test('so does an answer that the client has already', async (t) => {
  const { etag = '' } = (await app.inject(url)).headers
  const again = async () => (await app.inject({ url, headers: { 'if-none-match': etag } })).statusCode
  t.equal(await count(async () => t.equal(await again(), 304)), 1)
})

t.test('a reader who may see less never gets what another one reads meanwhile', async (t) => {
  const { id } = await api.change(path, { state: 'draft' })
  const [seen, unseen] = await Promise.all([
    api.get(`/conventions/${id}/axes`),
    app.inject({ url: `/v1/conventions/${id}/axes` }),
  ])
  t.equal(seen.status, 200)
  t.equal(unseen.statusCode, 404)
})
