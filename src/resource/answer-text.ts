/**
 * The bodies that readers get, written by the database: of each schema one SQL function, from a row of the journal to
 * the very text that `shape.ts` gives. The journal keeps that text beside the row, so that the feed hands on what was
 * written once: to read and write JSON again for each reader takes as long as all the rest of a page.
 */
import type { TProperties, TSchema } from 'typebox'
import { components } from '../http/schemas.ts'
import type { Resource } from './resource.ts'
import { columnOf } from './shape.ts'

interface Keywords {
  $ref?: string
  anyOf?: TSchema[]
  type?: string | string[]
  format?: string
  items?: TSchema
  properties?: TProperties
  required?: string[]
}

/** The statements that define `answer_of(type, body)`, each after those of the functions that it calls. */
export function answerFunctions(resources: readonly Resource[]): string[] {
  const bodies = resources.map(({ table, schema }) =>
    define(`answer_of_${table}(body jsonb)`, objectText(schema, 'body', columnOf)),
  )
  const cases = resources.map(({ type, table }) => `when ${quoted(type)} then answer_of_${table}(body)`)
  return [...bodies, define('answer_of(type text, body jsonb)', `case type ${cases.join(' ')} end`)]
}

const define = (signature: string, result: string) =>
  `create or replace function ${signature} returns text language sql stable parallel safe as $$ select ${result} $$`

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** The text of an object; what is optional in it is not of the row, and is included for single readers only. */
function objectText(schema: TSchema, given: string, nameIn: (field: string) => string): string {
  const { properties = {}, required = [] } = schema as Keywords
  const form = required.map((field) => `${JSON.stringify(field)}:%s`).join(',')
  const members = required.map((field) =>
    valueText(properties[field] as TSchema, `(${given} -> ${quoted(nameIn(field))})`),
  )
  return `format(${[quoted(`{${form}}`), ...members].join(', ')})`
}

/** The text of a value that may be missing: then it is null, or an empty list. */
function valueText(schema: TSchema, given: string): string {
  const { $ref, anyOf, properties, items, format, type } = schema as Keywords
  if ($ref) return valueText(components.get($ref.replace(/#$/, '')) as TSchema, given)
  if (anyOf) return `case when ${given} <> 'null' then ${valueText(anyOf[0] as TSchema, given)} else 'null' end`
  if (properties) return objectText(schema, given, (field) => field)
  if (items)
    return `(select concat('[', string_agg(${valueText(items, 'item')}, ','), ']') from jsonb_array_elements(nullif(${given}, 'null')) item)`
  if (format === 'date-time') return `json_instant(${given})`
  if ([type].flat().includes('number')) return `json_number(${given})`
  return `coalesce(${given}, 'null')::text`
}
