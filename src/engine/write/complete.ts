/**
 * Completion: what a writer leaves to the registry. Names of territories and of funders, roles and numbers are filled
 * in, and stay as they were written while what they come from stays. Pure, but for reading what is needed of all
 * resources of a write at once.
 */
import type { TSchema } from 'typebox'
import type { Database } from '../../db/database.ts'
import { territoryNames } from '../../domain/territories/queries.ts'
import { keyOf, readTerritory, type TerritoryRead, unknownTerritories } from '../../domain/territories/references.ts'
import type { TerritoryInput } from '../../domain/territories/schema.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { Change, Fields, Named } from '../change-set.ts'
import { changedFields, isOpened } from '../change-set.ts'
import { funderField } from '../references.ts'
import { definitionOf, type Resource } from '../resource.ts'
import { shape } from '../row-mapper.ts'
import { NUMBER_MAX } from '../schema.ts'
import { nextNumber } from './checks.ts'

/** A resource as it was sent: its body has the form of the answer, and holes. */
export type Draft = Omit<Change, 'fields' | 'operation'> & { after: Fields }

/** Whether a draft asks for a convention to get other readers. */
export const isOpening = ({ type, before, after }: Draft): boolean =>
  type === 'convention' && before !== undefined && isOpened(before, after)

/** The fields that a writer gives in the form of the answer: unknown ones null or empty, territories as objects. */
export function bodyOf(resource: Resource, given: Fields): Fields {
  const { properties } = resource.schema as unknown as { properties: Record<string, TSchema> }
  const read = { ...given }
  if (Array.isArray(given.territories))
    read.territories = given.territories.map((one) => one && readTerritory(one as TerritoryInput))
  if (given.territory) read.territory = readTerritory(given.territory as TerritoryInput)
  return Object.fromEntries(resource.fields.map((field) => [field, shape(properties[field] as TSchema, read[field])]))
}

interface Completion {
  named: ReadonlyMap<string, Named>
  /** Today's names of territories, by `kind:code`. */
  territories: ReadonlyMap<string, string>
  /** What stands beside a resource of this type. */
  siblings(draft: Draft): readonly Fields[]
}

/** The names of the territories that drafts leave unnamed. */
export async function selectTerritoryNames(db: Database, drafts: readonly Draft[]): Promise<Map<string, string>> {
  const unnamed = drafts.flatMap(({ before, after }) => {
    const known = namesBefore(before)
    return territoriesOf(after).flatMap(({ territory }) =>
      territory.name === null && !known.has(keyOf(territory)) ? [territory] : [],
    )
  })
  return territoryNames(db, unnamed)
}

/** The whole change that a draft asks for, with what is wrong with its body by itself. */
export function complete(draft: Draft, facts: Completion): { change: Change; faults: BodyFault[] } {
  const { before, place, type } = draft
  const resource = definitionOf(type) as Resource<unknown>
  const after = filled(draft, facts)
  const fields = before ? changedFields(resource.fields, before, after) : []
  const operation = before ? (fields.length > 0 ? 'update' : 'keep') : 'create'
  const named = territoriesOf(after)
  const faults = [...resource.rules(after), ...unknownTerritories(named)]
  return {
    change: { ...draft, after, fields, operation },
    faults: faults.map((fault) => ({ ...fault, pointer: place.at(fault.pointer) })),
  }
}

function filled(draft: Draft, facts: Completion): Fields {
  const { before, after } = draft
  const known = namesBefore(before)
  const nameOf = (territory: TerritoryRead | null) =>
    territory?.kind && territory.code && territory.name === null
      ? { ...territory, name: known.get(keyOf(territory)) ?? facts.territories.get(keyOf(territory)) ?? null }
      : territory
  const result = { ...after }
  if (Array.isArray(after.territories)) result.territories = after.territories.map(nameOf)
  if (after.territory) result.territory = nameOf(after.territory as TerritoryRead)
  if (Array.isArray(after.funding)) result.funding = after.funding.map((line) => withFunder(line, before, facts))
  if ('role' in after)
    result.role = after.role ?? before?.role ?? facts.named.get(after.organizationId as string)?.kind ?? null
  if ('number' in after && after.number === null) result.number = numberOf(draft, facts)
  return result
}

function withFunder(line: Fields, before: Fields | undefined, { named }: Completion): Fields {
  const id = line?.[funderField]
  if (!id || line.funderName) return line
  const earlier = ((before?.funding ?? []) as Fields[]).find((one) => one[funderField] === id)
  return { ...line, funderName: earlier?.funderName ?? named.get(id as string)?.name ?? null }
}

function numberOf(draft: Draft, { siblings }: Completion): number | null {
  const among = definitionOf(draft.type).numbered?.among
  const beside = siblings(draft).filter((one) => !among || one[among] === draft.after[among])
  return nextNumber(
    beside.map(({ number }) => number as number),
    NUMBER_MAX,
  )
}

const namesBefore = (before: Fields | undefined): Map<string, string | null> =>
  new Map(before ? territoriesOf(before).map(({ territory }) => [keyOf(territory), territory.name]) : [])

/** The territories of a body with their places; one that is wrong by itself is refused elsewhere, and empty. */
export function territoriesOf({ territory, territories }: Fields): { territory: TerritoryRead; pointer: string }[] {
  const listed = ((territories ?? []) as TerritoryRead[]).map((one, i) => ({
    territory: one,
    pointer: `/territories/${i}`,
  }))
  const single = territory ? [{ territory: territory as TerritoryRead, pointer: '/territory' }] : []
  return [...single, ...listed].filter((one) => one.territory?.kind && one.territory.code)
}
