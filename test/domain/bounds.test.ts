/** The bounds that resources declare are those of the database: of its domains, and of the constraints of columns. */
import { sql } from 'kysely'
import t from 'tap'
import { resources } from '../../src/domain/resources.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { columnOf } from '../../src/engine/row-mapper.ts'
import { openTestDatabase } from '../support/rows.ts'

const db = await openTestDatabase(t)

interface Check {
  table: string
  column: string
  rule: string
}

/** The rules of columns, of their domains and of themselves alone. */
const { rows: checks } = await sql<Check>`
  select r.relname as table, a.attname as column, pg_get_constraintdef(c.oid) as rule
  from pg_attribute a join pg_class r on r.oid = a.attrelid
    join pg_constraint c on c.contype = 'c' and (c.contypid = a.atttypid or c.conrelid = r.oid and c.conkey = array[a.attnum])
  where r.relnamespace = 'public'::regnamespace and r.relkind = 'r'`.execute(db)

const patterns = {
  maxLength: /char_length\(VALUE\) <= (\d+)/,
  maxItems: /(?:jsonb_array_length|cardinality)\([\w()]+(?:::text\[\])?\) <= (\d+)/,
  minItems: /cardinality\([\w()]+(?:::text\[\])?\) >= (\d+)/,
  minimum: /\(\w+ >= \(?'?(-?\d+)/,
  maximum: /\(\w+ <= \(?'?(-?\d+)/,
}
type Bound = keyof typeof patterns

/** What the database says of a column. */
function boundsOf(table: string, column: string): Partial<Record<Bound, number>> {
  const rules = checks.filter((one) => one.table === table && one.column === column).map(({ rule }) => rule)
  const found = Object.entries(patterns).flatMap(([bound, pattern]) =>
    rules.flatMap((rule) => {
      const [, value] = pattern.exec(rule) ?? []
      return value === undefined ? [] : [[bound, Number(value)]]
    }),
  )
  return Object.fromEntries(found)
}

/** What a declaration says of a field. */
function declaredBounds(schema: object): Partial<Record<Bound, number>> {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => Object.hasOwn(patterns, keyword)))
}

for (const { type, table, declared, fields } of Object.values<Resource>(resources))
  t.test(`the bounds of the fields of ${type} are those of their columns`, async (t) => {
    for (const field of fields) {
      t.same(boundsOf(table, columnOf(field)), declaredBounds(declared[field]?.facts.value ?? {}), field)
    }
  })

t.test('the codes of a column with a list of its own are those of its field', async (t) => {
  const listed = checks.filter(({ rule }) => rule.includes('ARRAY['))
  const codesOf = (rule: string) => [...rule.matchAll(/'([a-z-]+)'::text/g)].map(([, code]) => code)
  let compared = 0
  for (const { table, declared } of Object.values<Resource>(resources))
    for (const { column, rule } of listed.filter((one) => one.table === table)) {
      const [field] = Object.keys(declared).filter((one) => columnOf(one) === column)
      const { enum: codes } = (declared[field ?? '']?.facts.value ?? {}) as { enum?: string[] }
      t.same(codesOf(rule).sort(), [...(codes ?? [])].sort(), `${table}.${column}`)
      compared++
    }
  t.ok(compared >= 3)
})
