/**
 * Search functions: prints the SQL that collects the searched texts of each resource, by the fields that are declared
 * with `.search()`, and the triggers that write them anew when one of these fields has changed. Migrations hold what
 * was printed.
 */
import { resources } from '../src/domain/resources.ts'
import type { FieldFacts, Search } from '../src/engine/declaration/fields.ts'
import type { Resource } from '../src/engine/declaration/resource.ts'
import { columnOf } from '../src/engine/row-mapper.ts'
import type { Keywords } from '../src/http/schema/schemas.ts'

interface Searched extends Search {
  field: string
  /** The text of the field in a row `body`, as SQL. */
  value: string
}

const all = (Object.values(resources) as Resource[])
  .map((resource) => ({ ...resource, searched: searchedIn(resource) }))
  .filter(({ searched }) => searched.length > 0)
const cases = all.map(({ type, table }) => `\n  when '${type}' then searched_in_${table}(body)`).join('')

process.stdout.write(`-- What is searched in each resource, from its row in the journal or its table; printed by npm run search-functions.
${all.map(functionOf).join('')}
create or replace function searched(type text, body jsonb) returns searched_text[] language sql immutable parallel safe as $$
select case type${cases}
end $$;
${all.map(triggersOf).join('')}`)

/** By weight: the first that fits is the one that is shown. */
function searchedIn({ declared }: Resource): Searched[] {
  const searched = Object.entries(declared).flatMap(([field, { facts }]): Searched[] => {
    const { search } = facts
    const given = `body -> '${columnOf(field)}'`
    if (search) return [{ field, ...search, value: textOf(facts, given) }]
    const inside = Object.entries(facts.part?.fields ?? {})
    return inside.flatMap(([name, { facts: inner }]) =>
      inner.search ? [{ field, ...inner.search, value: joined(given, textOf(inner, `item -> '${name}'`)) }] : [],
    )
  })
  return searched.sort((a, b) => (a.weight < b.weight ? -1 : Number(a.weight > b.weight)))
}

/** Codes are words joined by hyphens; of territories the name is searched. */
function textOf({ answer, isTerritory }: FieldFacts, given: string): string {
  const isList = (answer as Keywords).type === 'array'
  const text = (one: string) => (isTerritory ? `(${one}) ->> 'name'` : `(${one}) #>> '{}'`)
  return isList ? joined(given, text('item')) : text(given)
}

function joined(list: string, text: string): string {
  return `(select string_agg(${text}, ' ') from jsonb_array_elements(nullif(${list}, 'null')) item)`
}

function functionOf({ table, searched }: (typeof all)[number]): string {
  const rows = searched.map(
    ({ field, weight, isName, value }) => `  row('${field}', '${weight}', ${isName}, ${value})::searched_text`,
  )
  return `
create or replace function searched_in_${table}(body jsonb) returns searched_text[] language sql immutable parallel safe as $$
select array[
${rows.join(',\n')}] $$;
`
}

function triggersOf({ type, table, searched }: (typeof all)[number]): string {
  const columns = [...new Set(searched.map(({ field }) => columnOf(field)))]
  const rowOf = (row: string) => `(${columns.map((column) => `${row}.${column}`).join(', ')})`
  return `
create or replace trigger keep_search_text after insert or delete on ${table}
  for each row execute function keep_search_text('${type}');
create or replace trigger renew_search_text after update on ${table}
  for each row when (${rowOf('old')} is distinct from ${rowOf('new')})
  execute function keep_search_text('${type}');
`
}
