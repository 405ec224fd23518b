/**
 * Many writers and readers at once: positions without a gap, nothing missed, nothing doubled, and a copy that equals
 * the registry. A seed can be given as argument; it decides what is written, not how the writers meet.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import type { Database } from '../../src/db/database.ts'
import { recomputed } from '../support/chain.ts'
import {
  type Delivered,
  differences,
  keepCopy,
  logErrors,
  type Order,
  readOn,
  type Sees,
  snapshot,
} from '../support/mirror.ts'
import { add, openTestDatabase, refusal, together, value } from '../support/rows.ts'
import { departments, randomFrom, world, write } from '../support/turmoil.ts'

const WRITERS = 12
const OPERATIONS_EACH = 60
const SNAPSHOTS = 4
const SNAPSHOT_POSITIONS = 50
const POLL_MS = 2

const seed = Number(process.argv[2] ?? Date.now() % 2 ** 31)
const db = await openTestDatabase(t, WRITERS + 6)
const made = await world(db)

let isOver = false
const logs: Record<string, Delivered[]> = {}

/** Reads until the writers are done and nothing is left. */
async function follow(name: string, order: Order, limit: number) {
  const log: Delivered[] = []
  logs[name] = log
  for (;;) {
    const wasOver = isOver
    const isMore = await readOn(db, log, order, limit)
    if (wasOver && !isMore) return
    if (!isMore) await sleep(POLL_MS)
  }
}

const [caf] = made.cafs
const [department = ''] = departments
const readers: Record<string, Sees> = {
  everybody: (scope) => scope === null || scope.isPublic,
  'one Caf': (scope) => scope?.isPublic === true && scope.caf === caf,
  'one département': (scope) => scope?.isPublic === true && scope.departments.includes(department),
}

const head = async (trx: Database = db) => Number(await value(trx, sql`select max(position) from commit`))

/** A transaction that writes first and commits once the others came far and the reader by seq passed its row. */
async function hold(onWritten: () => void): Promise<void> {
  await together(db, async (trx) => {
    await add(trx, 'organization', { name: 'written first' })
    onWritten()
    const seq = Number(await value(trx, sql`select max(seq) from change`))
    const start = await head(trx)
    const isPassed = () => (logs['by seq']?.at(-1)?.seq ?? 0) > seq
    while ((await head(trx)) <= start + WRITERS || !isPassed()) await sleep(POLL_MS)
  })
}

const takeSnapshot = () =>
  Promise.all(Object.entries(readers).map(async ([name, sees]) => ({ name, sees, ...(await snapshot(db, sees)) })))

/** Snapshots taken while the others write: one each time that they came further by so many positions. */
async function takeSnapshots(start: number) {
  const taken = []
  for (let i = 1; i < SNAPSHOTS; i++) {
    while ((await head()) < start + i * SNAPSHOT_POSITIONS) await sleep(POLL_MS)
    taken.push(...(await takeSnapshot()))
  }
  return taken
}

t.comment(`seed ${seed}`)
const start = performance.now()
const following = Promise.all([
  follow('pages of 7', 'position', 7),
  follow('pages of 1,000', 'position', 1_000),
  follow('by seq', 'seq', 7),
])
const before = await takeSnapshot()
const isWritten = Promise.withResolvers<void>()
const stalling = refusal(hold(isWritten.resolve))
await isWritten.promise
const meanwhile = takeSnapshots(await head())
await Promise.all(
  Array.from({ length: WRITERS }, (_, i) => write({ db, random: randomFrom(seed + i), world: made }, OPERATIONS_EACH)),
)
const stalled = await stalling
isOver = true
const snapshots = [...before, ...(await meanwhile)]
await following
const changes = logs['pages of 7']?.length
t.comment(`${await head()} positions, ${changes} changes in ${Math.round(performance.now() - start)} ms`)

t.test('positions have no gap and lose nothing to rollbacks', async (t) => {
  const numbers = sql`select count(*) = max(position) and min(position) = 1 and bool_and(at is not null) from commit`
  t.equal(await value(db, numbers), true)
  const late = sql`select bool_and(at > previous) from (
    select at, lag(at) over (order by position) as previous from commit) c where previous is not null`
  t.equal(await value(db, late), true)
  t.equal(await value(db, sql`select count(*) from change where body ->> 'title' = 'undone'`), '0')
})

t.test('a reader by position misses nothing and gets each row once, in order', async (t) => {
  for (const name of ['pages of 7', 'pages of 1,000']) {
    t.same((await logErrors(db, logs[name] ?? [])).slice(0, 5), [], name)
  }
  t.same(logs['pages of 7'], logs['pages of 1,000'], 'whatever the page')
})

t.test('the same check fails for a reader by seq', async (t) => {
  const errors = await logErrors(db, logs['by seq'] ?? [])
  t.ok(errors.some((error) => error.startsWith('missed')))
  t.comment(`${errors.length} errors`)
})

t.test('a long transaction stalls nobody', async (t) => {
  t.equal(stalled, undefined, `more than ${WRITERS} positions were taken while it was open`)
})

t.test('the copy that a reader keeps is the registry at each position', async (t) => {
  const log = logs['pages of 7'] ?? []
  for (const [name, sees] of Object.entries(readers)) {
    const { copy, errors } = keepCopy(log, sees)
    const { rows } = await snapshot(db, sees)
    t.same(errors.slice(0, 5), [], `${name}: each change fits what was held`)
    t.same(differences(copy, rows), [], `${name}: at the end`)
    const seen = log.filter(({ after }) => sees(after))
    t.ok(seen.length > 20, `${name} was told of ${seen.length} changes`)
  }
  for (const { name, sees, position, rows } of snapshots) {
    t.same(differences(keepCopy(log, sees, position).copy, rows), [], `${name}: at ${position}`)
  }
  t.ok(new Set(snapshots.map(({ position }) => position)).size > 1)
})

t.test('the check of copies finds a change that is left out', async (t) => {
  const sees = readers.everybody as Sees
  const log = logs['pages of 7'] ?? []
  const { rows } = await snapshot(db, sees)
  // One that is delivered once: a scope row would tell the same version again.
  const isOnce = (one: (typeof log)[number]) =>
    log.filter(({ type, id, version }) => type === one.type && id === one.id && version === one.version).length === 1
  const last = log.findLastIndex((one) => rows.has(`${one.type} ${one.id}`) && isOnce(one))
  t.not(differences(keepCopy(log.toSpliced(last, 1), sees).copy, rows).length, 0)
  const entered = log.filter(
    ({ operation, before, after }) => operation === 'scope' && before?.isPublic !== after?.isPublic,
  )
  t.not(entered.length, 0)
  const unscoped = log.filter(({ operation }) => operation !== 'scope')
  t.not(keepCopy(unscoped, sees).errors.length + differences(keepCopy(unscoped, sees).copy, rows).length, 0)
})

t.test('sites name their public conventions, whoever linked and published them at once', async (t) => {
  const wrong = sql`select count(*) from service_site s where convention_ids <> array(
    select convention_id from convention_site join convention c on c.id = convention_id
    where site_id = s.id and c.state <> 'draft' order by convention_id)`
  t.equal(await value(db, wrong), '0')
})

t.test('the chain recomputes', async (t) => {
  t.same(await recomputed(db), [])
})
