/**
 * The objects of a document one by one, in the words of their resources: each knows its place in the document, its
 * key, the id that it has or gets, and the body that it shall have.
 */

import { resources } from '../domain/resources.ts'
import type { ResourceType } from '../engine/resource.ts'
import { shape } from '../engine/row-mapper.ts'
import { distinctBy } from '../engine/rules.ts'
import type { BodyFault } from '../http/errors/field-errors.ts'
import { documentLists, pointerInDocument, references, toResource } from './references.ts'
import type { Body } from './stored.ts'

export type Fields = Record<string, unknown>

export interface Entry {
  type: ResourceType
  /** Where it stands: `/actions/3`, or nothing for the convention itself. */
  pointer: string
  /** Its place in its list, from 1. */
  place: number
  key: string
  given: Fields
  id: string
  /** What it shall be: every field that a writer gives. Empty until the references of the document are resolved. */
  body: Fields
  /** What it is; undefined when it is new. */
  current: Body | undefined
}

/** The entries of a document whose faulty parts have been taken out; an entry without a key gets an empty one. */
export function entriesOf(document: Fields, key: string): Entry[] {
  const convention = entry('convention', '', 1, { ...document, key })
  const listed = Object.entries(documentLists).flatMap(([name, type]) =>
    ((document[name] ?? []) as (Fields | null)[]).map((given, i) => entry(type, `/${name}/${i}`, i + 1, given ?? {})),
  )
  return [convention, ...listed]
}

function entry(type: ResourceType, pointer: string, place: number, given: Fields): Entry {
  const key = typeof given.key === 'string' ? given.key : ''
  return { type, pointer, place, key, given, id: '', body: {}, current: undefined }
}

export const ofType = (entries: Entry[], type: ResourceType) => entries.filter((one) => one.type === type)

/** No key stands twice in a list. */
export function keyFaults(entries: Entry[]): BodyFault[] {
  return Object.entries(documentLists).flatMap(([name, type]) =>
    distinctBy(ofType(entries, type), `/${name}`, '/key', ({ key }) => key || undefined),
  )
}

/**
 * Fills the bodies: ids in place of keys, what is left out null, an empty list or its default.
 * @param idOf the id that a key of a type means; undefined when none does
 * @returns the references that mean nothing
 */
export function fillBodies(entries: Entry[], idOf: (to: ResourceType, key: string) => string | undefined): BodyFault[] {
  const faults: BodyFault[] = []
  for (const one of entries) {
    const listed = new Set<string>()
    const fields = toResource(one.type, one.given, (to, key, place) => {
      const pointer = one.pointer + place
      const id = idOf(to, key)
      if (id === undefined) faults.push({ pointer, code: 'unknown-reference', message: unknown(to, key) })
      else if (IN_LIST_OF_KEYS.test(place) && listed.has(`${to} ${id}`))
        faults.push({ pointer, code: 'duplicate', message: `${JSON.stringify(key)} names what the list names already` })
      else if (IN_LIST_OF_KEYS.test(place)) listed.add(`${to} ${id}`)
      return id
    })
    const { schema, fields: names } = resources[one.type]
    const properties = (schema as unknown as { properties: Record<string, object> }).properties
    one.body = Object.fromEntries(
      names.map((name) => [name, shape(properties[name] as never, fields[name] ?? defaultOf(one, name))]),
    )
  }
  return faults
}

/** Whether the entry named something here that does not exist: what follows from it is not told again. */
export function isLost({ type, given, body }: Entry, field: string): boolean {
  const reference = references[type].find((one) => one.field === field)
  return reference !== undefined && typeof given[reference.name] === 'string' && body[field] === null
}

/** Two keys, or a key and an id, may name the same thing; no two lists of one object name the same type. */
const IN_LIST_OF_KEYS = /^\/\w+\/\d+$/

const homes: Record<ResourceType, string> = {
  convention: 'no convention of this source',
  organization: 'no organization of this document or source',
  amendment: 'no amendment of this document',
  signatory: 'no signatory of this document',
  axis: 'no axis of this document',
  action: 'no action of another convention of this source ("<convention key>/<action key>")',
  'service-site': 'no service site of this document',
}

const unknown = (to: ResourceType, key: string) =>
  `${JSON.stringify(key)} is the key of ${homes[to]}, and the id of none that it may name`

/** What a writer leaves out. */
function defaultOf({ type, place }: Entry, field: string): unknown {
  if (field === 'number') return place
  return resources[type].defaults[field]
}

/** The faults of a resource's own rules, at their places in the document. */
export function inDocument(one: Entry, faults: BodyFault[]): BodyFault[] {
  return faults
    .filter(({ pointer }) => !isOfLostFunder(one, pointer))
    .map((fault) => ({ ...fault, pointer: one.pointer + pointerInDocument(one.type, fault.pointer) }))
}

/** A line of funding whose funder does not exist has been told by that. */
function isOfLostFunder({ given }: Entry, pointer: string): boolean {
  const [, line] = /^\/funding\/(\d+)\/funderName$/.exec(pointer) ?? []
  return line !== undefined && typeof (given.funding as (Fields | null)[])[Number(line)]?.funder === 'string'
}
