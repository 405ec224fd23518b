/** Retention: what is older goes, what anybody may still be answered stays, and no reader takes a gap for the whole. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import t from 'tap'
import { prune } from '../../src/changes/retention.ts'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { loadExample } from '../../src/seed.ts'
import { apiOf, newConvention, slugOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { openRegistry, serve } from '../support/registry.ts'
import { asOf, instantOf, look, pathsOf } from '../support/timeline.ts'

const key = ADMIN_KEY
const DAYS = 5
const registry = await openRegistry(t)
const { request, db } = registry
const api = apiOf(registry)
await loadExample(db, new Date('2026-03-15T12:00:00Z'))
const path = `/conventions/${exampleIds.convention}`
const axis = await api.create(`${path}/axes`, { title: 'axe' })
const gone = await api.create(`${path}/actions`, { title: 'de courte durée' })
const other = await newConvention(api, exampleIds.caf, { state: 'draft' })
const hidden = await api.create(`/conventions/${other.id}/axes`, { title: 'caché' })

/** Some of everything, over and over: versions, deletions, what is published and hidden. */
async function live(round: number) {
  await api.change(`/axes/${axis.id}`, { title: `axe ${round}` })
  await api.change(`/service-sites/${exampleIds.serviceSite}`, {
    name: `Lieu ${round}`,
    communeCode: round % 2 ? '61214' : '75056',
  })
  await api.change(`/conventions/${other.id}`, { state: round % 2 ? 'signed' : 'draft' })
  await api.change(path, { summary: `Résumé ${round}` })
  await api.put(`/conventions/${other.id}/service-sites/${exampleIds.serviceSite}`)
}

const filters = ['', '&departmentCode=61&source=pays-de-l-aigle', `&conventionId=${other.id}&cafId=${exampleIds.caf}`]

/** What follows each cursor, for everybody and for a key; another status than 200 is the answer itself. */
async function follow(cursors: string[][]): Promise<string[]> {
  const told: string[] = []
  for (const all of cursors)
    for (const [i, since] of all.entries())
      for (const who of [{}, { key }]) {
        const { status, body } = await request('GET', `/v1/changes?limit=1000&since=${since}${filters[i]}`, who)
        told.push(status === 200 ? JSON.stringify(body.data) : `${status} ${body.type}`)
      }
  return told
}

const here = () =>
  Promise.all(
    filters.map(async (filter) => (await request('GET', `/v1/changes?${filter.slice(1)}`)).body.next as string),
  )

/** Makes the transactions up to a position older than the retention. */
const age = (position: number) =>
  sql`update commit set at = at - interval '10 days' where position <= ${position}`.execute(db)

const latestRows = async () =>
  (await sql`select distinct on (type, id) * from change order by type, id, version desc, tx desc`.execute(db)).rows

const old = await here()
for (const round of [1, 2, 3, 4]) await live(round)
await api.delete(`/actions/${gone.id}`)
const horizon = (await request('GET', '/v1/changes')).body.position as number
const kept = [await here()]
for (const round of [5, 6, 7]) {
  await live(round)
  kept.push(await here())
}
await age(horizon)
const at = await instantOf(registry)
await live(8)

t.test('while nothing is pruned and no retention is set a cursor does not expire', async (t) => {
  t.equal((await request('GET', '/v1/changes')).body.expiresAt, null)
})

t.test('a cursor expires when the retention ends of what comes after it, at a full hour before', async (t) => {
  const keeping = await serve(t, registry, { config: { journalRetentionDays: DAYS } })
  const { rows } = await sql<{ at: string }>`select at from commit where position = ${horizon + 1}`.execute(db)
  const expires = (await keeping.request('GET', `/v1/changes?since=${kept[0]?.[0]}&limit=1`)).body
  t.equal(expires.position, horizon + 1)
  const first = Date.parse(rows[0]?.at as string) + DAYS * 86_400_000
  const { expiresAt } = (await keeping.request('GET', `/v1/changes?since=${kept[0]?.[0]}&limit=1000`)).body
  t.match(expiresAt, /T\d\d:00:00\.000Z$/)
  t.ok(Date.parse(expires.expiresAt) <= first + 86_400_000 && Date.parse(expires.expiresAt) > first - 3_600_000)
})

t.test('of a journal that is being pruned a reader is told the same as before, or 410', async (t) => {
  const [all, before, head] = [[[...old], ...kept], await latestRows(), await follow([...kept])]
  const whole = await follow(all)
  const commits = (await sql`select * from commit order by tx`.execute(db)).rows
  const paths = await pathsOf(registry, exampleIds.convention)
  const then = await look(registry, paths, at)
  const pruning = prune(db, DAYS, { batchRows: 5 })
  let isOver = false
  void pruning.then(() => {
    isOver = true
  })
  let answers: string[]
  do {
    answers = await follow(all)
    for (const [i, told] of answers.entries())
      if (told !== whole[i] && told !== '410 /problems/journal-pruned') t.equal(told, whole[i])
  } while (!isOver)
  const done = await pruning
  t.ok(done.rows > 15, `${done.rows} rows went`)
  t.equal(done.horizon, horizon)
  const ofOld = 2 * filters.length
  answers = await follow(all)
  t.ok(
    answers.slice(0, ofOld).every((told) => told === '410 /problems/journal-pruned'),
    'what is too old is refused',
  )
  t.same(answers.slice(ofOld), head, 'what is not is told as before')
  t.same(await latestRows(), before, 'the latest row of each resource stays')
  t.same((await sql`select * from commit order by tx`.execute(db)).rows, commits)
  t.same(await look(registry, paths, at), then, 'the past after the horizon is as before')
})

