/** Items of a document: its objects one by one, in the terms of their resources, each with its place in the document. */
import type { Fields } from '../../engine/change-set.ts'
import { definitionOf } from '../../engine/declaration/resource.ts'
import { distinctBy } from '../../engine/declaration/rules.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { bodyOf } from '../../engine/write/decide/complete.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import { documentLists, toResource } from './key-mapping.ts'

export interface Item {
  type: ResourceType
  /** Where it stands: `/actions/3`, or nothing for the convention itself. */
  pointer: string
  /** Its place in its list, from 1. */
  place: number
  key: string
  /** As it was sent, without its faulty parts. */
  input: Fields
}

/** The items of a document whose faulty parts have been taken out; an item without a key gets an empty one. */
export function itemsOf(document: Fields, key: string): Item[] {
  const convention = itemOf('convention', '', 1, { ...document, key })
  const listed = Object.entries(documentLists).flatMap(([name, type]) =>
    ((document[name] ?? []) as (Fields | null)[]).map((given, i) => itemOf(type, `/${name}/${i}`, i + 1, given ?? {})),
  )
  return [convention, ...listed]
}

function itemOf(type: ResourceType, pointer: string, place: number, given: Fields): Item {
  const key = typeof given.key === 'string' ? given.key : ''
  return { type, pointer, place, key, input: given }
}

export const ofType = <T extends { type: ResourceType }>(items: readonly T[], type: ResourceType): T[] =>
  items.filter((one) => one.type === type)

/** Whether a document asks for a convention that is public. */
export const isPublicDocument = ([document]: readonly Item[]): boolean =>
  document?.input.state !== undefined && document.input.state !== 'draft'

/** The key of the document is that of its path, and no key stands twice in a list. */
export function keyErrors(document: Fields, key: string, items: readonly Item[]): BodyError[] {
  const message = `key is not that of the path, ${JSON.stringify(key)}; it may be left out.`
  return [
    ...(document.key === undefined || document.key === key
      ? []
      : [{ pointer: '/key', code: 'mismatch', message } as const]),
    ...Object.entries(documentLists).flatMap(([name, type]) =>
      distinctBy(ofType(items, type), `/${name}`, '/key', (one) => one.key || undefined),
    ),
  ]
}

/** The keys and ids by which a document names things of a type. */
export function namesUsed(items: readonly Item[], wanted: ResourceType): string[] {
  const used = new Set<string>()
  for (const { type, input: given } of items)
    toResource(type, given, (to, key) => {
      if (to === wanted) used.add(key)
      return key
    })
  return [...used]
}

/**
 * The body that an item asks for: ids in place of keys, what is left out null, an empty list or its default.
 * @param idOf the id that a name of a type means, or the name itself when it means none
 * @returns also what a list names twice, by another key or by its id
 */
export function resolvedBody(item: Item, idOf: (to: ResourceType, name: string) => string) {
  const resource = definitionOf(item.type)
  const listed = new Set<string>()
  const errors: BodyError[] = []
  const fields = toResource(item.type, item.input, (to, name, at) => {
    const id = idOf(to, name)
    if (!IN_LIST_OF_KEYS.test(at)) return id
    const message = `${JSON.stringify(name)} names what the list names already`
    if (listed.has(`${to} ${id}`)) errors.push({ pointer: item.pointer + at, code: 'duplicate', message })
    listed.add(`${to} ${id}`)
    return id
  })
  const defaults: Fields = { number: item.place, ...resource.defaults }
  const whole = Object.fromEntries(resource.fields.map((field) => [field, fields[field] ?? defaults[field]]))
  return { body: bodyOf(resource, whole), errors }
}

/** Two keys, or a key and an id, may name the same thing; no two lists of one object name the same type. */
const IN_LIST_OF_KEYS = /^\/\w+\/\d+$/
