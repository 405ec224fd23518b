/** Behaviour of `asOf`: which instants it takes, its entity tags, its pages, both times at once. */
import { sql } from 'kysely'
import t from 'tap'
import { resourceTypes } from '../../../src/engine/resource-types.ts'
import { errorsOf, newConvention, newWorld, slugOf } from '../../support/api.ts'
import { createKey } from '../../support/keys.ts'
import { openRegistry } from '../../support/registry.ts'
import { asOf, instantOf } from '../../support/timeline.ts'

const registry = await openRegistry(t)
const { request } = registry
const world = await newWorld(registry)
const { api, caf, path } = world
const born = await instantOf(registry)

t.test('an instant is one of RFC 3339 that has come: all else is a 400 that names asOf', async (t) => {
  for (const wrong of ['2020-02-01', '2020-02-01T10:00:00', '2020-02-30T10:00:00Z', 'yesterday', '1580511600'])
    for (const one of [path, `${path}/document`, `${path}/axes`])
      t.same(errorsOf(await api.get(asOf(one, wrong))), ['asOf invalid-date-time'], `${one} ${wrong}`)
  const answer = await api.get(asOf(path, '2199-01-01T00:00:00Z'))
  t.equal(slugOf(answer), 'invalid-parameter')
  t.same(errorsOf(answer), ['asOf future'])
})

t.test('before it was there a thing is not found, and neither is what is under it', async (t) => {
  for (const one of [path, `${path}/document`, `${path}/signatories`, `/organizations/${caf.id}`]) {
    const { status, body } = await api.get(asOf(one, '2020-02-01T00:00:00Z'))
    t.equal(status, 404, one)
    t.match(body.detail, /^There was no (convention|organization) \S+ at 2020-02-01T00:00:00Z\.$/)
  }
})

t.test('an offset is part of an instant, and more digits than microseconds are cut off', async (t) => {
  const [, day = '', time = ''] = /^(.*)T(.*)Z$/.exec(born) ?? []
  const later = new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 3_600_000).toISOString().slice(0, 10)
  t.equal((await api.get(asOf(path, `${born.slice(0, -1)}999Z`))).status, 200)
  t.equal((await api.get(asOf(path, `${day}T${time}-00:00`))).status, 200)
  t.equal((await api.get(asOf(path, `${later}T${time}%2B24:00`))).status, 400)
  t.equal((await api.get(asOf(path, `${day}T${time}%2B23:59`))).status, 404, 'a day before')
})

t.test('the tag is strong and that of the version, and 304 and HEAD know it', async (t) => {
  const at = await instantOf(registry)
  const before = await request('GET', `/v1${path}`)
  await api.change(path, { summary: 'Une phrase.' })
  const then = await request('GET', asOf(`/v1${path}`, at))
  t.equal(then.text, before.text)
  const tag = then.headers.etag as string
  t.equal(tag, before.headers.etag)
  const headers = { 'if-none-match': tag }
  t.equal((await request('GET', asOf(`/v1${path}`, at), { headers })).status, 304)
  t.equal((await request('HEAD', asOf(`/v1${path}`, at))).headers.etag, tag)
  t.equal((await api.patch(path, tag, { summary: null })).status, 412, 'an old version is no longer the current one')
  const now = await request('GET', asOf(`/v1${path}`, await instantOf(registry)))
  t.equal((await api.patch(path, now.headers.etag as string, { summary: null })).status, 200)
  const list = await request('GET', asOf(`/v1${path}/axes`, at))
  t.equal(
    (await request('GET', asOf(`/v1${path}/axes`, at), { headers: { 'if-none-match': list.headers.etag as string } }))
      .status,
    304,
  )
})

t.test('who was bound on a day as it was known on another', async (t) => {
  const { api, path } = await newWorld(registry, { startsOn: '2018', endsOn: '2021' })
  const rai = await api.create('/organizations', { kind: 'commune', name: 'Rai' })
  const amendment = await api.create(`${path}/amendments`, { kinds: ['add-signatory'], effectiveOn: '2020-03' })
  await api.create(`${path}/signatories`, { organizationId: rai.id, amendmentId: amendment.id })
  const unknown = await instantOf(registry)
  await api.change(`/amendments/${amendment.id}`, { effectiveOn: '2020-01' })
  const known = await instantOf(registry)
  await api.change(path, { endsOn: '2020-01-31' })
  const ended = await instantOf(registry)
  const bound = async (day: string, at: string) =>
    (await request('GET', asOf(`/v1${path}/signatories?validOn=${day}&count=true`, at))).body.count
  t.equal(await bound('2020-02-01', unknown), 0)
  t.equal(await bound('2020-02-01', known), 1)
  t.equal(await bound('2020-02-01', ended), 0)
  t.equal(await bound('2020-03-01', unknown), 1)
})

t.test('a page of the past goes on in the past, and nowhere else', async (t) => {
  for (const title of ['a', 'b', 'c']) await api.create(`${path}/axes`, { title })
  const at = await instantOf(registry)
  await api.create(`${path}/axes`, { title: 'd' })
  const first = await request('GET', asOf(`/v1${path}/axes?limit=2&count=true`, at))
  t.equal(first.body.count, 3)
  const [, link = ''] = /^<(.*?)>; rel="next"/.exec(first.headers.link ?? '') ?? []
  const second = await request('GET', link)
  t.same(
    [...first.body.data, ...second.body.data].map(({ title }) => title),
    ['a', 'b', 'c'],
  )
  t.equal(second.body.next, null)
  t.equal(slugOf(await api.get(`${path}/axes?limit=2&cursor=${first.body.next}`)), 'invalid-cursor')
})

