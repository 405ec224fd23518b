import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { closeDatabase, type Database, openDatabase } from '../src/db/database.ts'
import { resources } from '../src/domain/resources.ts'
import type { Resource } from '../src/engine/declaration/resource.ts'
import { EXAMPLE_SOURCE, exampleId, exampleIds } from '../src/engine/example-ids.ts'
import type { Keywords } from '../src/http/schema/schemas.ts'
import { loadExample } from '../src/seed.ts'
import { createKey } from './support/keys.ts'
import { createTestDatabase, openRegistry } from './support/registry.ts'
import { startService } from './support/service.ts'

const NOW = new Date('2026-03-15T12:00:00Z')

t.test('an empty registry gets the example, with the ids that the contract shows', async (t) => {
  const { db, request } = await openRegistry(t)
  const told: string[] = []
  t.equal(await loadExample(db, NOW, (message) => told.push(message)), true)
  t.match(told, [/^loading the example/])
  const shown = Object.values<Resource>(resources).flatMap(({ type, example, declared }) => [
    { type, id: exampleId(type, example) },
    ...Object.entries(declared).flatMap(([field, { facts }]) => {
      const { items, examples } = facts.value as Keywords
      const [id] = items?.examples ?? examples ?? []
      // None of the real actions continues another.
      return facts.reference && field !== 'carriedFromId' ? [{ type: facts.reference.to, id: id as string }] : []
    }),
  ])
  t.ok(shown.length > 15)
  for (const { type, id } of shown) {
    const { status, body } = await request('GET', `/v1${resources[type].path}/${id}`)
    t.equal(status, 200, `${type} ${id}`)
    t.match(body, { id, version: 1, sources: [{ source: EXAMPLE_SOURCE }] })
  }
  const first = await request('GET', `/v1/conventions/${exampleIds.firstConvention}`)
  t.match(first.body, { status: 'expired', successorIds: [exampleIds.convention] })
  const second = await request('GET', `/v1/conventions/${exampleIds.convention}`)
  t.match(second.body, { status: 'active', predecessorId: exampleIds.firstConvention })
})

t.test('it comes in one transaction, and a second time nothing is done', async (t) => {
  const { db } = await openRegistry(t)
  await loadExample(db, NOW)
  t.same(await commits(db), [{ position: 1, actor: 'example', source: EXAMPLE_SOURCE }])
  t.equal(await loadExample(db, NOW, t.fail), false)
  t.equal((await commits(db)).length, 1)
})

t.test('a registry to which anything was ever written gets none', async (t) => {
  const { db } = await openRegistry(t)
  await createKey(db, "Caf de l'Orne")
  t.equal(await loadExample(db, NOW, t.fail), false)
})

t.test('of several processes that start at once one loads it', async (t) => {
  const url = await createTestDatabase(t)
  const pools = Array.from({ length: 4 }, () => openDatabase(url, { connections: 1 }))
  const loaded = await Promise.all(pools.map((db) => loadExample(db, NOW)))
  t.same(loaded.filter(Boolean), [true])
  t.equal((await commits(pools[0] as Database)).length, 1)
  await Promise.all(pools.map(closeDatabase))
})

t.test('a service loads it at its first start only, when it is asked to', async (t) => {
  const env = { DATABASE_URL: await createTestDatabase(t) }
  const conventions = async (LOAD_EXAMPLE: string) => {
    const service = await startService(t, { ...env, LOAD_EXAMPLE })
    let answer = await fetch(`${service.address}/v1/conventions`)
    // On a machine that has too much to do it says so, and is asked again.
    while (answer.status === 503) {
      await sleep(1_000)
      answer = await fetch(`${service.address}/v1/conventions`)
    }
    const { data } = (await answer.json()) as { data: unknown[] }
    service.process.kill('SIGTERM')
    await service.ended
    return { count: data.length, isTold: /loading the example/.test(service.errors()) }
  }
  t.same(await conventions('false'), { count: 0, isTold: false })
  t.same(await conventions('true'), { count: 2, isTold: true })
  t.same(await conventions('true'), { count: 2, isTold: false })
})

async function commits(db: Database) {
  const { rows } = await sql`select position::int, actor, source from commit order by position`.execute(db)
  return rows
}
