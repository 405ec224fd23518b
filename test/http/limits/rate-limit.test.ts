/** What a caller may ask for in a minute: the arithmetic by its properties, the rest through HTTP. */
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { limits } from '../../../src/config.ts'
import { networkOf } from '../../../src/http/limits/client-network.ts'
import { buckets, WINDOW_MS } from '../../../src/http/limits/gcra.ts'
import { ttlMap } from '../../../src/http/limits/ttl-map.ts'
import { outcomeOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { createKey } from '../../support/keys.ts'
import { type Answer, openRegistry } from '../../support/registry.ts'

const walks = fc.record({
  size: fc.integer({ min: 1, max: 10_000 }),
  steps: fc.array(fc.record({ afterMs: fc.nat(90_000), cost: fc.nat(700) }), { maxLength: 200 }),
})

t.test(
  'in no time is more granted than a full bucket and what flowed in meanwhile, and nobody waits too long',
  async () => {
    fc.assert(
      fc.property(walks, ({ size, steps }) => {
        const counted = buckets(size, 10)
        let now = 0
        const granted: { at: number; cost: number }[] = []
        for (const { afterMs, cost } of steps) {
          now += afterMs
          const { isAllowed, left, retryInMs, fullInMs } = counted.take('x', cost, now)
          const paid = Math.min(cost, size)
          if (isAllowed) granted.push({ at: now, cost: paid })
          for (const { at: from } of granted) {
            const sum = granted.filter(({ at }) => at >= from).reduce((total, one) => total + one.cost, 0)
            if (sum > size * (1 + (now - from) / WINDOW_MS) + 1e-3) return false
          }
          if (left < 0 || left > size || fullInMs > WINDOW_MS + 1e-3 || retryInMs > WINDOW_MS) return false
          if (isAllowed) continue
          if (left >= paid) return false
          // What it was told to wait for is enough.
          now += retryInMs
          if (!counted.take('x', cost, now).isAllowed) return false
          granted.push({ at: now, cost: paid })
        }
        return true
      }),
    )
  },
)

t.test('who asks evenly for what flows in is never refused; one does not take from another', async (t) => {
  const counted = buckets(60, 10)
  for (let i = 0; i < 60; i++) t.ok(counted.take('greedy', 1, 0).isAllowed)
  t.match(counted.take('greedy', 1, 0), { isAllowed: false, left: 0, fullInMs: WINDOW_MS, retryInMs: 1_000 })
  for (let second = 1; second <= 300; second++) {
    if (!counted.take('greedy', 1, second * 1_000).isAllowed) t.fail(`second ${second}`)
    if (!counted.take('other', 1, second * 1_000).isAllowed) t.fail(`other, second ${second}`)
  }
  t.match(counted.take('greedy', 1, 300_000), { isAllowed: false })
  t.match(counted.take('other', 10, 300_000), { isAllowed: true })
})

t.test('a memory forgets what nobody wrote for three spans, nothing younger than one, and is bounded', async () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(150), key: fc.nat(20) }), { maxLength: 300 })
  fc.assert(
    fc.property(steps, (steps) => {
      const kept = ttlMap<number>(100, 1_000)
      const written = new Map<number, number>()
      let now = 0
      return steps.every(({ afterMs, key }) => {
        now += afterMs
        const at = written.get(key)
        const found = kept.get(String(key), now)
        kept.set(String(key), now, now)
        written.set(key, now)
        if (found !== undefined && found !== at) return false
        return at === undefined || (now - at <= 100 ? found === at : now - at < 300 || found === undefined)
      })
    }),
  )
  const small = ttlMap<number>(1_000_000, 100)
  for (let i = 0; i < 10_000; i++) small.set(String(i), i, 0)
  const found = Array.from({ length: 10_000 }, (_, i) => small.get(String(i), 0)).filter((one) => one !== undefined)
  t.ok(found.length <= 200 && found.length >= 100, `${found.length} kept`)
})

