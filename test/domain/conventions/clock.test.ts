import { execFile } from 'node:child_process'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { limits } from '../../../src/config.ts'
import { closeDatabase, type Database, openDatabase } from '../../../src/db/database.ts'
import { advanceStatuses, startClock } from '../../../src/domain/conventions/clock.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { openRegistry, type Registry } from '../../support/registry.ts'
import { childEnvironment } from '../../support/service.ts'

const PUT_AT = '2026-03-15T12:00:00Z'
const WHILE_ACTIVE = { state: 'signed', startsOn: '2022' }

/** The first instant of a day in Europe/Paris, and what a convention with these fields is before it and from it on. */
const changes: [instant: string, fields: Record<string, string>, before: string, after: string][] = [
  ['2026-03-28T23:00:00Z', { ...WHILE_ACTIVE, endsOn: '2026-03-28' }, 'active', 'expired'],
  ['2026-03-29T22:00:00Z', { ...WHILE_ACTIVE, endsOn: '2026-03-29' }, 'active', 'expired'],
  ['2026-06-30T22:00:00Z', { ...WHILE_ACTIVE, state: 'terminated', terminatedOn: '2026-06' }, 'active', 'terminated'],
  ['2026-10-24T22:00:00Z', { ...WHILE_ACTIVE, endsOn: '2026-10-24' }, 'active', 'expired'],
  ['2026-10-25T23:00:00Z', { ...WHILE_ACTIVE, endsOn: '2026-10-25' }, 'active', 'expired'],
  ['2026-12-31T23:00:00Z', { ...WHILE_ACTIVE, endsOn: '2026' }, 'active', 'expired'],
  ['2026-12-31T23:00:00Z', { state: 'signed', startsOn: '2027', endsOn: '2030' }, 'upcoming', 'active'],
  ['2027-02-28T23:00:00Z', { ...WHILE_ACTIVE, endsOn: '2027-02' }, 'active', 'expired'],
  ['2028-02-28T23:00:00Z', { state: 'signed', startsOn: '2028-02-29' }, 'upcoming', 'active'],
  ['2028-02-29T23:00:00Z', { ...WHILE_ACTIVE, endsOn: '2028-02' }, 'active', 'expired'],
]

const justBefore = (instant: string) => new Date(Date.parse(instant) - 1)

t.test('a status changes at midnight in Europe/Paris, with one new version', async (t) => {
  const { db, request } = await openRegistry(t, { now: PUT_AT })
  for (const [i, [, fields]] of changes.entries()) await put(t, request, `c${i}`, fields)
  for (const instant of new Set(changes.map(([at]) => at))) {
    const due = changes.flatMap((change, i) => (change[0] === instant ? [{ change, key: `c${i}` }] : []))
    t.equal(await advanceStatuses(db, justBefore(instant)), 0, `nothing before ${instant}`)
    for (const { key, change } of due) t.match(await get(request, key), { status: change[2], version: 1 })
    t.equal(await advanceStatuses(db, new Date(instant)), due.length)
    for (const { key, change } of due) t.match(await get(request, key), { status: change[3], version: 2 })
    t.equal(await advanceStatuses(db, new Date(instant)), 0, 'and once')
  }
  const { rows } = await sql<{ changes: number; ids: number }>`
    select count(*)::int as changes, count(distinct id)::int as ids from change c join commit using (tx)
    where actor = 'clock' and type = 'convention' and operation = 'updated' and version = 2`.execute(db)
  t.same(rows, [{ changes: changes.length, ids: changes.length }], 'the journal says that it was the clock')
})

t.test('a process that was away makes up for all that it missed, in one version', async (t) => {
  const { db, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'short', { state: 'signed', startsOn: '2026-04', endsOn: '2026-05' })
  t.match(await get(request, 'short'), { status: 'upcoming', version: 1 })
  t.equal(await advanceStatuses(db, new Date('2027-01-01T12:00:00Z')), 1)
  t.match(await get(request, 'short'), { status: 'expired', version: 2 })
})

