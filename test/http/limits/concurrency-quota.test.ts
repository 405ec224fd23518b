/** What lasts is held by nobody for all: streams, long polls, and the arithmetic of it. */
import { once } from 'node:events'
import { type ClientRequest, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { limits } from '../../../src/config.ts'
import { quotaOf } from '../../../src/http/limits/concurrency-quota.ts'
import { apiOf, outcomeOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { openRegistry } from '../../support/registry.ts'

t.test(
  'no caller ever has more than its part, nor all of a kind more than the total, and what is released is free',
  async () => {
    const steps = fc.array(
      fc.record({ id: fc.nat(3), hasKey: fc.boolean(), amount: fc.integer({ min: 1, max: 4 }), isEnd: fc.boolean() }),
    )
    fc.assert(
      fc.property(steps, (steps) => {
        const quota = quotaOf({ label: 'things', perCaller: 4, total: 9, retrySeconds: 1 })
        const open: { id: number; hasKey: boolean; amount: number; release: () => void }[] = []
        const sum = (hasKey: boolean, id?: number) =>
          open
            .filter((one) => one.hasKey === hasKey && (id === undefined || one.id === id))
            .reduce((total, one) => total + one.amount, 0)
        return steps.every(({ id, hasKey, amount, isEnd }) => {
          const ended = isEnd ? open.shift() : undefined
          ended?.release()
          ended?.release()
          const fits = sum(hasKey, id) + amount <= 4 && sum(hasKey) + amount <= 9
          try {
            open.push({ id, hasKey, amount, release: quota.take({ id: String(id), hasKey }, amount) })
          } catch {
            if (fits) return false
          }
          return sum(hasKey, id) <= 4 && sum(hasKey) <= 9 && quota.inUse === sum(true) + sum(false)
        })
      }),
    )
  },
)

t.test('what is larger than the total is let in alone', (t) => {
  const quota = quotaOf({ label: 'bytes', perCaller: 4, total: 9, retrySeconds: 1 })
  const [one, other] = [
    { id: 'one', hasKey: false },
    { id: 'other', hasKey: false },
  ]
  const release = quota.take(one, 100)
  t.throws(() => quota.take(one, 1), /You have too many bytes/)
  t.throws(() => quota.take(other, 1), /There are too many bytes/)
  quota.take({ id: 'other', hasKey: true })()
  release()
  t.equal(quota.inUse, 0)
  quota.take(one)()
  t.end()
})

t.test('a lease grows, and is released as one', (t) => {
  const quota = quotaOf({ label: 'bytes', perCaller: 4, total: 9, retrySeconds: 1 })
  const lease = quota.lease({ id: 'one', hasKey: true })
  lease.add(3)
  lease.add(1)
  t.throws(() => lease.add(1), /You have too many bytes/)
  t.equal(quota.inUse, 4)
  lease.release()
  lease.add(1)
  lease.release()
  t.equal(quota.inUse, 0)
  t.end()
})

t.test('no caller gets more than a quarter of any quota', async (t) => {
  const quotas = Object.entries(limits).flatMap(([name, limit]) =>
    typeof limit === 'object' && 'perCaller' in limit ? [{ name, ...limit }] : [],
  )
  t.ok(quotas.length >= 8)
  for (const { name, perCaller, total } of quotas) t.ok(perCaller * 4 <= total, name)
})

t.test('a caller may have so many streams and long polls at once, and another still gets theirs', async (t) => {
  const { app, request } = await openRegistry(t)
  const { port } = new URL(await app.listen({ port: 0 }))
  const asked: ClientRequest[] = []
  /** Asks over a connection of its own and leaves the answer unread; its status. */
  const open = async (path: string, headers = {}): Promise<number | undefined> => {
    const one = get({ port, path, headers, agent: false })
    asked.push(one)
    const [answer] = await once(one, 'response')
    return answer.statusCode
  }
  const poll = `/v1/changes?since=${(await request('GET', '/v1/changes')).body.next}&wait=`
  const refused = async (path: string, words: string) => {
    const answer = await request('GET', path)
    t.equal(outcomeOf(answer), '429 too-many-requests')
    t.match(answer.body.detail, words)
    t.ok(Number(answer.headers['retry-after']) > 0)
  }
  const key = { authorization: `Bearer ${ADMIN_KEY}` }

  await Promise.all(Array.from({ length: limits.streams.perCaller }, () => open('/v1/changes/stream')))
  await refused('/v1/changes/stream', 'streams')
  t.equal(await open('/v1/changes/stream', key), 200, 'a key is another caller')

  const polls = Array.from({ length: limits.longPolls.perCaller + 1 }, () => open(`${poll}30`))
  for (const one of polls) one.catch(() => undefined)
  t.equal(await Promise.race(polls), 429, 'one more than may wait')
  await refused(`${poll}1`, 'waiting requests')
  t.equal(await open(`${poll}1`, key), 200)

  for (const one of asked) one.destroy()
  while ((await request('GET', `${poll}1`)).status !== 200) await sleep(20)
  t.equal((await request('GET', `${poll}0`)).status, 200)
})

/** So many polls are begun at once that no other limit refuses them. */
const STEP = 50

t.test('when all who may wait do so, others are served, also while a change wakes them all', async (t) => {
  const registry = await openRegistry(t)
  const { app, request } = registry
  const since = (await request('GET', '/v1/changes')).body.next
  // A request of `inject` begins when somebody awaits it.
  const { perCaller, total } = limits.longPolls
  const polls: Promise<LightMyRequestResponse>[] = []
  let cameAgain = 0
  for (let count = 0; count < total; count += STEP) {
    const remoteAddress = `127.0.${1 + Math.floor(count / perCaller)}.1`
    const poll = () => app.inject({ url: `/v1/changes?since=${since}&wait=30`, remoteAddress })
    polls.push(...Array.from({ length: STEP }, () => firstChanges(poll, () => (cameAgain += 1))))
    // One that comes after them and does not wait is answered when they wait.
    while ((await app.inject({ url: `/v1/changes?since=${since}`, remoteAddress })).statusCode !== 200) await sleep(20)
  }
  while (outcomeOf(await request('GET', `/v1/changes?since=${since}&wait=1`)) !== '503 overloaded') await sleep(20)
  // A busy machine may leave the process short of time: that is another 503, of which this test says nothing.
  const read = async () => {
    for (;;) {
      const answer = await request('GET', '/v1/conventions')
      if (!answer.body.detail?.includes('more to do than it can')) return outcomeOf(answer)
      await sleep(100)
    }
  }
  while ((await read()) !== '200') await sleep(20)
  cameAgain = 0
  await apiOf(registry).create('/organizations', { kind: 'association', name: 'La Passerelle' })
  const isOver = Promise.all(polls).then(() => true)
  const answers: string[] = []
  do answers.push(await read())
  while (!(await Promise.race([isOver, sleep(5, false)])))
  // A poll that comes again is a request like others: on a busy machine hundreds may have waited in vain by now.
  if (cameAgain === 0) t.same(new Set(answers), new Set(['200']))
  else t.comment(`${cameAgain} polls came again meanwhile: nothing can be said of the others`)
  const heard = (await Promise.all(polls)).map((answer) => [answer.statusCode, answer.json().data?.length])
  t.same(new Set(heard.map(String)), new Set(['200,1']))
})

/** The first answer with changes: a poll that is refused a place, or has waited in vain, comes again. */
async function firstChanges(
  poll: () => Promise<LightMyRequestResponse>,
  onAgain: () => void,
): Promise<LightMyRequestResponse> {
  for (;;) {
    const answer = await poll()
    const isRefused = answer.statusCode === 429 || answer.statusCode === 503
    const isInVain = answer.statusCode === 200 && answer.json().data.length === 0
    if (!isRefused && !isInVain) return answer
    onAgain()
    // Those who come again at once would keep the process too busy to give anybody a place.
    await sleep(500)
  }
}
