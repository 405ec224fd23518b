/**
 * Key mapping: a document has keys where resources have ids. The declared references serve both directions, so that
 * reading and writing a document cannot differ.
 */
import { resources } from '../../domain/resources.ts'
import type { Reference } from '../../engine/declaration/fields.ts'
import { definitionOf, type Resource } from '../../engine/declaration/resource.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { camel, pluralOf } from '../../engine/words.ts'

/** The lists of a document, in the order in which people read them, and what they hold. */
export const documentLists: Readonly<Record<string, ResourceType>> = Object.fromEntries(
  Object.values<Resource>(resources).flatMap(({ type, path, document }) =>
    document ? [[camel(pluralOf(path)), type]] : [],
  ),
)

type Fields = Record<string, unknown>

/** Gives the id that a key means, or undefined when it means none; the pointer is relative to the object. */
type Resolve = (to: ResourceType, key: string, pointer: string) => string | undefined

/** An object of a document with the fields of its resource, ids in place of keys. */
export const toResource = (type: ResourceType, entry: Fields, resolve: Resolve): Fields =>
  withIds(definitionOf(type).references, entry, resolve)

function withIds(references: readonly Reference[], entry: Fields, resolve: Resolve, within?: string, at = ''): Fields {
  const members = Object.entries(entry).map(([name, given]): [string, unknown] => {
    const pointer = `${at}/${name}`
    const reference = references.find((one) => one.name === name && one.within === within)
    if (reference) return [reference.field, idsOf(given, (key, place) => resolve(reference.to, key, pointer + place))]
    if (!Array.isArray(given) || !holdsReferences(references, name, within)) return [name, given]
    return [name, given.map((one, i) => withIds(references, one ?? {}, resolve, name, `${pointer}/${i}`))]
  })
  return Object.fromEntries(members)
}

function idsOf(given: unknown, resolve: (key: string, place: string) => string | undefined): unknown {
  if (Array.isArray(given)) return given.map((key, i) => key && resolve(key, `/${i}`)).filter(Boolean)
  return typeof given === 'string' ? (resolve(given, '') ?? null) : undefined
}

/** The fields of a resource as its document names them, in their order, keys in place of ids. */
export function toEntry(type: ResourceType, body: Fields, keyOf: (id: string) => string): Fields {
  const { fields, own, within } = entryForms.get(type) as EntryForm
  const entry: Fields = {}
  for (const field of fields) {
    const [value, inner] = [body[field], within.get(field)]
    if (inner) entry[field] = (value as Fields[]).map((one) => withKeys(inner, one, keyOf))
    else put(entry, own, field, value, keyOf)
  }
  return entry
}

/** References by their fields. */
type Names = ReadonlyMap<string, Reference>

/** The form of the entries of a type: its fields, its own references and those that the objects of its lists hold. */
interface EntryForm {
  fields: readonly string[]
  own: Names
  within: ReadonlyMap<string, Names>
}

const entryForms = new Map(
  Object.values<Resource>(resources).map(({ type, fields, references }) => {
    const byList = Map.groupBy(references, ({ within }) => within)
    const names = (some: readonly Reference[] = []): Names => new Map(some.map((one) => [one.field, one]))
    const within = new Map([...byList].flatMap(([list, some]) => (list === undefined ? [] : [[list, names(some)]])))
    return [type, { fields, own: names(byList.get(undefined)), within }] as const
  }),
)

function withKeys(names: Names, object: Fields, keyOf: (id: string) => string): Fields {
  const entry: Fields = {}
  for (const field in object) put(entry, names, field, object[field], keyOf)
  return entry
}

function put(entry: Fields, names: Names, field: string, value: unknown, keyOf: (id: string) => string): void {
  const reference = names.get(field)
  if (reference) entry[reference.name] = keysOf(value, keyOf)
  else entry[field] = value
}

function keysOf(value: unknown, keyOf: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map(keyOf)
  return typeof value === 'string' ? keyOf(value) : null
}

/** Whether the objects of a list hold references. */
const holdsReferences = (references: readonly Reference[], list: string, within: string | undefined) =>
  within === undefined && references.some((one) => one.within === list)

/** The place of a resource's field in its document: `/partnerIds/0` is `/partners/0` there. */
export function pointerInDocument(type: ResourceType, pointer: string): string {
  const { references } = definitionOf(type)
  const nameOf = (field: string, within?: string) =>
    references.find((one) => one.field === field && one.within === within)?.name ?? field
  const [, first = '', ...rest] = pointer.split('/')
  return ['', nameOf(first), ...rest.map((part, depth) => (depth === 1 ? nameOf(part, first) : part))].join('/')
}

/** The name of a resource's field in its document: `leadId` is `lead` there. */
export const nameInDocument = (type: ResourceType, field: string): string =>
  definitionOf(type).references.find((one) => one.field === field && one.within === undefined)?.name ?? field
