/** The answers that the journal keeps beside its rows are what GET makes of them, byte by byte, after an upgrade too. */
import { sql } from 'kysely'
import t from 'tap'
import type { TProperties, TSchema } from 'typebox'
import { components } from '../src/http/schemas.ts'
import { checkDatabase, migrate } from '../src/migrate.ts'
import type { Resource } from '../src/resource/resource.ts'
import { columnOf } from '../src/resource/shape.ts'
import { resources } from '../src/resources.ts'
import { newWorld } from './support/api.ts'
import { openRegistry } from './support/registry.ts'

const registry = await openRegistry(t)
const { db } = registry

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

interface Keywords {
  $ref?: string
  anyOf?: TSchema[]
  type?: string | string[]
  format?: string
  items?: TSchema
  properties?: TProperties
}

/** Values of a schema that are as odd as the journal may hold, others with each call; undefined where it is left out. */
function oddValues() {
  let count = 0
  const turn = <T>(values: readonly T[]) => values[count++ % values.length] as T
  const valueFor = (schema: TSchema): unknown => {
    const { $ref, anyOf, properties, items, format, type } = schema as Keywords
    if ($ref) return valueFor(components.get($ref.replace(/#$/, '')) as TSchema)
    if (anyOf) return turn([false, true, true]) ? valueFor(anyOf[0] as TSchema) : null
    if (properties) return fieldsOf(schema, (field) => field)
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
  const fieldsOf = (schema: TSchema, nameIn: (field: string) => string) =>
    Object.fromEntries(
      // Backwards: the order in a row is not that of the answer.
      Object.entries((schema as Keywords).properties ?? {})
        .reverse()
        .map(([field, one]) => [nameIn(field), valueFor(one)]),
    )
  return fieldsOf
}

for (const resource of Object.values(resources) as Resource[]) {
  t.test(`${resource.type}: whatever a row holds, the database writes of it what the service answers`, async (t) => {
    const fieldsOf = oddValues()
    for (let round = 0; round < 40; round++) {
      const row = fieldsOf(resource.schema, columnOf)
      const { rows } = await sql<{ answer: string; body: Record<string, unknown> }>`
        select answer_of(${resource.type}, ${JSON.stringify(row)}::jsonb) as answer, ${JSON.stringify(row)}::jsonb as body`.execute(
        db,
      )
      t.equal(rows[0]?.answer, JSON.stringify(resource.toBody(rows[0]?.body ?? {})))
    }
  })
}

t.test('a service of another version is not started, and to migrate writes the journal anew', async (t) => {
  await newWorld(registry)
  const answers = async () =>
    (await sql<{ text: string }>`select string_agg(answer, '' order by seq) as text from change`.execute(db)).rows[0]
      ?.text
  const before = await answers()
  t.match(before, /"state":"signed"/)
  await sql`create or replace function answer_of_convention(body jsonb) returns text language sql as $$ select '{}' $$`.execute(
    db,
  )
  await sql`comment on function answer_of is 'of a version that had no fields yet'`.execute(db)
  await sql`update change set body = body where type = 'convention'`.execute(db)
  t.not(await answers(), before)
  await t.rejects(checkDatabase(registry.url), /of another version: run npm run migrate/)
  t.same(await migrate(registry.url), [], 'no migration is missing')
  await checkDatabase(registry.url)
  t.equal(await answers(), before)
})
