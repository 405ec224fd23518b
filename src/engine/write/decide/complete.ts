/**
 * Completion of bodies: names of territories and of funders, roles and numbers that a writer leaves out are filled in,
 * and stay as written while their source stays. Pure, but for one read for all resources of a write.
 */
import type { Database } from '../../../db/database.ts'
import type { BodyError } from '../../../http/errors/field-errors.ts'
import type { Change, Fields, Named } from '../../change-set.ts'
import { changedFields, isOpened } from '../../change-set.ts'
import type { AnyField, Fields as Declared } from '../../declaration/fields.ts'
import { definitionOf, type Resource } from '../../declaration/resource.ts'
import {
  keyOf,
  readTerritory,
  type TerritoryInput,
  type TerritoryRead,
  unknownTerritories,
} from '../../declaration/territories.ts'
import type { ResourceType } from '../../resource-types.ts'
import { shape } from '../../row-mapper.ts'
import { NUMBER_MAX } from '../../schema.ts'
import { nextNumber } from './checks.ts'
import { territoryNames } from './territories.ts'

/** A resource as it was sent: its body has the form of the answer, and holes. */
export type Draft = Omit<Change, 'fields' | 'operation'> & { after: Fields }

/** Whether a draft asks for a convention to get other readers. */
export const isOpening = ({ type, before, after }: Draft): boolean =>
  type === 'convention' && before !== undefined && isOpened(before, after)

/** The fields that a writer gives in the form of the answer: unknown ones null or empty, territories as objects. */
export function bodyOf({ fields, declared }: Resource, input: Fields): Fields {
  return Object.fromEntries(
    fields.map((field) => {
      const { answer, isTerritory } = (declared[field] as AnyField).facts
      return [field, shape(answer, isTerritory ? readTerritories(input[field]) : input[field])]
    }),
  )
}

const readTerritories = (input: unknown) =>
  Array.isArray(input) ? input.map((one) => one && readTerritory(one)) : input && readTerritory(input as TerritoryInput)

interface Completion {
  named: ReadonlyMap<string, Named>
  /** Today's names of territories, by `kind:code`. */
  territories: ReadonlyMap<string, string>
  /** What stands beside a resource of this type. */
  siblings(draft: Draft): readonly Fields[]
}

/** The names of the territories that drafts leave unnamed. */
export async function selectTerritoryNames(db: Database, drafts: readonly Draft[]): Promise<Map<string, string>> {
  const unnamed = drafts.flatMap(({ type, before, after }) => {
    const known = namesBefore(type, before)
    return territoriesOf(type, after).flatMap(({ territory }) =>
      territory.name === null && !known.has(keyOf(territory)) ? [territory] : [],
    )
  })
  return territoryNames(db, unnamed)
}

/** The whole change that a draft asks for, with what is wrong with its body by itself. */
export function complete(draft: Draft, facts: Completion): { change: Change; errors: BodyError[] } {
  const { before, place, type } = draft
  const resource = definitionOf(type)
  const after = filled(draft, facts)
  const fields = before ? changedFields(resource.fields, before, after) : []
  const operation = before ? (fields.length > 0 ? 'update' : 'keep') : 'create'
  const errors = [...resource.errorsOf(after), ...unknownTerritories(territoriesOf(type, after))]
  return {
    change: { ...draft, after, fields, operation },
    errors: errors.map((error) => ({ ...error, pointer: place.at(error.pointer) })),
  }
}

function filled(draft: Draft, facts: Completion): Fields {
  const { type, before, after } = draft
  const { declared, numbered } = definitionOf(type)
  const known = namesBefore(type, before)
  const named = (territory: TerritoryRead | null) =>
    territory?.kind && territory.code && territory.name === null
      ? { ...territory, name: known.get(keyOf(territory)) ?? facts.territories.get(keyOf(territory)) ?? null }
      : territory
  const result = copied(declared, after, before ? [before] : [], facts)
  for (const [field, { isTerritory }] of factsOf(declared)) {
    const value = after[field]
    if (isTerritory) result[field] = Array.isArray(value) ? value.map(named) : named(value as TerritoryRead | null)
  }
  if (numbered && after.number === null) result.number = numberOf(draft, facts)
  return result
}

/**
 * What is copied from the organizations that references name, in a body and in the objects of its lists. It stays what
 * it was in one of those before that names the same.
 */
function copied(fields: Declared, body: Fields, before: readonly Fields[], facts: Completion): Fields {
  const { own, lists } = copiesOf(fields)
  const result = { ...body }
  for (const [field, source] of own)
    if (body?.[source.reference] && !body[field]) {
      const id = body[source.reference] as string
      const earlier = before.find((one) => one[source.reference] === id)
      result[field] = earlier?.[field] ?? facts.named.get(id)?.[source.from] ?? null
    }
  for (const [field, part] of lists)
    if (Array.isArray(body[field])) {
      const objects = before.flatMap((one) => (one[field] ?? []) as Fields[])
      result[field] = (body[field] as Fields[]).map((one) => copied(part, one, objects, facts))
    }
  return result
}

/** The fields that are copied, and the lists whose objects hold such. */
interface Copies {
  own: (readonly [field: string, NonNullable<AnyField['facts']['copied']>])[]
  lists: (readonly [field: string, Declared])[]
}

const copies = new WeakMap<Declared, Copies>()

/** Found once for each declaration: most lists hold none, and a document may hold a hundred thousand objects. */
function copiesOf(fields: Declared): Copies {
  const found = copies.get(fields)
  if (found) return found
  const facts = factsOf(fields)
  const own = facts.flatMap(([field, { copied }]) => (copied ? [[field, copied] as const] : []))
  const lists = facts.flatMap(([field, { part }]) =>
    part && hasCopies(part.fields) ? [[field, part.fields] as const] : [],
  )
  copies.set(fields, { own, lists })
  return { own, lists }
}

function hasCopies(fields: Declared): boolean {
  const { own, lists } = copiesOf(fields)
  return own.length + lists.length > 0
}

const factsOf = (fields: Declared) => Object.entries(fields).map(([field, { facts }]) => [field, facts] as const)

function numberOf(draft: Draft, { siblings }: Completion): number | null {
  const among = definitionOf(draft.type).numbered?.among
  const beside = siblings(draft).filter((one) => !among || one[among] === draft.after[among])
  return nextNumber(
    beside.map(({ number }) => number as number),
    NUMBER_MAX,
  )
}

const namesBefore = (type: ResourceType, before: Fields | undefined): Map<string, string | null> =>
  new Map(before ? territoriesOf(type, before).map(({ territory }) => [keyOf(territory), territory.name]) : [])

/** The territories of a body with their places; one that is wrong by itself is refused elsewhere, and empty. */
export function territoriesOf(type: ResourceType, body: Fields): { territory: TerritoryRead; pointer: string }[] {
  const all = factsOf(definitionOf(type).declared).flatMap(([field, { isTerritory }]) => {
    const value = isTerritory ? (body[field] as TerritoryRead | TerritoryRead[] | null) : null
    if (!Array.isArray(value)) return [{ territory: value as TerritoryRead, pointer: `/${field}` }]
    return value.map((territory, i) => ({ territory, pointer: `/${field}/${i}` }))
  })
  return all.filter(({ territory }) => territory?.kind && territory.code)
}
