/** A wrong clock, of a process, of the database or of the machine of both, does no lasting harm. */
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { closeDatabase, type Database, openDatabase } from '../../src/db/database.ts'
import { newFolder } from '../support/clusters.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { fakeTime } from '../support/faketime.ts'
import { createTestDatabase } from '../support/registry.ts'
import { ask, type Service, startService, until } from '../support/service.ts'

const DAY_MS = 86_400_000
const PATH = '/v1/sources/orne/conventions'

t.test('a process 40 days ahead writes by the day of the database, acts not as the clock, and says so', async (t) => {
  const url = await createTestDatabase(t)
  const env = { DATABASE_URL: url, BOOTSTRAP_ADMIN_KEY: ADMIN_KEY }
  const db = open(t, url)
  const right = await startService(t, env)
  await put(right, 'before')
  await put(right, 'due')
  right.process.kill('SIGTERM')
  await right.ended
  await sql`update convention set status = 'upcoming' where title = 'due'`.execute(db)

  const clock = await fakeTime(t, '+40d')
  const wrong = await startService(t, { ...env, ...clock.env })
  await put(wrong, 'written')
  t.same(await statuses(db), { before: 'active', due: 'upcoming', written: 'active' })
  t.match(await ask(wrong, '/health/ready'), {
    status: 200,
    body: { status: 'ready', warnings: [/3456\d\d\d seconds/] },
  })
  await until(async () => wrong.output().includes('clocks differ'))
  t.equal(wrong.output().match(/clocks differ/g)?.length, 1)

  clock.set('+0')
  await until(async () => (await statuses(db)).due === 'active')
  t.same(await statuses(db), { before: 'active', due: 'active', written: 'active' })
  await until(async () => wrong.output().includes('clocks agree'))
  t.equal(wrong.output().match(/clocks agree/g)?.length, 1)
  t.same((await ask(wrong, '/health/ready')).body, { status: 'ready', warnings: [] })
})

t.test('the clock of the machine jumps 40 days ahead and back: every status is right again by itself', async (t) => {
  const clock = await fakeTime(t)
  const env = { DATA_DIR: await newFolder(t), BOOTSTRAP_ADMIN_KEY: ADMIN_KEY }
  const service = await startService(t, { ...env, ...clock.env })
  await put(service, 'ending')
  clock.set('+40d')
  await until(async () => (await statusOf(service, 'ending')) === 'expired')
  clock.set('+0')
  await until(async () => (await statusOf(service, 'ending')) === 'active')
  service.process.kill('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test('a database 40 days ahead of its process expires nothing by itself', async (t) => {
  const clock = await fakeTime(t)
  const env = { DATA_DIR: await newFolder(t), BOOTSTRAP_ADMIN_KEY: ADMIN_KEY }
  // A server that a killed service left runs on, under the clock that it had.
  const first = await startService(t, { ...env, ...clock.env })
  await put(first, 'ending')
  first.process.kill('SIGKILL')
  await first.ended
  clock.set('+40d')
  const second = await startService(t, env)
  t.equal(await statusOf(second, 'ending'), 'active')
  t.match(await ask(second, '/health/ready'), { status: 200, body: { warnings: [/3456\d\d\d seconds/] } })
  second.process.kill('SIGTERM')
  t.equal(await second.ended, 0)
})

/** Puts a convention that ends in 20 days. */
async function put(service: Service, key: string): Promise<void> {
  const endsOn = new Date(Date.now() + 20 * DAY_MS).toISOString().slice(0, 10)
  const organization = { key: 'caf', kind: 'caf', name: "Caf de l'Orne", territory: 'departement:61' }
  const body = { title: key, state: 'signed', startsOn: '2022', endsOn, caf: 'caf', organizations: [organization] }
  const answer = await ask(service, `${PATH}/${key}`, { method: 'PUT', body })
  if (answer.status !== 201) throw new Error(JSON.stringify(answer))
}

async function statusOf(service: Service, key: string): Promise<string> {
  const { body } = await ask(service, `/v1/conventions?source=orne&sourceKey=${key}`)
  return body.data[0].status
}

async function statuses(db: Database): Promise<Record<string, string>> {
  const { rows } = await sql<{ title: string; status: string }>`select title, status from convention`.execute(db)
  return Object.fromEntries(rows.map(({ title, status }) => [title, status]))
}

function open(t: Test, url: string): Database {
  const db = openDatabase(url, { connections: 1 })
  t.teardown(() => closeDatabase(db))
  return db
}
