/** Requests that mean harm, made from the OpenAPI document: a few of them, always the same. `npm run fuzz` makes more. */
import t from 'tap'
import { loadExample } from '../src/example.ts'
import { harm } from './fuzz/rounds.ts'
import { openRegistry } from './support/registry.ts'

const NOW = '2026-03-15T12:00:00Z'
const SEED = 1
const ROUNDS = 400

t.test('requests that mean harm get an answer of the contract, and what is refused is not written', async (t) => {
  const registry = await openRegistry(t, { now: NOW })
  await loadExample(registry.db, new Date(NOW))
  const address = await registry.app.listen({ port: 0, host: '127.0.0.1' })
  const { asked, statuses, faults } = await harm(registry, address, SEED, (round) => round === ROUNDS)
  t.comment(`${asked} requests: ${JSON.stringify(statuses)}`)
  t.same(faults, [])
  t.ok(Object.keys(statuses).length > 8, 'they are of many kinds')
})
