/**
 * From a stored row to the body that readers get, by the schema of the answer: the fields in the order of the
 * schema, unknown ones null or an empty list, instants in UTC. A row read from its table and the same row read from
 * the journal give the same bytes.
 */
import type { TProperties, TSchema } from 'typebox'
import { components } from '../http/schemas.ts'

type Shaper = (value: unknown) => unknown
type Row = Record<string, unknown>

interface Keywords {
  $ref?: string
  anyOf?: TSchema[]
  type?: string | string[]
  format?: string
  items?: TSchema
  properties?: TProperties
  required?: string[]
}

const compiled = new WeakMap<TSchema, Shaper>()

/** A value with the fields of the schema, in its order: `undefined` becomes null, or an empty list. */
export function shape<T = unknown>(schema: TSchema, value: unknown): T {
  return shaperOf(schema)(value) as T
}

/** The columns of a table hold the fields in snake case. */
export const columnOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Turns rows of a table, or of the journal, into bodies of the schema of the answer. */
export function rowReader<T>(schema: TSchema): (row: Row) => T {
  const { properties = {}, required = [] } = schema as Keywords
  // What is optional is not of the row: it is included beside it when a reader asks for it.
  const fields = required.map((field) => [field, columnOf(field), shaperOf(properties[field] as TSchema)] as const)
  return (row) => {
    const body: Row = {}
    for (const [field, column, read] of fields) body[field] = read(row[column])
    return body as T
  }
}

function shaperOf(schema: TSchema): Shaper {
  let shaper = compiled.get(schema)
  if (!shaper) {
    shaper = compile(schema as Keywords)
    compiled.set(schema, shaper)
  }
  return shaper
}

function compile(schema: Keywords): Shaper {
  if (schema.$ref) {
    const name = schema.$ref.replace(/#$/, '')
    return (value) => shaperOf(components.get(name) as TSchema)(value)
  }
  if (schema.anyOf) {
    const [inner] = schema.anyOf as [TSchema]
    return (value) => (value === undefined || value === null ? null : shaperOf(inner)(value))
  }
  if (schema.properties) return objectShaper(schema.properties, new Set(schema.required))
  if (schema.items) {
    const item = shaperOf(schema.items)
    return (value) => ((value ?? []) as unknown[]).map(item)
  }
  if (schema.format === 'date-time') return (value) => (value ? new Date(value as string).toISOString() : null)
  return (value) => value ?? null
}

function objectShaper(properties: TProperties, required: Set<string>): Shaper {
  const fields = Object.entries(properties).map(([field, schema]) => [field, shaperOf(schema)] as const)
  return (value) => {
    const source = (value ?? {}) as Row
    const result: Row = {}
    for (const [field, read] of fields) {
      if (source[field] !== undefined || required.has(field)) result[field] = read(source[field])
    }
    return result
  }
}
