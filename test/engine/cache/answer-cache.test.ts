/** The cache with a journal of its own making: when it keeps nothing, when it drops everything, and how much it keeps. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { type Answer, AnswerCache, type Freshness } from '../../../src/engine/cache/answer-cache.ts'
import type { Look } from '../../../src/engine/cache/freshness.ts'
import { Representation } from '../../../src/http/output/response.ts'

const KILOBYTE = 1024

/** A cache over a journal in which nothing happens; what a look finds may be set. */
function cacheOf(bytes = 64 * KILOBYTE) {
  const state = { look: { position: '1', chain: 'a', basis: '1', isStandby: false } as unknown as Look, isAway: false }
  const freshness: Freshness = {
    async look() {
      if (state.isAway) throw new Error('the database is away')
      return state.look
    },
    changedBetween: async () => [],
  }
  const cache = new AnswerCache(freshness, bytes)
  const answer = (size: number): Answer => ({
    representation: new Representation(Buffer.alloc(size, 'a'), '"1"'),
    tags: ['t'],
    audience: 'everyone',
  })
  /** Whether the answer of a key is there already; else it is read. */
  const isHit = (key: string, size = 10) =>
    new Promise<boolean>((resolve, reject) =>
      cache.find(
        key,
        true,
        () => resolve(true),
        () => void cache.fill(key, async () => answer(size)).then(() => resolve(false), reject),
      ),
    )
  return { state, cache, isHit }
}

/** The first read only has the cache look; what is read after that is kept. */
async function warm({ isHit }: ReturnType<typeof cacheOf>) {
  for (let i = 0; i < 3; i++) {
    await isHit('warm')
    await nextTurn()
  }
}

t.test('what was read is kept, but not on a standby, whose journal comes late', async (t) => {
  const main = cacheOf()
  await warm(main)
  t.equal(await main.isHit('warm'), true)
  const standby = cacheOf()
  standby.state.look = { ...standby.state.look, isStandby: true }
  await warm(standby)
  for (let i = 0; i < 3; i++) t.equal(await standby.isHit('warm'), false)
})

t.test('a look that fails empties the cache', async (t) => {
  const one = cacheOf()
  await warm(one)
  one.state.isAway = true
  t.equal(await one.isHit('warm'), false)
  t.equal(one.cache.size, 0)
})

t.test('many answers stay below the bound, and one that is larger is not kept', async (t) => {
  const one = cacheOf()
  await warm(one)
  for (let i = 0; i < 200; i++) {
    await one.isHit(`${i}`, KILOBYTE)
    t.ok(one.cache.size <= 64 * KILOBYTE)
  }
  t.ok(one.cache.size > 32 * KILOBYTE, 'it is used')
  t.equal(await one.isHit('199'), true)
  t.equal(await one.isHit('0'), false)
  await one.isHit('large', 65 * KILOBYTE)
  t.equal(await one.isHit('large', 65 * KILOBYTE), false)
})
