/** What the journal tells of visibility: when a convention's scope changes, all that is under it is told again. */
import { sql } from 'kysely'
import t from 'tap'
import type { Database } from '../../src/db/database.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import { refreshDerivedOfSites } from '../../src/engine/write/rows.ts'
import { add, change, journalOf, link, openTestDatabase, remove, together, unlink } from '../support/rows.ts'

const db = await openTestDatabase(t)
const caf = await add(db, 'organization')
const otherCaf = await add(db, 'organization')

/** A convention with one of each under it. */
async function convention(values: Row = {}) {
  const id = await add(db, 'convention', { caf_id: caf, department_codes: ['61'], ...values })
  const under = {
    amendment: await add(db, 'amendment', { convention_id: id }),
    signatory: await add(db, 'signatory', { convention_id: id, organization_id: caf }),
    axis: await add(db, 'axis', { convention_id: id }),
    action: await add(db, 'action', { convention_id: id }),
  }
  const site = await add(db, 'service_site', { commune_code: '61214' })
  await link(db, id, site)
  await refreshDerivedOfSites(db, [site])
  return { id, ...under, under: Object.values(under), site }
}

/** What the latest transaction tells: type, id, operation and version, in the order of the feed. */
async function latest(trx: Database = db) {
  const { rows } = await sql<{ type: string; id: string; operation: string; version: number }>`
    select type, id, operation, version from change where tx = (select tx from commit order by position desc limit 1)
    order by seq`.execute(trx)
  return rows
}

const lastScope = async (id: string) => {
  const { rows } = await sql<Row>`select public_before, public_after, caf_before, caf_after, departments_before,
    departments_after from scope where convention_id = ${id} order by position desc limit 1`.execute(db)
  return Object.values(rows[0] ?? {})
}

const scopes = (operation: string, ids: string[], version = 1) => ids.map((id) => ({ id, operation, version }))
const short = (rows: Awaited<ReturnType<typeof latest>>) =>
  rows.map(({ id, operation, version }) => ({ id, operation, version }))

/** Types in the order in which the journal tells them. */
const inOrder = (made: Awaited<ReturnType<typeof convention>>) => [
  made.action,
  made.amendment,
  made.axis,
  made.signatory,
]

t.test('publishing and hiding tell the rest of what is under a convention, with the version of each', async (t) => {
  const made = await convention({ state: 'draft' })
  await change(db, 'axis', made.axis, { title: 'Axe, version 2' })
  for (const [state, before, after] of [
    ['signed', false, true],
    ['draft', true, false],
  ] as const) {
    await change(db, 'convention', made.id, { state })
    const rows = await latest()
    t.match(rows[0], { id: made.id, operation: 'updated' })
    t.same(
      rows.slice(1).map(({ type, id, operation, version }) => [type, id, operation, version]),
      [
        ['action', made.action, 'scope', 1],
        ['amendment', made.amendment, 'scope', 1],
        ['axis', made.axis, 'scope', 2],
        ['signatory', made.signatory, 'scope', 1],
        ['service-site', made.site, 'scope', 1],
      ],
    )
    t.same(await lastScope(made.id), [before, after, caf, caf, ['61'], ['61']])
  }
})

t.test('another Caf and another perimeter do so too', async (t) => {
  const made = await convention()
  await change(db, 'convention', made.id, { caf_id: otherCaf })
  t.same(short(await latest()).slice(1, 5), scopes('scope', inOrder(made)))
  t.same(await lastScope(made.id), [true, true, caf, otherCaf, ['61'], ['61']])
  await change(db, 'convention', made.id, {
    territories: [{ kind: 'departement', code: '14' }],
    department_codes: ['14'],
  })
  t.same(short(await latest()).slice(1, 5), scopes('scope', inOrder(made)))
  t.same(await lastScope(made.id), [true, true, otherCaf, otherCaf, ['61'], ['14']])
  t.equal((await latest()).at(-1)?.type, 'service-site')
})

t.test('a draft that changes hands is told too: who may see drafts sees it move', async (t) => {
  const made = await convention({ state: 'draft' })
  await change(db, 'convention', made.id, { caf_id: otherCaf })
  t.equal((await latest()).length, 6)
  t.same(await lastScope(made.id), [false, false, caf, otherCaf, ['61'], ['61']])
})

t.test("what changes nobody's view tells nothing more", async (t) => {
  const made = await convention()
  await change(db, 'convention', made.id, { title: 'another', state: 'terminated' })
  t.same(short(await latest()), scopes('updated', [made.id], 2))
  await change(db, 'action', made.action, { title: 'another' })
  t.same(short(await latest()), scopes('updated', [made.action], 2))
  t.same(await lastScope(made.id), [true, true, caf, caf, ['61'], ['61']], 'a change below is in a scope too')
  await add(db, 'organization')
  const rows = await sql`select from scope where tx = (select max(tx) from commit)`.execute(db)
  t.equal(rows.rows.length, 0, 'what is under no convention is in none')
})

