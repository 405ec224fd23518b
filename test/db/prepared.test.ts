/** Prepared statements: each connection has those that it used last, however many texts optional filters make. */
import { type RawBuilder, sql } from 'kysely'
import t from 'tap'
import { limits } from '../../src/config.ts'
import { openTestDatabase, refusal, together, value } from '../support/rows.ts'

const COMBINATIONS = 2_000
const db = await openTestDatabase(t, 1)

const columns = [
  'title',
  'state',
  'caf_id',
  'version',
  'starts_on',
  'ends_on',
  'from_day',
  'to_day',
  'signed_on',
  'id',
  'predecessor_id',
]
const conditions = columns.map((column) => sql`${sql.ref(column)} is not null`)

/** A statement of its own for each number, with a value. */
function combination(number: number): RawBuilder<unknown> {
  const chosen = conditions.filter((_, i) => number & (1 << i))
  return sql`select count(*) from convention where ${sql.join([sql`version > ${number}`, ...chosen], sql` and `)}`
}

const hot = sql`select ${'hot'}::text`
const prepared = sql`select count(*)::int from pg_prepared_statements`
/** How often the hot statement ran since it was prepared. */
const runs = sql`select generic_plans + custom_plans from pg_prepared_statements where statement like 'select $1::text%'`

t.test(
  'after 2,000 combinations of filters the statements in use are still prepared, and no more than may be',
  async (t) => {
    for (let i = 0; i < COMBINATIONS; i++) {
      await combination(i).execute(db)
      if (i % 100 === 0) await hot.execute(db)
    }
    t.equal(await value(db, runs), String(COMBINATIONS / 100))
    t.equal(await value(db, prepared), limits.preparedStatements)
    await combination(0).execute(db)
    t.equal(await value(db, prepared), limits.preparedStatements, 'one that was closed is prepared again')
  },
)

t.test('a statement is closed inside a transaction without harm, also one that was never prepared', async (t) => {
  t.match(await refusal(sql`select no_such_column`.execute(db)), { code: '42703' })
  await together(db, async (trx) => {
    for (let i = 0; i < limits.preparedStatements; i++) await combination(i).execute(trx)
  })
  t.equal(await value(db, prepared), limits.preparedStatements)
})