t.test('what a wrong clock wrote is put right, whatever it skipped', async (t) => {
  const { db, request } = await openRegistry(t, { now: PUT_AT })
  const fields: Record<string, Record<string, string>> = {
    upcoming: { state: 'signed', startsOn: '2026-04', endsOn: '2026-05' },
    active: { ...WHILE_ACTIVE, endsOn: '2026' },
    expired: { ...WHILE_ACTIVE, endsOn: '2025' },
    terminated: { ...WHILE_ACTIVE, state: 'terminated', terminatedOn: '2025' },
  }
  for (const [status, body] of Object.entries(fields)) await put(t, request, status, body)
  const now = new Date(PUT_AT)
  for (const wrong of ['2190-01-01T12:00:00Z', '1990-01-01T12:00:00Z', '2026-04-15T12:00:00Z']) {
    t.ok((await advanceStatuses(db, new Date(wrong))) > 0)
    await advanceStatuses(db, now)
    for (const status of Object.keys(fields)) t.match(await get(request, status), { status }, wrong)
    t.equal(await advanceStatuses(db, now), 0)
  }
})

t.test('at midnight a process does not undo what another did whose clock is a little ahead', async (t) => {
  const { db, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'ending', { ...WHILE_ACTIVE, endsOn: '2026' })
  const midnight = '2026-12-31T23:00:00Z'
  t.equal(await advanceStatuses(db, new Date(midnight)), 1)
  t.equal(await advanceStatuses(db, justBefore(midnight)), 0)
  t.match(await get(request, 'ending'), { status: 'expired', version: 2 })
})

t.test('when nothing is due nothing is written; drafts and open ends are never due', async (t) => {
  const { db, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'draft', { state: 'draft', startsOn: '2020', endsOn: '2030' })
  await put(t, request, 'open', { state: 'signed', startsOn: '2020' })
  const before = await commits(db)
  t.equal(await advanceStatuses(db, new Date('2190-01-01T12:00:00Z')), 0)
  t.equal(await commits(db), before)
})

t.test('it takes any number of conventions, a batch at a time', async (t) => {
  const { db, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'first', { ...WHILE_ACTIVE, endsOn: '2026' })
  await copyConventions(db, 449)
  const before = await commits(db)
  t.equal(await advanceStatuses(db, new Date('2027-01-01T12:00:00Z')), 450)
  t.equal((await commits(db)) - before, 3)
  t.same(await versions(db), [{ status: 'expired', version: 2, count: 450 }])
})

t.test('many at once, in several processes too, give one version', async (t) => {
  const { db, url, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'first', { ...WHILE_ACTIVE, endsOn: '2026' })
  await copyConventions(db, 249)
  const now = '2027-01-01T12:00:00Z'
  const here = Array.from({ length: 4 }, () => advanceStatuses(db, new Date(now)))
  const counts = await Promise.all([advanceElsewhere(url, now), advanceElsewhere(url, now), ...here])
  t.equal(
    counts.flat().reduce<number>((sum, one) => sum + Number(one), 0),
    250,
  )
  t.same(await versions(db), [{ status: 'expired', version: 2, count: 250 }])
})

t.test('it waits for nobody: a convention that is being written comes next time', async (t) => {
  const { db, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'busy', { ...WHILE_ACTIVE, endsOn: '2026' })
  await put(t, request, 'idle', { ...WHILE_ACTIVE, endsOn: '2026' })
  const now = new Date('2027-01-01T12:00:00Z')
  const { id } = await get(request, 'busy')
  await db.transaction().execute(async (trx) => {
    await sql`select from convention where id = ${id} for update`.execute(trx)
    t.equal(await advanceStatuses(db, now), 1)
  })
  t.match(await get(request, 'idle'), { status: 'expired' })
  t.match(await get(request, 'busy'), { status: 'active' })
  t.equal(await advanceStatuses(db, now), 1)
  t.match(await get(request, 'busy'), { status: 'expired', version: 2 })
})

t.test('the day is that of Europe/Paris, whatever the time zone of the process', async (t) => {
  for (const zone of ['UTC', 'Europe/Paris', 'Pacific/Kiritimati', 'America/New_York']) {
    const { url, request } = await openRegistry(t, { now: PUT_AT })
    await put(t, request, 'summer', { ...WHILE_ACTIVE, endsOn: '2026-06' })
    await put(t, request, 'winter', { ...WHILE_ACTIVE, endsOn: '2026' })
    const midnights = ['2026-06-30T22:00:00Z', '2026-12-31T23:00:00Z']
    const instants = midnights.flatMap((instant) => [justBefore(instant).toISOString(), instant])
    t.same(await advanceElsewhere(url, instants.join(), zone), [0, 1, 0, 1], zone)
  }
})

