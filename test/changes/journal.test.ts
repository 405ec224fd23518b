/** The journal of one writer: versions, operations, what makes a commit and what does not, and the chain's recipe. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import t from 'tap'
import type { Database } from '../../src/db/database.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { recomputed } from '../support/chain.ts'
import {
  add,
  change,
  column,
  journalOf,
  link,
  nobody,
  openTestDatabase,
  refusal,
  remove,
  row,
  type Table,
  together,
  value,
} from '../support/rows.ts'

/** Of the tests that count nothing but their own. */
const db = await openTestDatabase(t)
const commits = () => value(db, sql`select count(*) from commit`)
const version = async (table: Table, id: string) => (await row(db, table, id))?.version

t.test('a version for each transaction that changes a row, however often it is written in it', async (t) => {
  const id = await add(db, 'organization')
  t.equal(await version('organization', id), 1)
  await together(db, async (trx) => {
    for (const name of ['first', 'second', 'third']) await change(trx, 'organization', id, { name })
  })
  t.equal(await version('organization', id), 2)
  await change(db, 'organization', id, { name: 'fourth' })
  await remove(db, 'organization', id)
  t.same(await journalOf(db, id), ['created 1', 'updated 2', 'updated 3', 'deleted 4'])
  const names = sql`select body ->> 'name' from change where id = ${id} order by seq`
  t.same(
    await column(db, names),
    ['Caf', 'third', 'fourth', 'fourth'],
    'the body is that of the end of the transaction',
  )
})

t.test('what a writer gives as version, instants or transaction counts for nothing', async (t) => {
  const forged = { version: 7, tx: 99, created_at: '2001-01-01', updated_at: '2001-01-01' }
  const id = await add(db, 'organization', forged)
  const created = await row(db, 'organization', id)
  t.equal(created?.version, 1)
  t.match(created?.created_at, /^20[2-9]/)
  await change(db, 'organization', id, { ...forged, name: 'changed' })
  t.match(await row(db, 'organization', id), { version: 2, created_at: created?.created_at, name: 'changed' })
})

t.test('an update that changes nothing makes no version, no instant, no journal row and no commit', async (t) => {
  const caf = await add(db, 'organization')
  const convention = await add(db, 'convention', { caf_id: caf, territories: [{ kind: 'epci', code: '200068468' }] })
  const action = await add(db, 'action', { convention_id: convention, code: '1.2', funding: [{ funderId: caf }] })
  const site = await add(db, 'service_site', { commune_code: '61214' })
  const before = [await commits(), await row(db, 'convention', convention), await row(db, 'action', action)]
  // Generated columns are among the hidden ones: here they would differ, for they are null in the trigger.
  await change(db, 'organization', caf, { name: 'Caf', territory: null })
  await change(db, 'convention', convention, { title: 'Convention' })
  await change(db, 'action', action, { title: 'Action', code: '1.2' })
  await change(db, 'service_site', site, { name: 'Lieu' })
  t.same([await commits(), await row(db, 'convention', convention), await row(db, 'action', action)], before)
})

t.test('hidden columns changed alone make none either; beside others they are journaled', async (t) => {
  const convention = await add(db, 'convention', { caf_id: await add(db, 'organization') })
  const axis = await add(db, 'axis', { convention_id: convention })
  const child = await add(db, 'axis', { convention_id: convention, parent_id: axis, parent_path: [1] })
  const before = await commits()
  await change(db, 'convention', convention, { department_codes: ['61'], status_due: '2030-01-01' })
  t.same([await commits(), await version('convention', convention)], [before, 1])
  t.match(await row(db, 'convention', convention), { department_codes: ['61'], status_due: '2030-01-01' })
  await change(db, 'axis', axis, { number: 2 })
  t.match(await row(db, 'axis', child), { parent_path: [2], path: [2, 1], version: 1 }, 'a renumbered parent cascades')
  await together(db, async (trx) => {
    await change(trx, 'convention', convention, { title: 'Other' })
    await change(trx, 'convention', convention, { department_codes: ['14', '61'] })
  })
  const last = sql`select department_codes from change where id = ${convention} order by seq desc limit 1`
  t.same(await value(db, last), ['14', '61'])
})

