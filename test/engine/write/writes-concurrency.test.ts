/** Many writers at once: no update is lost, nobody waits for ever, and a killed connection is a 503 or a success. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { closeDatabase, openDatabase } from '../../../src/db/database.ts'
import { type Api, apiOf, type Created, newConvention, newWorld, outcomeOf, slugOf } from '../../support/api.ts'
import { brokenRules } from '../../support/invariants.ts'
import { type Answer, openRegistry, serve } from '../../support/registry.ts'
import { randomFrom } from '../../support/turmoil.ts'

const registry = await openRegistry(t, { connections: 16 })
const { api, caf, convention, path } = await newWorld(registry)
const second = await serve(t, registry, { connections: 16 })
const both = [api, apiOf(second)]
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const app = (i: number) => both[i % both.length] as Api
const countOf = (answers: Answer[]) => {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[outcomeOf(answer)] = (counts[outcomeOf(answer)] ?? 0) + 1
  return counts
}

/** Asks again, as `Retry-After` says, until it is told: who waits too long for a connection gets a 503. */
async function insist(write: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await write()
    if (outcomeOf(answer) !== '503 unavailable') return answer
  }
}

/** Somebody holds a convention for longer than anybody waits, while all the rest goes on. */
async function waitForLock() {
  const holder = openDatabase(registry.url, { connections: 1 })
  t.teardown(() => closeDatabase(holder))
  const waiter = apiOf(await serve(t, registry))
  const { id } = await newConvention(api, caf.id)
  const own = `/conventions/${id}`
  const answers = await holder.transaction().execute(async (trx) => {
    await sql`select from convention where id = ${id} for update`.execute(trx)
    return Promise.all([
      waiter.patch(own, '*', { title: 'X' }),
      waiter.post(`${own}/axes`, { title: 'X' }),
      waiter.delete(own),
    ])
  })
  return answers
}
const waited = waitForLock()

/** Over two processes, of which each gives one caller a hundred requests at once. */
const WRITERS = 180

t.test('many writers on one resource: each acknowledged change is one version, the rest are 412', async (t) => {
  for (let version = 1; version <= 3; version++) {
    const answers = await Promise.all(
      times(WRITERS, (i) => insist(() => app(i).patch(path, version, { title: `${version}.${i}` }))),
    )
    t.same(countOf(answers), { 200: 1, '412 precondition-failed': WRITERS - 1 })
    const winner = answers.find(({ status }) => status === 200)
    const { body } = await api.get(path)
    t.same([body.version, body.title], [version + 1, winner?.body.title])
    for (const { status, headers } of answers) if (status === 412) t.equal(headers.etag, `"${version + 1}"`)
  }
})

t.test('sixteen clients over two processes append to one field: every acknowledged one is there once', async (t) => {
  const { id } = await api.create(`${path}/actions`, { title: 'Action' })
  /** By the version that each was told of. */
  const acknowledged: string[] = []
  const append = async (one: Api, text: string) => {
    for (;;) {
      const { body, headers } = await one.get(`/actions/${id}`)
      const reviews = [...body.reviews, { year: 2023, text }]
      const answer = await one.patch(`/actions/${id}`, headers.etag ?? '', { reviews })
      if (answer.status === 200) {
        acknowledged[answer.body.version - 2] = text
        return
      }
      if (answer.status !== 412 && !['busy', 'unavailable'].includes(String(slugOf(answer))))
        throw new Error(answer.text)
    }
  }
  await Promise.all(
    times(16, async (i) => {
      for (let n = 0; n < 2; n++) await append(app(i), `${i}.${n}`)
    }),
  )
  const { body } = await api.get(`/actions/${id}`)
  t.same(
    body.reviews.map(({ text }: Created) => text),
    acknowledged,
  )
  t.equal(body.version, 1 + 32)
})

/** Every kind of write, each on a convention that others write in too. */
function kindsOf(
  one: Api,
  site: Created,
  axis: Created,
  action: Created,
): Record<string, (i: number) => Promise<Answer>> {
  const number = () => ({ title: `A${Math.random()}` })
  return {
    'creates a convention': (i) =>
      one.post('/conventions', { title: `C${i}`, cafId: caf.id, predecessorId: convention.id }),
    'changes one': (i) => one.patch(path, '*', { title: `C${i}` }),
    'publishes and hides': (i) => one.patch(path, '*', { state: i % 2 ? 'draft' : 'signed' }),
    'creates an organization': (i) => one.post('/organizations', { kind: 'ccas', name: `O${i}` }),
    'changes an organization': (i) => one.patch(`/organizations/${caf.id}`, '*', { name: `O${i}` }),
    'creates an amendment and deletes it': (i) =>
      making(one, `${path}/amendments`, { kinds: ['other'], summary: `${i}` }),
    'creates an axis and deletes it': () => making(one, `${path}/axes`, number()),
    'renames an axis': () => one.patch(`/axes/${axis.id}`, '*', number()),
    'creates an action and deletes it': () =>
      making(one, `${path}/actions`, { ...number(), leadId: caf.id, axisIds: [axis.id] }),
    'changes an action': (i) =>
      one.patch(`/actions/${action.id}`, '*', {
        progress: i,
        partnerIds: [caf.id],
        funding: [{ year: 2023, funderId: caf.id }],
      }),
    'binds an organization': async (i) =>
      one.post(`${path}/signatories`, { organizationId: caf.id, startsOn: '2022', endsOn: `${2023 + (i % 3)}` }),
    'changes a site': (i) => one.patch(`/service-sites/${site.id}`, '*', { name: `L${i}`, managerId: caf.id }),
    'links and unlinks': (i) =>
      i % 2 ? one.put(`${path}/service-sites/${site.id}`) : one.delete(`${path}/service-sites/${site.id}`),
  }
}