t.test('at the horizon itself all is as it was, before it is a 410 that says so', async (t) => {
  const { rows } = await sql<{ at: string; before: string }>`
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      to_char((at - interval '1 microsecond') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as before
    from commit where position = ${horizon}`.execute(db)
  const [place] = rows
  t.match((await api.get(asOf(`/axes/${axis.id}`, place?.at ?? ''))).body, { title: 'axe 4' })
  t.equal((await api.get(asOf(`/actions/${gone.id}`, place?.at ?? ''))).status, 404)
  for (const one of [
    path,
    `${path}/document`,
    `${path}/axes`,
    `/axes/${hidden.id}`,
    `/organizations/${exampleIds.caf}`,
  ]) {
    const answer = await api.get(asOf(one, place?.before ?? ''))
    t.equal(slugOf(answer), 'journal-pruned', one)
    t.match(answer.body.detail, `position ${horizon}`)
  }
  t.match(await request('GET', '/v1/changes?since=beginning'), {
    status: 410,
    body: { type: '/problems/journal-pruned' },
  })
  const stream = await fetch(`${await registry.app.listen({ port: 0 })}/v1/changes/stream?since=beginning`)
  t.match(await stream.text(), /^event: gone\ndata: \{"type":"\/problems\/journal-pruned"/)
})

t.test('the history answers what is there, and 410 below it', async (t) => {
  const read = (query: string) => api.get(`/axes/${axis.id}/history?${query}`)
  const whole = (await read('limit=200')).body
  t.same(
    whole.data.map(({ version }: { version: number }) => version),
    [9, 8, 7, 6, 5],
  )
  t.same(whole.data.at(-1), { ...whole.data.at(-1), changed: [], operation: 'updated' })
  t.equal(slugOf(await read(`limit=200&cursor=${whole.next}`)), 'journal-pruned')
  const first = (await read('limit=3')).body
  const second = (await read(`limit=3&cursor=${first.next}`)).body
  t.same([...first.data, ...second.data], whole.data)
  t.equal((await read(`limit=3&cursor=${second.next}`)).status, 410)
  t.match((await api.get(`/actions/${gone.id}/history`)).body.data, [{ operation: 'deleted', version: 2 }])
  t.match((await api.get(`/axes/${hidden.id}/history`)).body, { data: [{ version: 1 }], next: null })
  const draft = `/conventions/${other.id}/history?limit=200`
  const { next } = (await api.get(draft)).body
  t.equal((await api.get(`${draft}&cursor=${next}`)).status, 410)
  t.equal((await request('GET', `/v1${draft}&cursor=${next}`)).status, 404, 'of what is out of sight nothing is told')
})

t.test('once pruned, a cursor expires by the retention of the pruning where the service has none', async (t) => {
  t.match((await request('GET', '/v1/changes')).body.expiresAt, /T\d\d:00:00\.000Z$/)
})

t.test('pruning again does nothing; later it goes on, also after it was cut short', async (t) => {
  t.equal((await prune(db, DAYS)).rows, 0)
  const head = (await request('GET', '/v1/changes')).body
  await age(head.position)
  const broken = prune(db, DAYS, {
    batchRows: 3,
    onBatch() {
      throw new Error('cut short')
    },
  })
  await t.rejects(broken, /cut short/)
  const rest = await prune(db, DAYS)
  t.equal(rest.horizon, head.position)
  const { rows } = await sql`
    select type, id from change where operation not in ('scope', 'void') group by type, id having count(*) > 1`.execute(
    db,
  )
  t.same(rows, [], 'one row of each resource is left')
  t.same((await request('GET', `/v1/changes?since=${head.next}`)).body.data, [])
})

t.test('the horizon never moves back, also with a longer retention', async (t) => {
  const { horizon } = await prune(db, DAYS)
  t.equal((await prune(db, 30)).horizon, horizon)
})

t.test('the command prunes by the variable, and says so when it is not set', async (t) => {
  const run = (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, ['src/commands/prune.ts'], {
      env: { DATABASE_URL: registry.url, ...env },
    }).then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }) => ({ code: code as number, stderr: stderr as string }),
    )
  t.same(await run({}), {
    code: 1,
    stderr: 'ctg-registry: JOURNAL_RETENTION_DAYS is not set: the journal is kept for ever.\n',
  })
  const { code, stderr } = await run({ JOURNAL_RETENTION_DAYS: String(DAYS) })
  t.equal(code, 0)
  t.match(stderr, /^ctg-registry: 0 rows pruned: the journal is whole from position \d+ on\n$/)
})