t.test('hidden columns are in no journaled body, and every other column is', async (t) => {
  const convention = await add(db, 'convention', { caf_id: await add(db, 'organization') })
  await add(db, 'amendment', { convention_id: convention })
  await add(db, 'signatory', { convention_id: convention, organization_id: await add(db, 'organization') })
  await add(db, 'axis', { convention_id: convention })
  await add(db, 'action', { convention_id: convention })
  await add(db, 'service_site')
  const { rows } = await sql<{ type: string; wrong: string[] }>`
    select j.type, array(
      select column_name::text from information_schema.columns where table_schema = 'public' and table_name = j.name
        and (column_name = any(j.hidden)) = (c.body ? column_name::text)) as wrong
    from journaled j join lateral (select body from change where type = j.type limit 1) c on true order by 1`.execute(
    db,
  )
  t.equal(rows.length, 7)
  for (const { type, wrong } of rows) t.same(wrong, [], type)
  const ofKeys = ['tx', 'hash', 'former_hash', 'last_used_at']
  t.same(await value(db, sql`select hidden from journaled where type = 'key'`), ofKeys, 'nor the hashes of a key')
})

t.test('created and changed is created; created and deleted is void; changed and deleted is deleted', async (t) => {
  const [kept, gone] = await together(db, async (trx) => {
    const kept = await add(trx, 'organization')
    await change(trx, 'organization', kept, { name: 'changed' })
    const gone = await add(trx, 'organization')
    await change(trx, 'organization', gone, { name: 'changed' })
    await remove(trx, 'organization', gone)
    return [kept, gone] as const
  })
  t.same([await journalOf(db, kept), await journalOf(db, gone)], [['created 1'], ['void 1']])
  await together(db, async (trx) => {
    await change(trx, 'organization', kept, { name: 'again' })
    await remove(trx, 'organization', kept)
  })
  t.same(await journalOf(db, kept), ['created 1', 'deleted 2'])
})

t.test('a deleted convention takes all with it, each with a deletion of its own; its sites stay', async (t) => {
  const caf = await add(db, 'organization')
  const convention_id = await add(db, 'convention', { caf_id: caf })
  const site = await add(db, 'service_site')
  await link(db, convention_id, site)
  const amendment_id = await add(db, 'amendment', { convention_id })
  const signing = { convention_id, organization_id: caf, amendment_id, exit_amendment_id: amendment_id }
  const axis = await add(db, 'axis', { convention_id })
  const parts = [
    amendment_id,
    await add(db, 'signatory', signing),
    axis,
    await add(db, 'axis', { convention_id, parent_id: axis, parent_path: [1] }),
    await add(db, 'action', { convention_id, axis_ids: [axis], partner_ids: [caf], service_site_ids: [site] }),
  ]
  parts.push(await add(db, 'action', { convention_id, carried_from_id: parts.at(-1) }))
  await remove(db, 'convention', convention_id)
  for (const id of [convention_id, ...parts]) t.same(await journalOf(db, id), ['created 1', 'deleted 2'])
  t.same(await journalOf(db, site), ['created 1'])
  t.equal(
    await value(
      db,
      sql`select count(distinct tx) from change where operation = 'deleted' and convention_id = ${convention_id}`,
    ),
    '1',
  )
})

t.test('what is rolled back leaves nothing, wholly or to a savepoint', async (t) => {
  const db = await openTestDatabase(t)
  const failed = together(db, async (trx) => {
    await add(trx, 'organization')
    throw new Error('enough')
  })
  await t.rejects(failed, /enough/)
  const id = await together(db, async (trx) => {
    await sql`savepoint here`.execute(trx)
    await add(trx, 'organization')
    await sql`rollback to savepoint here`.execute(trx)
    return add(trx, 'organization')
  })
  t.same(await column(db, sql`select position::int from commit`), [1])
  t.same(await column(db, sql`select id from change`), [id])
})