t.test('it looks at once when the service starts, and ends at once', async (t) => {
  const { db, clock, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'first', { ...WHILE_ACTIVE, endsOn: '2026' })
  clock.set('2027-01-01T12:00:00Z')
  const stop = await startClock(db, clock, pino({ level: 'silent' }))
  t.match(await get(request, 'first'), { status: 'expired' })
  let hasEnded = false
  const ended = stop().then(() => {
    hasEnded = true
  })
  await nextTurn()
  t.ok(hasEnded, 'it does not wait for the next look')
  await ended
})

t.test('while the clocks differ it changes nothing and says so once; readiness warns and stays 200', async (t) => {
  const { db, clock, request } = await openRegistry(t, { now: PUT_AT })
  await put(t, request, 'first', { ...WHILE_ACTIVE, endsOn: '2026' })
  clock.set('2027-01-01T12:00:00Z')
  const lines = new PassThrough({ encoding: 'utf8' })
  for (const [skewMs, warning] of [
    [limits.clockSkewMs + 1, /60 seconds ahead of/],
    [-90_000, /90 seconds behind/],
  ] as const) {
    clock.setSkew(skewMs)
    await (await startClock(db, clock, pino(lines)))()
    t.match(lines.read(), /the clocks differ/)
    t.match(await get(request, 'first'), { status: 'active' })
    t.match(await request('GET', '/health/ready'), { status: 200, body: { status: 'ready', warnings: [warning] } })
  }
  clock.setSkew(-limits.clockSkewMs)
  await (await startClock(db, clock, pino(lines)))()
  t.notMatch(lines.read(), /differ/)
  t.match(await get(request, 'first'), { status: 'expired' })
  t.same((await request('GET', '/health/ready')).body, { status: 'ready', warnings: [] })
})

t.test('an error is logged and not fatal', async (t) => {
  const db = openDatabase('postgres://nobody@127.0.0.1:1/nothing')
  const lines = new PassThrough({ encoding: 'utf8' })
  const stop = await startClock(db, { now: () => new Date(PUT_AT), skewMs: () => 0 }, pino(lines))
  t.match(lines.read(), /the statuses were not advanced/)
  await stop()
  await closeDatabase(db)
})

/** A convention of the Orne under a key of the source `orne`. */
async function put(t: Test, request: Registry['request'], key: string, fields: Record<string, string>) {
  const body = {
    title: `Convention ${key}`,
    caf: 'caf-orne',
    organizations: [{ key: 'caf-orne', kind: 'caf', name: "Caf de l'Orne", territory: 'departement:61' }],
    ...fields,
  }
  const { status, text } = await request('PUT', `/v1/sources/orne/conventions/${key}`, { body, key: ADMIN_KEY })
  t.equal(status, 201, text)
}

async function get(request: Registry['request'], sourceKey: string) {
  const { body } = await request('GET', `/v1/conventions?source=orne&sourceKey=${sourceKey}`, { key: ADMIN_KEY })
  return body.data[0]
}

/** More conventions like the one that there is. */
async function copyConventions(db: Database, count: number) {
  await sql`insert into convention (title, state, starts_on, ends_on, period, caf_id, status, status_due)
    select title, state, starts_on, ends_on, period, caf_id, status, status_due
    from convention, generate_series(1, ${count}::int)`.execute(db)
}

async function commits(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from commit`.execute(db)
  return rows[0]?.count ?? 0
}

async function versions(db: Database) {
  const { rows } = await sql`
    select status, version, count(*)::int as count from convention group by status, version`.execute(db)
  return rows
}

const root = path.join(import.meta.dirname, '../../../src')

/** Advances the statuses in a process of its own, at some instants separated by commas; how many were due at each. */
async function advanceElsewhere(url: string, instants: string, zone = 'UTC'): Promise<number[]> {
  const code = `
    const { advanceStatuses } = await import('${root}/domain/conventions/clock.ts')
    const { openDatabase, closeDatabase } = await import('${root}/db/database.ts')
    const db = openDatabase('${url}', { connections: 1 })
    const counts = []
    for (const instant of '${instants}'.split(',')) counts.push(await advanceStatuses(db, new Date(instant)))
    await closeDatabase(db)
    console.log(JSON.stringify(counts))`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...childEnvironment, TZ: zone },
  })
  return JSON.parse((await run).stdout)
}
