/**
 * What a resource is to the code that treats all of them alike: its name in the feed, its table, its place in the
 * API, the schema of its body and how a row becomes one.
 */
import type { Static, TSchema } from 'typebox'
import type { Visibility } from '../auth/visibility.ts'
import type { ResourceType } from '../domain/vocabularies/codes.ts'
import type { BodyFault } from '../http/errors/field-errors.ts'
import type { Change, Check, View } from './change-set.ts'
import { columnOf, rowReader } from './row-mapper.ts'

export type { ResourceType }

/** A type in a sentence: `service site`. */
export const nameOf = (type: string): string => type.replace('-', ' ')

/** A row as the driver gives it, by column names. */
export type Row = Record<string, unknown>

export interface Resource<Body = unknown> {
  /** The name in the feed, in sources and in problems. */
  type: ResourceType
  table: string
  /** Where one is found: `/v1/actions` holds `/v1/actions/{id}`. */
  path: string
  visibility: Visibility
  /** The schema of the body that readers get. */
  schema: TSchema
  /** The fields that a writer gives, in the order in which people read them, and their columns. */
  fields: readonly string[]
  columns: readonly string[]
  /** What a writer leaves out and is neither null nor an empty list. */
  defaults: Readonly<Record<string, unknown>>
  toBody(row: Row): Body
  /** The faults of a body by itself, beyond its schema. */
  rules(body: Body): BodyFault[]
  /** What must hold beyond a single body: over the state after a write. */
  checks: readonly Check[]
  /** What stands under the convention and has to be read when these fields change. */
  reads: Readonly<Record<string, readonly ResourceType[]>>
  /** The most of them that one convention holds. */
  limit: number | undefined
  /** Of those that have a `number`: the field that siblings have in common; without one the convention has each number once. */
  numbered: { among?: string } | undefined
  /** Columns of the row beside those of the body. */
  derivedColumns(change: Change, facts: Facts): Row
  /** Columns to write of what is deleted, before anything else is written, so that it is in the way of nothing. */
  releasedColumns(change: Change, view: View): Row | undefined
}

/** What the columns beside the body follow from. */
export interface Facts {
  view: View
  /** The départements of the territories that are written, by `kind:code`. */
  departments: ReadonlyMap<string, readonly string[]>
  /** The organization to which a service site belongs that is created. */
  ownerId: string | null
}

interface Definition<S extends TSchema> extends Pick<Resource, 'type' | 'table' | 'path' | 'visibility'> {
  schema: S
  /** The fields that a writer gives. */
  writable: Record<string, TSchema>
  defaults?: Record<string, unknown>
  rules?: (body: Static<S>) => BodyFault[]
  checks?: readonly Check[]
  reads?: Resource['reads']
  limit?: number
  numbered?: { among?: string }
  derivedColumns?: Resource['derivedColumns']
  releasedColumns?: Resource['releasedColumns']
}

const defined = new Map<ResourceType, Resource>()

/** All resources that are defined. */
export const definitions = (): Resource[] => [...defined.values()]

/** The resource of a type; throws when it is not defined. */
export function definitionOf(type: ResourceType): Resource {
  const resource = defined.get(type)
  if (!resource) throw new Error(`there is no resource ${type}`)
  return resource
}

export function defineResource<S extends TSchema>(definition: Definition<S>): Resource<Static<S>> {
  const { writable, defaults = {}, rules = () => [], checks = [], reads = {}, limit, numbered, ...rest } = definition
  const { derivedColumns = () => ({}), releasedColumns = () => undefined } = definition
  const fields = Object.keys(writable)
  const columns = fields.map(columnOf)
  const toBody = rowReader<Static<S>>(definition.schema)
  const resource = {
    ...rest,
    defaults,
    rules,
    checks,
    reads,
    limit,
    numbered,
    derivedColumns,
    releasedColumns,
    fields,
    columns,
    toBody,
  }
  defined.set(definition.type, resource as Resource)
  return resource
}
