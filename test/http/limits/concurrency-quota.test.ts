/** What lasts is held by nobody for all: streams, long polls, and the arithmetic of it. */
import { once } from 'node:events'
import { type ClientRequest, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { limits } from '../../../src/config.ts'
import { quotaOf } from '../../../src/http/limits/concurrency-quota.ts'
import { apiOf, told } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { openRegistry } from '../../support/registry.ts'

t.test(
  'no caller ever holds more than his part, nor all more than the whole, and what is given back is free',
  async () => {
    const steps = fc.array(
      fc.record({ caller: fc.nat(3), amount: fc.integer({ min: 1, max: 4 }), isEnd: fc.boolean() }),
    )
    fc.assert(
      fc.property(steps, (steps) => {
        const quota = quotaOf({ what: 'things', perCaller: 4, inAll: 9, retrySeconds: 1 })
        const open: { caller: number; amount: number; leave: () => void }[] = []
        const sum = (caller?: number) =>
          open
            .filter((one) => caller === undefined || one.caller === caller)
            .reduce((total, one) => total + one.amount, 0)
        return steps.every(({ caller, amount, isEnd }) => {
          const ended = isEnd ? open.shift() : undefined
          ended?.leave()
          ended?.leave()
          const isFitting = sum(caller) + amount <= 4 && sum() + amount <= 9
          try {
            open.push({ caller, amount, leave: quota.take(String(caller), amount) })
          } catch {
            if (isFitting) return false
          }
          return sum(caller) <= 4 && sum() <= 9 && quota.held === sum()
        })
      }),
    )
  },
)

t.test('what is larger than the whole is let in alone', async (t) => {
  const quota = quotaOf({ what: 'bytes', perCaller: 4, inAll: 9, retrySeconds: 1 })
  const leave = quota.take('one', 100)
  t.throws(() => quota.take('one', 1), /You have too many bytes/)
  t.throws(() => quota.take('other', 1), /There are too many bytes/)
  leave()
  t.equal(quota.held, 0)
  quota.take('one')()
})

t.test('one caller holds so many streams and long polls, and another still gets his', async (t) => {
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
    t.equal(told(answer), '429 too-many-requests')
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

t.test('when all who may wait do so, others are served, also while a change wakes them all', async (t) => {
  const registry = await openRegistry(t)
  const { app, request } = registry
  const since = (await request('GET', '/v1/changes')).body.next
  // Not before somebody awaits it is it asked.
  const poll = async (from: number) =>
    await app.inject({ url: `/v1/changes?since=${since}&wait=30`, remoteAddress: `127.0.1.${from}` })
  const callers = limits.longPolls.inAll / limits.longPolls.perCaller
  const polls = Array.from({ length: limits.longPolls.inAll }, (_, i) => poll(1 + (i % callers)))
  while (told(await request('GET', `/v1/changes?since=${since}&wait=1`)) !== '503 overloaded') await sleep(20)
  // They are worked on until they wait.
  const read = async () => told(await request('GET', '/v1/conventions'))
  for (let tries = 0; tries < 500 && (await read()) !== '200'; tries++) await sleep(20)
  t.equal(await read(), '200')
  await apiOf(registry).create('/organizations', { kind: 'association', name: 'La Passerelle' })
  const isOver = Promise.all(polls).then(() => true)
  const answers: string[] = []
  do answers.push(await read())
  while (!(await Promise.race([isOver, sleep(5, false)])))
  t.same(new Set(answers), new Set(['200']))
  const heard = (await Promise.all(polls)).map((answer) => answer.json().data.length)
  t.same(new Set(heard), new Set([1]))
})
