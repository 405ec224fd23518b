/**
 * Answer functions: prints the SQL by which the journal renders the bodies that readers get, for each resource a
 * function from its row to the very text that `engine/row-mapper.ts` gives. Migrations hold what was printed, whenever
 * `test/engine/answers.test.ts` says that the database no longer writes what GET answers: see Migrations in
 * CONTRIBUTING.
 */
import { resources } from '../src/domain/resources.ts'
import type { Resource } from '../src/engine/declaration/resource.ts'
import { columnOf } from '../src/engine/row-mapper.ts'
import { type Keywords, resolve } from '../src/http/schema/schemas.ts'

const all: Resource[] = Object.values(resources)
process.stdout.write(`-- The body of each resource as GET answers it, from its row in the journal; printed by npm run answer-functions.
${all.map(answerOf).join('')}${dispatch()}`)

function answerOf({ table, Answer }: Resource): string {
  return define(`answer_of_${table}(body jsonb)`, objectText(Answer as Keywords, 'body', columnOf, '\n  '))
}

/** Null for what is journaled and not read, such as keys. */
function dispatch(): string {
  const cases = all.map(({ type, table }) => `\n  when ${quoted(type)} then answer_of_${table}(body)`)
  return define('answer_of(type text, body jsonb)', `case type${cases.join('')}\nend`)
}

function define(signature: string, result: string): string {
  return `
create or replace function ${signature} returns text language sql stable parallel safe as $$
select ${result} $$;
`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** The text of an object, all of whose fields are there: what is optional in an answer is not of the row. */
function objectText(schema: Keywords, given: string, nameIn: (field: string) => string, gap = ' '): string {
  const { properties = {}, required = [] } = schema
  const form = required.map((field) => `${JSON.stringify(field)}:%s`).join(',')
  const members = required.map((field) =>
    valueText(properties[field] as Keywords, `(${given} -> ${quoted(nameIn(field))})`),
  )
  return `format(${[quoted(`{${form}}`), ...members].join(`,${gap}`)})`
}

/** The text of a value that may be missing: then it is null, or an empty list. */
function valueText(schema: Keywords, given: string): string {
  const known = resolve(schema)
  const { anyOf, properties, items, format, type } = known
  if (anyOf) return `case when ${given} <> 'null' then ${valueText(anyOf[0] as Keywords, given)} else 'null' end`
  if (properties) return objectText(known, given, (field) => field)
  if (items)
    return `(select concat('[', string_agg(${valueText(items, 'item')}, ','), ']') from jsonb_array_elements(nullif(${given}, 'null')) item)`
  if (format === 'date-time') return `json_instant(${given})`
  if ([type].flat().includes('number')) return `json_number(${given})`
  return `coalesce(${given}, 'null')::text`
}
