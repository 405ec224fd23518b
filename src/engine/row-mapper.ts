/**
 * Row mapper: from a stored row to the body that readers get, by the schema of the answer: the fields in the order of the
 * schema, unknown ones null or an empty list, instants in UTC. A row read from its table and the same row read from
 * the journal give the same bytes. Of each schema one function is written, since all that is read goes through these:
 * going through the schema for each value takes five times as long.
 */
import type { TSchema } from 'typebox'
import { type Keywords, resolve } from '../http/schema/schemas.ts'

/** A row as the driver gives it, by column names. */
export type Row = Record<string, unknown>
type Shaper = (value: unknown) => unknown

const shapers = new WeakMap<TSchema, Shaper>()

/** A value with the fields of the schema, in its order: `undefined` becomes null, or an empty list. */
export function shape<T = unknown>(schema: TSchema, value: unknown): T {
  let shaper = shapers.get(schema)
  if (!shaper) {
    shaper = compile((functions) => expression(schema as Keywords, 'value', functions))
    shapers.set(schema, shaper)
  }
  return shaper(value) as T
}

/** The columns of a table hold the fields in snake case. */
export const columnOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Turns rows of a table, or of the journal, into bodies of the schema of the answer. */
export function rowReader<T>(schema: TSchema): (row: Row) => T {
  const { properties = {}, required = [] } = schema as Keywords
  // What is optional is not of the row: it is included beside it when a reader asks for it.
  const fields = Object.fromEntries(required.map((field) => [field, properties[field] as Keywords]))
  let read: Shaper | undefined
  return (row) => {
    // With the first row: a schema may name another that is defined after it.
    read ??= compile((functions) => `${objectFunction({ properties: fields, required }, columnOf, functions)}(value)`)
    return read(row) as T
  }
}

/** A function of one value, of the expression of its result and the functions that this calls: names of schemas alone. */
function compile(write: (functions: string[]) => string): Shaper {
  const functions: string[] = []
  const result = write(functions)
  return new Function('instantOf', `${functions.join('\n')}\nreturn (value) => ${result}`)(instantOf)
}

/** The expression that shapes what another one gives. */
function expression(schema: Keywords, given: string, functions: string[]): string {
  const known = resolve(schema)
  const { anyOf, properties, items, format } = known
  if (anyOf) return `(${given} == null ? null : ${expression(anyOf[0] as Keywords, given, functions)})`
  if (properties) return `${objectFunction(known, (field) => field, functions)}(${given} ?? {})`
  if (items) {
    const item = expression(items, 'item', functions)
    return item === '(item ?? null)' ? `(${given} ?? [])` : `(${given} ?? []).map((item) => ${item})`
  }
  return format === 'date-time' ? `(${given} ? instantOf(${given}) : null)` : `(${given} ?? null)`
}

/** The name of a new function from the source of an object to the object. */
function objectFunction({ properties = {}, required = [] }: Keywords, nameIn: typeof columnOf, functions: string[]) {
  const fields = Object.entries(properties).map(([field, schema]) => {
    const given = `source[${JSON.stringify(nameIn(field))}]`
    const member = `${JSON.stringify(field)}: ${expression(schema, given, functions)}`
    return required.includes(field) ? member : `...(${given} === undefined ? {} : { ${member} })`
  })
  const name = `object${functions.length}`
  functions.push(`const ${name} = (source) => ({ ${fields.join(', ')} })`)
  return name
}

/** As Postgres writes an instant in UTC in JSON: without the zeros at its end. */
const JSON_INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?\+00:00$/

/** An instant in UTC with milliseconds. */
function instantOf(text: string): string {
  const [, seconds, fraction = ''] = JSON_INSTANT.exec(text) ?? []
  return seconds === undefined ? new Date(text).toISOString() : `${seconds}.${fraction.padEnd(3, '0')}Z`
}