t.test('what the transaction wrote itself has its own row only', async (t) => {
  const made = await convention({ state: 'draft' })
  const added = await together(db, async (trx) => {
    await change(trx, 'action', made.action, { title: 'changed as well' })
    await remove(trx, 'axis', made.axis)
    await change(trx, 'convention', made.id, { state: 'signed' })
    await refreshDerivedOfSites(trx, [made.site])
    return add(trx, 'action', { convention_id: made.id })
  })
  t.same(
    (await latest()).map(({ id, operation, version }) => [id, operation, version]),
    [
      [made.action, 'updated', 2],
      [made.axis, 'deleted', 2],
      [made.id, 'updated', 2],
      [made.site, 'updated', 2],
      [added, 'created', 1],
      [made.amendment, 'scope', 1],
      [made.signatory, 'scope', 1],
    ],
  )
})

t.test('published and hidden again in one transaction has changed nothing for anybody', async (t) => {
  const made = await convention()
  await together(db, async (trx) => {
    await change(trx, 'convention', made.id, { state: 'draft' })
    await change(trx, 'convention', made.id, { state: 'signed' })
  })
  t.equal((await latest()).length, 1)
})

t.test('deleting a convention deletes what is under it; its sites are told by who settles them', async (t) => {
  const made = await convention()
  await together(db, async (trx) => {
    await remove(trx, 'convention', made.id)
    await refreshDerivedOfSites(trx, [made.site])
  })
  const rows = await latest()
  t.same(
    new Set(rows.filter(({ operation }) => operation === 'deleted').map(({ id }) => id)),
    new Set([made.id, ...made.under]),
  )
  t.same(await journalOf(db, made.site), ['created 1', 'updated 2', 'updated 3'])
  t.same(await lastScope(made.id), [true, null, caf, null, ['61'], null])
})

t.test("a new convention was nobody's before; one that appears and vanishes at once never was", async (t) => {
  const made = await convention()
  const first = await sql<Row>`select public_before, public_after from scope where convention_id = ${made.id}
    order by position limit 1`.execute(db)
  t.same(first.rows, [{ public_before: null, public_after: true }])
  const gone = await together(db, async (trx) => {
    const id = await add(trx, 'convention', { caf_id: caf })
    await remove(trx, 'convention', id)
    return id
  })
  t.same(await journalOf(db, gone), ['void 1'])
  t.same(await lastScope(gone), [null, null, null, null, null, null])
})

t.test('a site is told with each convention that it is linked to, and no longer once unlinked', async (t) => {
  const [one, two] = [await convention({ state: 'draft' }), await convention({ state: 'draft' })]
  await link(db, two.id, one.site)
  await change(db, 'convention', two.id, { state: 'signed' })
  t.same(
    new Set((await latest()).filter(({ type }) => type === 'service-site').map(({ id }) => id)),
    new Set([one.site, two.site]),
  )
  await unlink(db, two.id, one.site)
  await change(db, 'convention', two.id, { state: 'draft' })
  t.same(
    (await latest()).filter(({ type }) => type === 'service-site').map(({ id }) => id),
    [two.site],
  )
})

t.test('several conventions in one transaction each have a scope and their own rest', async (t) => {
  const [one, two] = [await convention(), await convention()]
  await together(db, async (trx) => {
    await change(trx, 'convention', one.id, { caf_id: otherCaf })
    await change(trx, 'convention', two.id, { title: 'another' })
  })
  const rows = await latest()
  t.equal(rows.length, 7)
  t.same(
    rows.filter(({ id }) => [two.id, ...two.under].includes(id)).map(({ operation }) => operation),
    ['updated'],
  )
})

t.test('the départements of a site are those of its commune and its stops', async (t) => {
  const stops = ['14118', '97411', '61214', '2A004'].map((communeCode) => ({ communeCode }))
  const site = await add(db, 'service_site', { commune_code: '61214', stops })
  const departments = async () =>
    (await sql<Row>`select department_codes from change where id = ${site} order by tx desc limit 1`.execute(db))
      .rows[0]
  t.same(await departments(), { department_codes: ['14', '2A', '61', '974'] })
  await change(db, 'service_site', site, { stops: [] })
  t.same(await departments(), { department_codes: ['61'] })
  await change(db, 'service_site', site, { commune_code: null })
  t.same(await departments(), { department_codes: [] })
})
