/**
 * What the database writes of a row is what GET makes of it, byte by byte. Where it is not, the schemas of the answers
 * have changed: `npm run -s answer-functions` prints the functions of migrations/006-answers.sql anew.
 */
import { sql } from 'kysely'
import t from 'tap'
import { resources } from '../../src/domain/resources.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { columnOf } from '../../src/engine/row-mapper.ts'
import { type Keywords, resolve } from '../../src/http/schema/schemas.ts'
import { createKey } from '../support/keys.ts'
import { add, change, column, openTestDatabase, remove, together, value } from '../support/rows.ts'

const db = await openTestDatabase(t)

const texts = [
  'Accueil',
  'L\'Aigle, « Rai », "Aube"',
  'C:\\temp\\"',
  'one\ntwo\tthree',
  '%s %1$s %%',
  '\u0001\u001f\u007f',
  '\u2028é\u{1f600}',
]
const numbers = [
  0,
  -0,
  1,
  -12.5,
  0.1,
  1e-6,
  1e-7,
  -2.5e-8,
  1.23456789012345e-100,
  123456.789012345,
  1e15,
  -1e15,
  2 ** 53 - 1,
]
const instants = ['2026-01-01T00:00:00+00:00', '2026-07-01T01:02:03.4+02:00', '2019-12-31T23:59:59.999-05:00']

/** Values of a schema that are as odd as the journal may hold, others with each call; undefined where it is left out. */
function oddValues() {
  let count = 0
  const turn = <T>(values: readonly T[]) => values[count++ % values.length] as T
  const valueFor = (schema: Keywords): unknown => {
    const { anyOf, properties, items, format, type } = resolve(schema)
    if (anyOf) return turn([false, true, true]) ? valueFor(anyOf[0] as Keywords) : null
    if (properties) return fieldsOf({ properties }, (field) => field)
    if (items)
      return turn([0, 1, 3]) === 0
        ? turn([[], [], undefined, null])
        : [1, 2, 3].slice(turn([0, 1, 2])).map(() => valueFor(items))
    if ([type].flat().includes('null') && turn([false, true, false])) return turn([null, undefined])
    if (format === 'date-time') return turn(instants)
    if ([type].flat().includes('boolean')) return turn([true, false])
    if ([type].flat().includes('integer')) return turn(numbers.filter(Number.isInteger))
    return [type].flat().includes('number') ? turn(numbers) : turn(texts)
  }
  const fieldsOf = ({ properties = {} }: Keywords, nameIn: (field: string) => string) =>
    Object.fromEntries(
      // Backwards: the order in a row is not that of the answer.
      Object.entries(properties)
        .reverse()
        .map(([field, one]) => [nameIn(field), valueFor(one)]),
    )
  return fieldsOf
}

for (const resource of Object.values(resources) as Resource[]) {
  t.test(`${resource.type}: whatever a row holds, the database writes of it what the service answers`, async (t) => {
    const fieldsOf = oddValues()
    // A row has what every answer has: what is included on demand stands in rows of its own.
    const { properties = {}, required = [] } = resource.Answer as Keywords
    const stored = Object.fromEntries(Object.entries(properties).filter(([field]) => required.includes(field)))
    for (let round = 0; round < 40; round++) {
      const row = fieldsOf({ properties: stored }, columnOf)
      const { rows } = await sql<{ answer: string; body: Record<string, unknown> }>`
        select answer_of(${resource.type}, ${JSON.stringify(row)}::jsonb) as answer, ${JSON.stringify(row)}::jsonb as body`.execute(
        db,
      )
      t.equal(rows[0]?.answer, JSON.stringify(resource.toBody(rows[0]?.body ?? {})))
    }
  })
}

t.test(
  'each row that makes a version has its answer, and no other: neither keys, nor what is deleted, nor a repetition',
  async (t) => {
    const convention = await add(db, 'convention', { caf_id: await add(db, 'organization') })
    const action = await add(db, 'action', { convention_id: convention })
    await change(db, 'convention', convention, { state: 'draft' })
    await change(db, 'action', action, { title: 'changed' })
    await remove(db, 'action', action)
    await together(db, async (trx) => remove(trx, 'organization', await add(trx, 'organization')))
    await createKey(db, 'of-the-answers')
    const rows = sql`select distinct concat_ws(' ', operation, case when type = 'key' then type end,
    case when body is null and operation = 'scope' then 'without body' end,
    case when answer = answer_of(type, body) then 'answered' when answer is null then 'null' else 'wrong' end) from change order by 1`
    t.same(await column(db, rows), [
      'created answered',
      'created key null',
      'deleted null',
      'scope without body null',
      'updated answered',
      'void null',
    ])
  },
)

t.test('an answer is the same whatever its writer has set', async (t) => {
  const place = { latitude: 0.0000001, longitude: -0.0000123 }
  const id = await add(db, 'service_site', place)
  const answer = sql`select answer from change where id = ${id}`
  const before = await value(db, answer)
  t.match(before, '"latitude":1e-7,"longitude":-0.0000123,')
  await db.transaction().execute(async (trx) => {
    await sql
      .raw("set local extra_float_digits = -15; set local timezone = 'Europe/Paris'; set local search_path = ''")
      .execute(trx)
    await sql`update public.change set body = body where id = ${id}`.execute(trx)
  })
  t.equal(await value(db, answer), before)
})

t.test('what is repeated under a new scope is read from the journal, not from a table of the writer', async (t) => {
  const convention = await add(db, 'convention', { caf_id: await add(db, 'organization') })
  const action = await add(db, 'action', { convention_id: convention })
  await db.transaction().execute(async (trx) => {
    await sql`create temporary table change on commit drop as select * from public.change where id = ${action}`.execute(
      trx,
    )
    await sql`update change set answer = 'forged'`.execute(trx)
    await sql`update convention set state = 'draft' where id = ${convention}`.execute(trx)
  })
  const wrong = sql`select operation from change where id = ${action} and answer <> answer_of(type, body)`
  t.same(await column(db, wrong), [])
  t.equal(await value(db, sql`select count(*)::int from change where id = ${action} and operation = 'scope'`), 1)
})
