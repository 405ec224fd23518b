/** Cursors elsewhere: a complete dump and load keeps them, another registry refuses them, malformed ones are told. */
import { sql } from 'kysely'
import t from 'tap'
import { slugOf } from '../support/api.ts'
import { dumpAndLoad } from '../support/clusters.ts'
import { clock, cursorsOf, fill, goOn, page, write } from '../support/followers.ts'
import { createTestDatabase, openRegistry, serve } from '../support/registry.ts'

t.test('a cursor survives a complete dump and load, and what is written then comes after it', async (t) => {
  const registry = await openRegistry(t)
  const caf = await fill(registry)
  const cursors = await cursorsOf(registry)
  const url = await createTestDatabase(t)
  await dumpAndLoad(t, registry.url, url)
  const loaded = await serve(t, { url, clock })
  await goOn(t, loaded, cursors)
  const last = cursors.at(-1)?.since ?? ''
  await write(loaded, caf)
  t.ok((await page(loaded, last)).body.data.length > 0)
  t.match(await page(registry, last), { status: 200, body: { data: [] } })
  const ahead = (await page(loaded, last)).body.next
  t.equal(slugOf(await page(registry, ahead)), 'other-past', 'the dump knows nothing of what came after it')
})

t.test('a cursor of another registry is refused, and so is one of a copy that went its own way', async (t) => {
  const [one, other] = [await openRegistry(t), await openRegistry(t)]
  await fill(one)
  await fill(other)
  for (const { since } of await cursorsOf(one)) t.equal(slugOf(await page(other, since)), 'other-past')
})

t.test('a cursor within a transaction goes on, also when the journal has more rows than 32 bits count', async (t) => {
  const registry = await openRegistry(t)
  await sql`alter table change alter column seq restart with 2147483640`.execute(registry.db)
  await fill(registry)
  await goOn(t, registry, await cursorsOf(registry))
})

t.test('a cursor that is malformed or of other filters is a 400 that says how to go on', async (t) => {
  const registry = await openRegistry(t)
  await fill(registry)
  const { next } = (await page(registry, 'beginning')).body
  const forged = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url')
  for (const since of [
    'nonsense',
    forged([1, 2]),
    forged(['1', 0, '0'.repeat(16), 'x']),
    `${next}&types=axis`,
    forged(null),
  ]) {
    const answer = await page(registry, since)
    t.equal(answer.status, 400)
    t.equal(slugOf(answer), 'invalid-cursor')
    t.match(answer.body.errors, [{ parameter: 'since', code: 'invalid-cursor' }])
  }
})
