/**
 * What a resource is to the code that treats all of them alike: its name in the feed, its table, its place in the
 * API, the schema of its body and how a row becomes one.
 */
import type { Static, TSchema } from 'typebox'
import type { Visibility } from '../auth/visibility.ts'
import type { ResourceType } from '../domain/vocabularies/codes.ts'
import type { BodyFault } from '../http/errors/field-errors.ts'
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
}

interface Definition<S extends TSchema> extends Pick<Resource, 'type' | 'table' | 'path' | 'visibility'> {
  schema: S
  /** The fields that a writer gives. */
  writable: Record<string, TSchema>
  defaults?: Record<string, unknown>
  rules?: (body: Static<S>) => BodyFault[]
}

export function defineResource<S extends TSchema>(definition: Definition<S>): Resource<Static<S>> {
  const { writable, defaults = {}, rules = () => [], ...rest } = definition
  const fields = Object.keys(writable)
  return { ...rest, defaults, rules, fields, columns: fields.map(columnOf), toBody: rowReader(definition.schema) }
}
