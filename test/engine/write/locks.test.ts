/** Locks are taken in one order: who waits for one holds none that comes after it, so no two writes wait for each other. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import t from 'tap'
import { closeDatabase, type Database, openDatabase } from '../../../src/db/database.ts'
import { newConvention, newWorld } from '../../support/api.ts'
import { documentOf, put, SOURCE } from '../../support/documents.ts'
import { type Answer, openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t, { connections: 8 })
const { api, caf } = await newWorld(registry)
const holder = openDatabase(registry.url, { connections: 1 })
const other = openDatabase(registry.url, { connections: 1 })
t.teardown(() => Promise.all([closeDatabase(holder), closeDatabase(other)]))

/** Runs a write while somebody holds a lock for which it waits; whether it left another row unlocked meanwhile. */
async function whileHeld(held: RawBuilder<unknown>, write: () => Promise<Answer>, later: RawBuilder<unknown>) {
  let answer: Promise<Answer> | undefined
  const isFree = await holder.transaction().execute(async (trx) => {
    await held.execute(trx)
    answer = write()
    let isDone = false
    const done = answer.finally(() => {
      isDone = true
    })
    done.catch(() => undefined)
    while (!isDone && !(await isWaiting())) await sleep(5)
    return later.execute(other).then(
      () => true,
      () => false,
    )
  })
  return { isFree, answer: await (answer as Promise<Answer>) }
}

async function isWaiting(): Promise<boolean> {
  const { rows } = await sql`select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(registry.db)
  return rows.length > 0
}

/** Waits until a transaction holds others up; false when the answer comes first. */
async function isInTheWay(trx: Database, answer: Promise<Answer>): Promise<boolean> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
  let isDone = false
  answer.finally(() => {
    isDone = true
  })
  while (!isDone) {
    const held = await sql`select from pg_stat_activity
      where datname = current_database() and ${rows[0]?.pid}::int = any(pg_blocking_pids(pid))`.execute(registry.db)
    if (held.rows.length > 0) return true
    await sleep(5)
  }
  return false
}

const row = (table: string, id: string, strength: string) =>
  sql`select from ${sql.table(table)} where id = ${id} for ${sql.raw(strength)}`
const sorted = (...ids: string[]) => ids.sort() as [string, string]

t.test('conventions that name each other are locked by id, whichever is written', async (t) => {
  const [low, high] = sorted((await newConvention(api, caf.id)).id, (await newConvention(api, caf.id)).id)
  for (const field of ['predecessorId', 'mergedIntoId']) {
    const naming = () => api.patch(`/conventions/${high}`, '*', { [field]: low })
    const { isFree, answer } = await whileHeld(
      row('convention', low, 'update'),
      naming,
      row('convention', high, 'update nowait'),
    )
    t.same([isFree, answer.status], [true, 200], field)
    await api.change(`/conventions/${high}`, { [field]: null })
  }
  const carried = await api.create(`/conventions/${low}/actions`, { title: 'Action' })
  const carrying = () => api.post(`/conventions/${high}/actions`, { title: 'Action', carriedFromId: carried.id })
  const { isFree, answer } = await whileHeld(
    row('convention', low, 'update'),
    carrying,
    row('convention', high, 'update nowait'),
  )
  t.same([isFree, answer.status], [true, 201], 'carriedFromId')
})

t.test('what was hidden while its publication waited locks what it names once more', async (t) => {
  const carried = await newConvention(api, caf.id)
  const action = await api.create(`/conventions/${carried.id}/actions`, { title: 'Action' })
  const carrying = await newConvention(api, caf.id)
  await api.create(`/conventions/${carrying.id}/actions`, { title: 'Action', carriedFromId: action.id })
  const met = await other.transaction().execute(async (named) => {
    await row('convention', carried.id, 'no key update').execute(named)
    const answer = await holder.transaction().execute(async (trx) => {
      await sql`update convention set state = 'draft', status = 'draft' where id = ${carrying.id}`.execute(trx)
      const publication = api.patch(`/conventions/${carrying.id}`, '*', { state: 'signed', summary: 'Publiée' })
      t.ok(await isInTheWay(trx, publication))
      return { publication }
    })
    return { ...answer, isHeldUp: await isInTheWay(named, answer.publication) }
  })
  t.ok(met.isHeldUp, 'nobody hides what it names meanwhile')
  t.equal((await met.publication).status, 200)
})

t.test('a draft goes to another Caf after the drafts that name it are locked', async (t) => {
  const to = await api.create('/organizations', { kind: 'caf', name: 'Autre Caf' })
  const project = () => api.create('/conventions', { title: 'Projet', cafId: caf.id })
  const [low, high] = sorted((await project()).id, (await project()).id)
  await api.change(`/conventions/${low}`, { predecessorId: high })
  const { isFree, answer } = await whileHeld(
    row('convention', low, 'update'),
    () => api.patch(`/conventions/${high}`, '*', { cafId: to.id }),
    row('convention', high, 'update nowait'),
  )
  t.same([isFree, answer.status], [true, 200])
  t.equal((await api.get(`/conventions/${low}`)).body.predecessorId, null)
})

t.test('two documents that name each other lock their conventions by id', async (t) => {
  const made = [await put(registry, 'one', documentOf()), await put(registry, 'two', documentOf())]
  const keys = new Map(made.map(({ body }, i) => [body.convention.id, ['one', 'two'][i] as string]))
  const [low, high] = sorted(...keys.keys())
  const naming = () => put(registry, keys.get(high) as string, documentOf({ predecessor: keys.get(low) }))
  const { isFree, answer } = await whileHeld(
    row('convention', low, 'update'),
    naming,
    row('convention', high, 'update nowait'),
  )
  t.same([isFree, answer.status], [true, 200])
})

t.test('an organization is deleted after the sources and service sites that it owns are locked', async (t) => {
  await put(registry, 'owned', documentOf(), { source: 'owned' })
  const site = await api.create('/service-sites', { name: 'Lieu' })
  const owned = [
    { set: sql`update source set organization_id =`, of: sql`where name = 'owned'`, table: sql`source` },
    { set: sql`update service_site set owner_id =`, of: sql`where id = ${site.id}`, table: sql`service_site` },
  ]
  for (const { set, of, table } of owned) {
    const { id } = await api.create('/organizations', { kind: 'ccas', name: 'CCAS' })
    await sql`${set} ${id} ${of}`.execute(registry.db)
    const { isFree, answer } = await whileHeld(
      sql`select from ${table} ${of} for no key update`,
      () => api.delete(`/organizations/${id}`),
      row('organization', id, 'key share nowait'),
    )
    t.same([isFree, answer.status], [true, 204])
  }
})

t.test('the service sites of documents are locked by id', async (t) => {
  const serviceSites = ['a', 'b'].map((key) => ({ key, name: key }))
  await put(registry, 'sites', documentOf({ serviceSites }))
  const { data } = (await api.get(`/service-sites?source=${SOURCE}`)).body
  const [low, high] = sorted(...data.map(({ id }: { id: string }) => id))
  const again = () => put(registry, 'sites', documentOf({ serviceSites: serviceSites.toReversed() }))
  const { isFree, answer } = await whileHeld(
    row('service_site', low, 'update'),
    again,
    row('service_site', high, 'update nowait'),
  )
  t.same([isFree, answer.status], [true, 200])
})