t.test('what is included is as it was then, and nothing that is a draft now', async (t) => {
  const before = await newConvention(api, caf.id, { title: 'Avant' })
  const after = await newConvention(api, caf.id, { predecessorId: before.id })
  const at = await instantOf(registry)
  const read = async (key?: string) => {
    const url = asOf(`/v1/conventions/${after.id}?include=predecessor,caf`, at)
    return (await request('GET', url, key ? { key } : {})).body
  }
  t.match(await read(), { predecessor: { title: 'Avant' }, caf: { name: "Caf de l'Orne" } })
  await api.change(`/organizations/${caf.id}`, { name: 'Caf' })
  await api.change(`/conventions/${after.id}`, { predecessorId: null })
  await api.change(`/conventions/${before.id}`, { state: 'draft', title: 'Brouillon' })
  t.match(await read(), { predecessor: null, caf: { name: "Caf de l'Orne" } })
  t.match((await api.get(asOf(`/conventions/${after.id}?include=predecessor`, at))).body, {
    predecessor: { title: 'Avant' },
  })
})

t.test('a draft that was deleted is not found by everybody, one that was public when it went is', async (t) => {
  for (const [state, status] of [
    ['draft', 404],
    ['signed', 200],
  ] as const) {
    const gone = await newConvention(api, caf.id)
    const axis = await api.create(`/conventions/${gone.id}/axes`, { title: 'axe' })
    const at = await instantOf(registry)
    await api.change(`/conventions/${gone.id}`, { state })
    await api.delete(`/conventions/${gone.id}`)
    for (const one of [`/conventions/${gone.id}`, `/conventions/${gone.id}/axes`, `/axes/${axis.id}`]) {
      t.equal((await request('GET', asOf(`/v1${one}`, at))).status, status, `${state} ${one}`)
      t.equal((await api.get(asOf(one, at))).status, 200)
    }
  }
})

t.test('a Caf sees the past of its own drafts, and nothing of what another one kept or keeps to itself', async (t) => {
  const other = await api.create('/organizations', { kind: 'caf', name: 'Caf du Calvados' })
  const readerOf = async (organizationId: string) =>
    (await createKey(registry.db, 'reader', { role: 'reader', organizationId })).secret
  const [one, two] = [await readerOf(caf.id), await readerOf(other.id)]
  const made = await newConvention(api, caf.id, { state: 'draft' })
  const then = asOf(`/v1/conventions/${made.id}/axes`, await instantOf(registry))
  const handedOver = async () => asOf(`/v1/conventions/${made.id}/axes`, await instantOf(registry))
  const seen = async (url: string) =>
    Promise.all([one, two, undefined].map(async (key) => (await request('GET', url, key ? { key } : {})).status))
  t.same(await seen(then), [200, 404, 404])
  await api.change(`/conventions/${made.id}`, { cafId: other.id })
  t.same(await seen(then), [404, 404, 404], 'the first one no longer sees it, the second one did not see it then')
  t.same(await seen(await handedOver()), [404, 200, 404])
  await api.change(`/conventions/${made.id}`, { state: 'signed' })
  t.same(await seen(then), [200, 404, 404], 'public now: whoever might have seen it then')
})

t.test('an instant at which somebody was committing is answered once that is done, and always alike', async (t) => {
  const done = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<void>()
  const writing = registry.db.transaction().execute(async (trx) => {
    await sql`update convention set summary = 'en cours' where id = ${world.convention.id}`.execute(trx)
    // As COMMIT does: the position and its instant are taken, and nobody sees them yet.
    await sql`set constraints all immediate`.execute(trx)
    taken.resolve()
    await done.promise
  })
  await taken.promise
  const at = await instantOf(registry)
  const answer = request('GET', asOf(`/v1${path}`, at))
  await Promise.race([answer, somebodyWaits()])
  done.resolve()
  await writing
  t.equal((await answer).body.summary, 'en cours')
  t.equal((await request('GET', asOf(`/v1${path}`, at))).text, (await answer).text)
})

/** Until a session of this database waits for the lock under which positions are taken. */
async function somebodyWaits(): Promise<void> {
  for (let waiting = 0; waiting === 0; ) {
    const { rows } = await sql<{ waiting: number }>`select count(*)::integer as waiting from pg_locks
      where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`.execute(
      registry.db,
    )
    waiting = rows[0]?.waiting ?? 0
  }
}

t.test('a resource has the same columns in the past as now', async (t) => {
  const { rows } = await sql<{ name: string; same: boolean }>`
    with columns as (select c.oid, n.nspname, c.relname, array_agg(row(a.attname, a.atttypid, a.atttypmod, a.attcollation)::text order by a.attnum) as all
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
      where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v') group by c.oid, n.nspname, c.relname)
    select j.name, now.all = back.all as same from journaled j
      left join columns now on now.nspname = 'public' and now.relname = j.name
      left join columns back on back.nspname = 'past' and back.relname = j.name
    where j.type <> 'key'`.execute(registry.db)
  t.equal(rows.length, resourceTypes.length)
  for (const { name, same } of rows) t.ok(same, name)
})