async function making(one: Api, list: string, body: object): Promise<Answer> {
  const made = await one.post(list, body)
  return made.status === 201 ? one.delete(`/${list.split('/').at(-1)}/${made.body.id}`) : made
}

async function parts() {
  const site = await api.create('/service-sites', { name: 'Lieu' })
  const axis = await api.create(`${path}/axes`, { title: 'Axe' })
  const action = await api.create(`${path}/actions`, { title: 'Action' })
  return [site, axis, action] as const
}

const settled = (answer: Answer) => answer.status < 300 || [409, 422].includes(answer.status) || answer.status === 503

t.test('two connections and fifty writes of each kind: no deadlock, no defect', async (t) => {
  const small = apiOf(await serve(t, registry, { connections: 2 }))
  for (const [kind, write] of Object.entries(kindsOf(small, ...(await parts())))) {
    const answers = await Promise.all(times(50, write))
    t.same(countOf(answers.filter((answer) => !settled(answer))), {}, kind)
    t.ok(
      answers.some(({ status }) => status < 300),
      kind,
    )
  }
  const kinds = Object.values(kindsOf(small, ...(await parts())))
  const mixed = await Promise.all(times(100, (i) => kinds[i % kinds.length]?.(i) as Promise<Answer>))
  t.same(countOf(mixed.filter((answer) => !settled(answer))), {}, 'all kinds at once')
})

t.test('a convention is published while one that its action continues is hidden: only one of the two is', async (t) => {
  const before = await newConvention(api, caf.id)
  const after = await newConvention(api, caf.id, { state: 'draft' })
  const carried = await api.create(`/conventions/${before.id}/actions`, { title: 'Action' })
  await api.create(`/conventions/${after.id}/actions`, { title: 'Action', carriedFromId: carried.id })
  const state = (one: Api, { id }: Created, value: string) => one.patch(`/conventions/${id}`, '*', { state: value })
  for (let i = 0; i < 20; i++) {
    const answers = await Promise.all([state(app(i), after, 'signed'), state(app(i + 1), before, 'draft')])
    t.equal(answers.filter(({ status }) => status === 200).length, 1, answers.map(outcomeOf).join(', '))
    t.same(await state(api, before, 'signed').then(outcomeOf), '200')
    t.same(await state(api, after, 'draft').then(outcomeOf), '200')
  }
})

t.test('who waits for a lock is told within the time for it', async (t) => {
  const answers = await waited
  for (const answer of answers) {
    // A process that is too busy to notice in time gives up by itself; by the time of a handler it would not be known.
    t.ok(['409 busy', '503 unavailable'].includes(outcomeOf(answer)), outcomeOf(answer))
    t.equal(answer.headers['retry-after'], '1')
  }
})

const KILLS = 200

t.test('backends killed in the middle of writes: the process lives, what was acknowledged is there', async (t) => {
  const owner = openDatabase(registry.url, { connections: 1 })
  t.teardown(() => closeDatabase(owner))
  const random = randomFrom(7)
  /** By the version that each was told of. */
  const acknowledged: string[] = []
  const answers: Answer[] = []
  const list = `/conventions/${(await newConvention(api, caf.id)).id}/actions`
  let isOver = false
  const writer = async (i: number) => {
    for (let n = 0; !isOver; n++) {
      const title = `${i}.${n}`
      const answer = await app(i).post(list, { title, leadId: caf.id })
      answers.push(answer)
      if (answer.status === 201) acknowledged.push(title)
    }
  }
  const others: Answer[] = []
  const kinds = Object.values(kindsOf(api, ...(await parts())))
  const meddler = async (i: number) => {
    for (let n = i; !isOver; n++) others.push((await kinds[n % kinds.length]?.(n)) as Answer)
  }
  const writers = [...times(6, writer), ...times(3, meddler)]
  for (let kills = 0; kills < KILLS; ) {
    const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`.execute(owner)
    const victim = rows[Math.floor(random() * rows.length)]
    if (victim) await sql`select pg_terminate_backend(${victim.pid})`.execute(owner)
    if (victim) kills++
    await sleep(random() * 10)
  }
  isOver = true
  await Promise.all(writers)
  const strange = answers.filter(
    (answer) => !['201', '503 unavailable', '503 outcome-unknown'].includes(outcomeOf(answer)),
  )
  t.same(countOf([...strange, ...others.filter((answer) => !settled(answer))]), {})
  for (const { status, headers } of answers)
    if (status === 503 && !headers['retry-after']) t.fail('a 503 without Retry-After')
  const { rows } = await sql<{
    title: string
  }>`select title from action where convention_id = ${list.split('/')[2]}`.execute(owner)
  const stored = rows.map(({ title }) => title)
  t.same(
    acknowledged.filter((title) => !stored.includes(title)),
    [],
    'acknowledged and lost',
  )
  t.equal(new Set(stored).size, stored.length, 'none twice')
  t.ok(acknowledged.length > 0 && answers.length > acknowledged.length, `${acknowledged.length} of ${answers.length}`)
  const unknown = answers.filter((answer) => slugOf(answer) === 'outcome-unknown').length
  t.ok(stored.length - acknowledged.length <= unknown, 'an unavailable changed nothing')
  t.equal((await api.post(list, { title: 'Après' })).status, 201)
})

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})
