/**
 * How a document names other objects: by key, where the resource holds an id. One table for both directions, so that
 * reading and writing a document cannot differ.
 */
import { type Reference as Field, references as fields, funderField } from '../engine/references.ts'
import type { ResourceType } from '../engine/resource.ts'

/** A field of a resource that holds ids, and its name in a document. */
export interface Reference extends Field {
  name: string
}

/** `leadId` is `lead`, `partnerIds` is `partners`. */
const nameOf = (field: string) => (field === 'axisIds' ? 'axes' : field.replace(/Id(s?)$/, '$1'))

/** A line of funding names its funder likewise, in actions and service sites. */
const funderName = nameOf(funderField)

export const references = Object.fromEntries(
  Object.entries(fields).map(([type, list]) => [type, list.map((one) => ({ ...one, name: nameOf(one.field) }))]),
) as unknown as Record<ResourceType, readonly Reference[]>

/** The lists of a document, in the order in which people read them, and what they hold. */
export const documentLists = {
  organizations: 'organization',
  amendments: 'amendment',
  signatories: 'signatory',
  axes: 'axis',
  actions: 'action',
  serviceSites: 'service-site',
} as const satisfies Record<string, ResourceType>

/** The name in a document of each field that holds ids, by its type. */
const documentNames = Object.fromEntries(
  Object.entries(references).map(([type, list]) => [
    type,
    Object.fromEntries(list.map(({ field, name }) => [field, name])),
  ]),
) as Record<ResourceType, Record<string, string | undefined>>

type Fields = Record<string, unknown>

/**
 * An object of a document with the fields of its resource, ids in place of keys. `resolve` gives the id of a key, or
 * undefined when it has told the fault; its pointer is relative to the object.
 */
export function toResource(
  type: ResourceType,
  entry: Fields,
  resolve: (to: ResourceType, key: string, pointer: string) => string | undefined,
): Fields {
  const result = renamed(type, entry)
  for (const { name, field, to } of references[type]) {
    const given = entry[name]
    if (Array.isArray(given)) {
      result[field] = given.map((key, i) => key && resolve(to, key, `/${name}/${i}`)).filter(Boolean)
    } else if (typeof given === 'string') {
      result[field] = resolve(to, given, `/${name}`) ?? null
    }
  }
  if (Array.isArray(entry.funding)) {
    result.funding = entry.funding.map((line: Fields, i) => {
      const { funder, ...rest } = line ?? {}
      if (typeof funder !== 'string') return rest
      return { ...rest, funderId: resolve('organization', funder, `/funding/${i}/funder`) ?? null }
    })
  }
  return result
}

/** The fields of a resource as its document names them, keys in place of ids. */
export function toEntry(type: ResourceType, body: Fields, keyOf: (id: string) => string): Fields {
  const names = documentNames[type]
  const entry: Fields = {}
  for (const [field, value] of Object.entries(body)) {
    const name = names[field]
    if (name) entry[name] = keyed(value, keyOf)
    else if (field === 'funding') entry.funding = (value as Fields[]).map((line) => fundingEntry(line, keyOf))
    else entry[field] = value
  }
  return entry
}

/** The place of a resource's field in its document: `/axisIds/0` is `/axes/0` there. */
export function pointerInDocument(type: ResourceType, pointer: string): string {
  const funding = pointer.replace(/^(\/funding\/\d+)\/funderId$/, `$1/${funderName}`)
  const [, first = '', ...rest] = funding.split('/')
  const reference = references[type].find(({ field }) => field === first)
  return ['', reference?.name ?? first, ...rest].join('/')
}

function renamed(type: ResourceType, entry: Fields): Fields {
  const names = new Set(references[type].map(({ name }) => name))
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !names.has(name)))
}

function keyed(value: unknown, keyOf: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map(keyOf)
  return typeof value === 'string' ? keyOf(value) : null
}

/** The key of the funder stands where the id stood: second, after the year. */
function fundingEntry({ year, funderId, ...rest }: Fields, keyOf: (id: string) => string): Fields {
  return { year, funder: keyed(funderId, keyOf), ...rest }
}
