/** Resource: a declaration completed with its schemas and references, and the registry of all that are declared. */
import type { TProperties, TSchema } from 'typebox'
import { rights as allRights } from '../../auth/policy.ts'
import type { Visibility } from '../../auth/visibility.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import { authorizeUnderConvention } from '../authorize.ts'
import { type ResourceTable, type ResourceType, resourceTypes } from '../resource-types.ts'
import { columnOf, type Row, rowReader } from '../row-mapper.ts'
import type { BodyOf, Declaration, Declared, Needed, StateRules, WriteRules } from './declaration.ts'
import { type Fields, isSearched, propertiesOf, type Reference, type Rule, referencesOf, ruleErrors } from './fields.ts'
import type { Filters } from './filters.ts'
import { formsOf } from './forms.ts'
import type { SortKeys } from './orders.ts'
import type { Relation } from './relations.ts'

export interface Resource<Body = unknown> extends Declared, StateRules, WriteRules {
  /** The name in the feed, in sources and in problems. */
  type: ResourceType
  table: ResourceTable
  visibility: Visibility
  /** All that it is declared of. */
  declared: Fields
  /** The fields that a writer gives, in the order in which people read them, and their columns. */
  fields: readonly string[]
  columns: readonly string[]
  /** What a writer leaves out and is neither null nor an empty list. */
  defaults: Readonly<Record<string, unknown>>
  references: readonly Reference[]
  /** Whether `q` searches it: one of its fields is declared so. */
  isSearched: boolean
  /** The body that readers get, the bodies that writers send, and the pages of it and of its versions. */
  Answer: TSchema
  Input: TSchema
  Patch: TSchema
  Page: TSchema
  VersionPage: TSchema
  filters: Filters
  sortKeys: SortKeys
  sortParameters: TProperties
  filterParameters: TProperties
  /** What readers may include. */
  relations: readonly Relation[]
  toBody(row: Row): Body
  /** What is wrong with a body by itself, beyond its schema. */
  errorsOf(body: Body): BodyError[]
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
export function resource<const T extends ResourceType, F extends Fields, const V extends Visibility>(
  type: T,
  declaration: Declaration<T, F, V> & Needed<V>,
) {
  const { hidden: _hidden, rules: own = [], ...rest }: Declaration<T, F, V> = declaration
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
    table: type.replace('-', '_') as ResourceTable,
    declared,
    fields,
    columns: fields.map(columnOf),
    defaults: defaultsOf(declared),
    references: referencesOf(declared),
    isSearched: isSearched(declared),
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