t.test('a journaled table and the journal refuse to be truncated', async (t) => {
  const tables = await column(db, sql`select name from journaled union all values ('commit'), ('change'), ('scope')`)
  t.equal(tables.length, 11)
  for (const name of tables) {
    const refused = await refusal(sql`truncate ${sql.table(String(name))} cascade`.execute(db))
    t.equal(refused?.code, '0A000', String(name))
  }
})

t.test('no other isolation level can write, and every level can read', async (t) => {
  for (const level of ['repeatable read', 'serializable'] as const) {
    const write = db
      .transaction()
      .setIsolationLevel(level)
      .execute(async (trx) => {
        t.type(await value(trx, sql`select count(*) from organization`), 'string')
        await add(trx, 'organization')
      })
    t.equal((await refusal(write))?.code, '25000', level)
  }
})

t.test('a session cannot switch the triggers off by playing the replica', async (t) => {
  const id = await together(db, async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx)
    return add(trx, 'organization')
  })
  t.same(await journalOf(db, id), ['created 1'])
  t.ok(await value(db, sql`select position from commit join change using (tx) where id = ${id}`))
})

t.test('after a position was taken early, by constraints set immediate, nothing more is written', async (t) => {
  const write = (after: (trx: Database, id: string) => Promise<unknown>) =>
    together(db, async (trx) => {
      const id = await add(trx, 'organization')
      await sql`set constraints all immediate`.execute(trx)
      await after(trx, id)
    })
  await write((trx, id) => change(trx, 'organization', id, { name: 'Caf' }))
  t.equal((await refusal(write((trx, id) => change(trx, 'organization', id, { name: 'other' }))))?.code, '25000')
  t.equal((await refusal(write((trx, id) => remove(trx, 'organization', id))))?.code, '25000')
  t.equal((await refusal(write((trx) => add(trx, 'service_site'))))?.code, '25000')
})

t.test('a commit says who, when and in which order; its chain recomputes', async (t) => {
  const db = await openTestDatabase(t)
  const origin = { actor: 'Ève "l\'éditrice"', requestId: randomUUID(), source: 'caf-61' }
  await inTransaction(db, origin, (trx) => add(trx, 'organization', { name: 'Ville de L’Aigle\n\u{1F3E1}' }))
  await add(db, 'service_site', { latitude: 48.7634, longitude: 1e-7, description: 'a "b" \\ c' })
  await inTransaction(db, nobody, async (trx) => remove(trx, 'organization', await add(trx, 'organization')))
  const { rows } = await sql`select position, actor, request_id, source from commit order by position`.execute(db)
  const none = { actor: null, request_id: null, source: null }
  const first = { position: '1', actor: origin.actor, request_id: origin.requestId, source: origin.source }
  t.same(rows, [first, { position: '2', ...none }, { position: '3', ...none }])
  const late = sql`select bool_and(at > previous) from (select at, lag(at) over (order by position) as previous from commit)`
  t.equal(await value(db, late), true)
  t.same(await recomputed(db), [], 'as it was written')
  for (const rewrite of [
    sql`update change set body = body || '{"name": "another"}' where type = 'organization'`,
    sql`update change set version = 2 where type = 'service-site'`,
    sql`update commit set actor = null where position = 1`,
    sql`update commit set at = at + interval '1 microsecond' where position = 2`,
    sql`delete from change where type = 'service-site'`,
  ]) {
    await db.transaction().execute(async (trx) => {
      await rewrite.execute(trx)
      t.not((await recomputed(trx)).length, 0, 'no past is rewritten unseen')
      await sql`rollback`.execute(trx)
    })
  }
})

t.test('an instant is later than the one before even when the clock goes back', async (t) => {
  const db = await openTestDatabase(t)
  await add(db, 'organization')
  await sql`update commit set at = '2100-01-01T00:00:00Z'`.execute(db)
  await add(db, 'organization')
  const last = sql`select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') from commit where position = 2`
  t.equal(await value(db, last), '2100-01-01 00:00:00.000001')
})