t.test('an address of IPv4 is one client however it is written, one of IPv6 its network of 64 bits', async (t) => {
  for (const same of [
    '192.0.2.1',
    '::ffff:192.0.2.1',
    '::ffff:c000:201',
    '::FFFF:C000:0201',
    '0:0:0:0:0:ffff:c000:201',
  ])
    t.equal(networkOf(same), '192.0.2.1', same)
  t.equal(networkOf(''), '')
  t.equal(networkOf('2001:db8:0:1:2:3:4:5'), '2001:db8:0:1::/64')
  t.equal(networkOf('2001:0DB8::1:ffff:ffff:ffff:ffff'), networkOf('2001:db8:0:1::'))
  t.not(networkOf('2001:db8:0:1::1'), networkOf('2001:db8:0:2::1'))
  t.equal(networkOf('::1'), '0:0:0:0::/64')
  t.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64')
  t.equal(networkOf('64:ff9b::192.0.2.1'), '64:ff9b:0:0::/64')
})

t.test('every answer says what is left; beyond it comes a 429 that says when to come again', async (t) => {
  const { request, clock } = await limited(t, 3)
  const first = await request('GET', '/v1/conventions')
  t.equal(first.headers['ratelimit-policy'], '"address";q=3;w=60')
  t.equal(first.headers.ratelimit, '"address";r=2;t=20')
  t.equal(
    (await request('GET', '/v1/nowhere')).headers.ratelimit,
    undefined,
    'a path that leads nowhere is not counted',
  )
  t.equal((await request('GET', '/')).headers.ratelimit, '"address";r=1;t=40')
  t.match(await request('HEAD', '/v1/axes'), { status: 200, headers: { ratelimit: /^"address";r=0;t=60$/ } })
  const refused = await request('GET', '/v1/conventions')
  t.equal(outcomeOf(refused), '429 too-many-requests')
  t.match(refused.headers, { ratelimit: /^"address";r=0;t=/, 'retry-after': '20', 'cache-control': 'no-store' })
  for (const path of ['/health/live', '/health/ready']) {
    const { status, headers } = await request('GET', path)
    t.same([status, headers.ratelimit], [200, undefined], 'health is exempt')
  }
  clock.set('2026-03-15T12:00:19Z')
  t.equal((await request('GET', '/v1/conventions')).status, 429)
  clock.set('2026-03-15T12:00:20Z')
  t.equal((await request('GET', '/v1/conventions')).status, 200, 'after the time that it was told')
})

t.test('a 429 comes after 404, 405 and 414, and before 401, 406, 415 and 400', async (t) => {
  const { request } = await limited(t, 1)
  await request('GET', '/v1/conventions')
  const answers: [status: number, answer: Answer][] = [
    [404, await request('GET', '/v1/nowhere')],
    [405, await request('PUT', '/v1/conventions')],
    [414, await request('GET', `/v1/conventions?q=${'x'.repeat(9_000)}`)],
    [429, await request('POST', '/v1/conventions', { body: {} })],
    [429, await request('GET', '/v1/conventions', { key: 'wrong' })],
    [429, await request('GET', '/v1/conventions', { headers: { accept: 'image/png' } })],
    [429, await request('POST', '/v1/conventions', { body: 'x', headers: { 'content-type': 'text/plain' } })],
    [429, await request('GET', '/v1/conventions?limit=x')],
  ]
  t.same(
    answers.map(([, { status }]) => status),
    answers.map(([status]) => status),
  )
})

t.test('work that is more than a read costs more', async (t) => {
  const { request } = await limited(t, 10_000)
  const { write, large, document, fullScan: everything } = limits.costs
  let left = 10_000
  const spent = async (cost: number, ...asked: Parameters<typeof request>) => {
    left -= cost
    t.match((await request(...asked)).headers.ratelimit, `r=${left};`, `${asked[0]} ${asked[1]}`)
  }
  await spent(write, 'POST', '/v1/conventions', { body: {} })
  await spent(large, 'GET', '/v1/changes')
  await spent(document, 'PUT', '/v1/sources/a/conventions/b', { body: {} })
  await spent(everything, 'GET', '/v1/digest')
  await spent(everything, 'HEAD', '/v1/snapshot')
})

