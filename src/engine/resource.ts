/**
 * Resources: what each is to the code that treats all of them alike, made from its declaration, and the registry of all
 * that are declared.
 */
import type { RawBuilder } from 'kysely'
import type { TProperties, TSchema } from 'typebox'
import type { Caller } from '../auth/caller.ts'
import { rights as allRights } from '../auth/policy.ts'
import type { Visibility } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { type ResourceType, resourceTypes } from '../domain/vocabularies/codes.ts'
import type { BodyError } from '../http/errors/field-errors.ts'
import type { Right } from '../http/server/route-contract.ts'
import { authorizeUnderConvention, type WriteRequest } from './authorize.ts'
import type { Fields as Body, Change, Check, Stored, View } from './change-set.ts'
import type { BodyOf, Declaration, Declared, Filters, Needed } from './declaration.ts'
import { type Fields, propertiesOf, type Rule, referencesOf, ruleErrors } from './fields.ts'
import { formsOf } from './forms.ts'
import type { Reference } from './references.ts'
import { columnOf, rowReader } from './row-mapper.ts'

export type { ResourceType }

/** A row as the driver gives it, by column names. */
export type Row = Record<string, unknown>

export interface Resource<Body = unknown> extends Declared, StateRules, WriteRules {
  /** The name in the feed, in sources and in problems. */
  type: ResourceType
  table: string
  visibility: Visibility
  /** All that it is declared of. */
  declared: Fields
  /** The fields that a writer gives, in the order in which people read them, and their columns. */
  fields: readonly string[]
  columns: readonly string[]
  /** What a writer leaves out and is neither null nor an empty list. */
  defaults: Readonly<Record<string, unknown>>
  references: readonly Reference[]
  /** The body that readers get, as what it is written, and pages of it and of its versions. */
  Answer: TSchema
  Input: TSchema
  Patch: TSchema
  Page: TSchema
  VersionPage: TSchema
  filterParameters: TProperties
  includeParameters: TProperties
  toBody(row: Row): Body
  /** What is wrong with a body by itself, beyond its schema. */
  errorsOf(body: Body): BodyError[]
}

/** What holds, and what follows, beyond a single body: over the state after a write. */
export interface StateRules {
  checks: readonly Check[]
  /** What stands under the convention and has to be read when these fields change. */
  reads: Readonly<Record<string, readonly ResourceType[]>>
  /** Of those that have a `number`: the field that siblings have in common; without one the convention has each number once. */
  numbered: { among?: string } | undefined
  /** Fields from which the period and the status of the convention follow, or the days of its signatories. */
  dayFields: readonly string[]
  /** Constraints that the database checks late, and from which fields they may be broken. */
  deferred: { fields: readonly string[]; constraints: readonly string[] } | undefined
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

/** Who may write a resource, and what a write of it alone locks and reads. */
export interface WriteRules {
  /** What its writes ask of a key, in words. */
  rights: { create: Right; update: Right; delete: Right }
  /** Throws a 403 unless the caller may do this. */
  authorize(ask: WriteRequest): void
  /** Columns to read for that beside a row `r` and its convention `c`. */
  facts?(caller: Caller, now: Date): RawBuilder<unknown>
  /** Locks what comes before the row; undefined is what does not stand, or shall not. */
  lock?(db: Database, before: Stored | undefined, after: Body | undefined): Promise<void>
  /** Reads what may be the same as what is written. */
  selectRivals?(db: Database, before: Stored | undefined, after: Body): Promise<Stored[]>
}

/** Editors of its Caf write what is under a convention. */
const underConvention = {
  rights: {
    create: allRights.underConvention,
    update: allRights.underConvention,
    delete: allRights.underConvention,
  },
  authorize: authorizeUnderConvention,
}

const noRules: StateRules = {
  checks: [],
  reads: {},
  numbered: undefined,
  dayFields: [],
  deferred: undefined,
  derivedColumns: () => ({}),
  releasedColumns: () => undefined,
}

const defined = new Map<ResourceType, Resource>()

/** All resources that are defined, in the order of their types. */
export const definitions = (): Resource[] => resourceTypes.flatMap((type) => defined.get(type) ?? [])

/** The resource of a type; throws when it is not defined. */
export function definitionOf(type: ResourceType): Resource {
  const resource = defined.get(type)
  if (!resource) throw new Error(`there is no resource ${type}`)
  return resource
}

/** Whether conventions hold it: it belongs to one, or they link it. */
export const isPart = ({ visibility, isLinked }: Resource): boolean => visibility === 'convention' || isLinked === true

/**
 * Declares a resource: from its fields come its schemas and pages, its filters, its references both ways, its routes,
 * and what the constraints of its table mean.
 */
export function resource<
  const T extends ResourceType,
  F extends Fields,
  const V extends Visibility,
  const L extends Filters,
>(type: T, declaration: Declaration<T, F, V, L> & Needed<V>) {
  const { hidden: _hidden, rules: own = [], ...rest }: Declaration<T, F, V, L> = declaration
  const declared: Fields = declaration.fields
  const forms = formsOf(type, declaration)
  const fields = Object.keys(propertiesOf(declared, 'input'))
  const rules = own as readonly Rule<never>[]
  const made = {
    ...noRules,
    ...underConvention,
    ...(rest as Declared & Partial<StateRules & WriteRules> & { visibility: V }),
    ...forms,
    type,
    table: type.replace('-', '_'),
    declared,
    fields,
    columns: fields.map(columnOf),
    defaults: defaultsOf(declared),
    references: referencesOf(declared),
    toBody: rowReader<BodyOf<F, V>>(forms.Answer),
    errorsOf: (body: BodyOf<F, V>) => ruleErrors(declared, rules, body),
  }
  defined.set(type, made as Resource)
  return made
}

const defaultsOf = (fields: Fields) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, { facts }]) =>
      facts.default === undefined ? [] : [[field, facts.default]],
    ),
  )
