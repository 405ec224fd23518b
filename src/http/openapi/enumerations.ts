/**
 * Enumerations as named components: a list of codes that stands in many schemas becomes one component, so that
 * generators make one type of it, under its own name.
 */
import type { Document } from './types.ts'

export interface Enumeration {
  codes: readonly string[]
  description: string
}

/** Parts of the document that are values, not schemas. */
export const VALUES = ['example', 'examples', 'value']

/** Refers to the enumerations, by the name of their component, wherever their codes stand in a schema. */
export function nameEnumerations(document: Document, enumerations: Readonly<Record<string, Enumeration>>): Document {
  const { schemas } = document.components
  const names = new Map(Object.entries(enumerations).map(([name, { codes }]) => [codes.join(), name]))
  for (const [name, { codes, description }] of Object.entries(enumerations)) {
    if (schemas[name]) throw new Error(`the component ${name} is defined twice`)
    schemas[name] = { type: 'string', enum: codes, description }
  }
  const named = new Set(Object.keys(enumerations))
  const refer = (part: unknown, key: string): unknown => {
    if (typeof part !== 'object' || part === null || VALUES.includes(key)) return part
    if (Array.isArray(part)) return part.map((one) => refer(one, ''))
    // A schema may also have a property of that name.
    if (!('enum' in part) || !Array.isArray(part.enum))
      return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, refer(one, name)]))
    const { type: _type, enum: codes, ...words } = part as { type: unknown; enum: unknown[] }
    const known = codes.filter((code) => code !== null)
    const name = names.get(known.join())
    if (name === undefined) return part
    const to = { $ref: `#/components/schemas/${name}` }
    return known.length < codes.length ? { anyOf: [to, { type: 'null' }], ...words } : { ...to, ...words }
  }
  for (const [name, schema] of Object.entries(schemas))
    if (!named.has(name)) schemas[name] = refer(schema, name) as object
  return { ...document, paths: refer(document.paths, '') as Document['paths'] }
}