t.test('a key is counted for itself, wherever it comes from, and has ten times as much', async (t) => {
  const { request, db } = await limited(t, 2)
  const { secret } = await createKey(db, 'One')
  const other = await createKey(db, 'Other')
  const [one, two] = [await request('GET', '/v1/axes', { key: secret }), await request('GET', '/v1/axes')]
  t.match(one.headers, { ratelimit: '"key";r=19;t=3', 'ratelimit-policy': '"key";q=20;w=60' })
  t.match(two.headers, { ratelimit: '"address";r=1;t=30' })
  t.match((await request('GET', '/v1/axes', { key: other.secret })).headers, { ratelimit: '"key";r=19;t=3' })
  while ((await request('GET', '/v1/axes')).status !== 429);
  t.equal((await request('GET', '/v1/axes', { key: secret })).status, 200, 'the address is used up, the key is not')
  while ((await request('GET', '/v1/axes', { key: secret })).status !== 429);
  t.equal((await request('GET', '/v1/axes', { key: other.secret })).status, 200)
})

t.test('who guesses keys is stopped soon, without the database being asked', async (t) => {
  const { request, db } = await limited(t, 250)
  const guess = (i: number) => request('GET', '/v1/axes', { key: `ctg_${String(i).padEnd(43, 'x')}` })
  t.same([(await guess(1)).status, (await guess(2)).status, (await guess(3)).status], [401, 401, 429])
  while ((await request('GET', '/v1/axes')).status !== 429);
  // Who looked a key up now would meet a defect.
  await sql`alter table api_key rename to hidden`.execute(db)
  t.same([(await guess(4)).status, (await guess(5)).status], [429, 429])
  t.equal((await request('GET', '/v1/axes', { headers: { authorization: 'Basic eDp5' } })).status, 429)
})

t.test('with a limit of 0 nothing is counted and nothing said', async (t) => {
  const { request } = await limited(t, 0)
  const { status, headers } = await request('GET', '/v1/conventions', { key: ADMIN_KEY })
  t.same([status, headers.ratelimit, headers['ratelimit-policy']], [200, undefined, undefined])
})

t.test('an address that a client names is believed only when a trusted proxy passes it on', async (t) => {
  const left = async (app: FastifyInstance, forwarded: string, remoteAddress = '127.0.0.1') => {
    const headers = { 'x-forwarded-for': forwarded }
    const answer = await app.inject({ url: '/v1/vocabularies', headers, remoteAddress })
    return Number(/r=(\d+)/.exec(String(answer.headers.ratelimit))?.[1])
  }
  const direct = await limited(t, 5)
  t.equal(await left(direct.app, '203.0.113.1'), 4)
  t.equal(await left(direct.app, '203.0.113.2'), 3, 'without a proxy the header is nothing')
  const behind = await openRegistry(t, { config: { rateLimit: 5, trustProxy: ['127.0.0.0/8', '10.0.0.0/8'] } })
  t.equal(await left(behind.app, '203.0.113.1'), 4)
  t.equal(await left(behind.app, '198.51.100.7, 203.0.113.1'), 3, 'what stands left of the last untrusted is invented')
  t.equal(await left(behind.app, '203.0.113.1, 10.1.2.3'), 2, 'a second proxy of ours is passed over')
  t.equal(await left(behind.app, '203.0.113.2'), 4)
  t.equal(await left(behind.app, '203.0.113.2', '203.0.113.1'), 1, 'who is no proxy speaks for himself')
  t.equal(await left(behind.app, '2001:db8::1'), 4)
  t.equal(await left(behind.app, '2001:db8::2'), 3, 'one network of IPv6')
  t.equal(await left(behind.app, 'nonsense'), 4, 'the proxy itself is counted')
  t.equal(await left(behind.app, 'other nonsense'), 3)
})

const limited = (t: Test, rateLimit: number) => openRegistry(t, { config: { rateLimit } })
