/** Declaration of a resource. The compiler checks its fields against the columns of its table. */
import type { RawBuilder, Selectable } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import type { Visibility } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { Condition } from '../../db/expressions.ts'
import type { DB, JsonValue } from '../../db/tables.ts'
import type { ConstraintProblem } from '../../http/server/error-handler.ts'
import type { Right } from '../../http/server/route-contract.ts'
import type { WriteRequest } from '../authorize.ts'
import type { Fields as Body, Change, Check, Stored as StoredBody, View } from '../change-set.ts'
import type { FeaturesOf } from '../geojson.ts'
import type { ResourceType } from '../resource-types.ts'
import type { Row } from '../row-mapper.ts'
import type { SourceKey } from '../schema.ts'
import type { AnswerOf, Fields, Flat, Rule } from './fields.ts'
import type { Filters } from './filters.ts'
import type { Lookup } from './lookup.ts'
import type { Model } from './models.ts'
import type { SortKeys } from './orders.ts'

type Table<T extends ResourceType> = (T extends 'service-site' ? 'service_site' : T) & keyof DB
type Camel<S extends string> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S
/** The columns of a table under the names of fields. */
type Columns<T extends ResourceType> = {
  [C in keyof DB[Table<T>] as Camel<C & string>]: Selectable<DB[Table<T>]>[C & keyof Selectable<DB[Table<T>]>]
}
/** The columns that every table has. */
type Own = 'id' | 'version' | 'conventionId' | 'sources' | 'createdAt' | 'updatedAt' | 'tx'
type Holds<V, C> = JsonValue extends C
  ? unknown
  : [V] extends [C]
    ? null extends C
      ? null extends V
        ? unknown
        : 'its column may be null'
      : unknown
    : 'its column holds another type'
/** Nothing more than the field where it fits its column, else what is wrong. */
type Stored<T extends ResourceType, F extends Fields> = {
  [K in keyof F]: K extends keyof Columns<T>
    ? F[K]['types']['presence'] extends 'unsaid'
      ? 'say what stands when it is left out: required, nullable, default, copied or completed'
      : Holds<F[K]['types']['answer'], Columns<T>[K]>
    : `there is no such column in ${Table<T>}`
}

export type BodyOf<F extends Fields, V extends Visibility> = Flat<
  { id: string; version: number } & (V extends 'convention' ? { conventionId: string } : unknown) &
    AnswerOf<F> & { sources: SourceKey[]; createdAt: string; updatedAt: string }
>

/** What it is, in English and French, and what its operations do beside what those of all resources do. */
export interface Docs {
  /** What one is, with its French term. */
  answer: string
  input: string
  /** One as a document lists it, where more is to be said than that. */
  document?: string
  /** With its article: `un axe`. */
  french: string
  /** Its group of operations in the contract. */
  tag: string
  /** Its list, on the home page. */
  home: string
  list: string
  listOfConvention?: string
  get: string
  create: string
  update?: string
  delete: string
}

/** A column by which the list of a convention is ordered, before the id. */
interface Order<Column extends string> {
  column: Column
  type: 'text' | 'integer[]'
}

/** What stands in a declaration as it is used. */
export interface Declared {
  /** Below that of the API. */
  path: `/${string}`
  /** Service sites belong to no convention: conventions link them. */
  isLinked?: boolean
  /** The most that one convention holds. */
  limit?: number
  /** In the example of the registry: its key, after that of its convention if it belongs to one. */
  example: string
  /**
   * The list of documents that holds it: the most that stand in it, where that is not `limit`, and the column by which
   * they stand there, where it is not that of `order`.
   */
  /** Its list in documents; `optional` are required fields that an entry there may leave out, see sync/write/official.ts. */
  document?: { description: string; max?: number; order?: string; optional?: readonly string[] }
  docs: Docs
  order?: Order<string>
  /** The filters that are no equality with a field; those are said by the field. */
  filters?: Filters
  /** What its list can be looked up by beside its filters. */
  lookup?: Lookup
  /** The orders that readers may ask for, beside those by version. */
  sort?: SortKeys
  /** Its places on a map. */
  featuresOf?: FeaturesOf
  /** What it is in standards of others. */
  models?: readonly Model[]
  /** What the filter by source means, under a key when one is given, where it is not what its keys name. */
  syncedBy?(source: string, key: string | undefined): Condition
  /** What the constraints of its table mean that do not follow from its references. */
  constraints?: Record<string, ConstraintProblem>
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
  lock?(db: Database, before: StoredBody | undefined, after: Body | undefined): Promise<void>
  /** Reads what may be the same as what is written. */
  selectRivals?(db: Database, before: StoredBody | undefined, after: Body): Promise<StoredBody[]>
}

export interface Declaration<T extends ResourceType, F extends Fields, V extends Visibility>
  extends Omit<Declared, 'order' | 'document'>,
    Partial<WriteRules>,
    Partial<StateRules> {
  visibility: V
  fields: F & Stored<T, F>
  /** The columns that no field shows, and why. */
  hidden: Record<Exclude<keyof Columns<T>, keyof NoInfer<F> | Own>, string>
  order?: Order<keyof Columns<T> & string>
  document?: Declared['document'] & { order?: keyof Columns<T> }
  rules?: readonly Rule<BodyOf<NoInfer<F>, V>>[]
}

/** What is under a convention has a list there, and is written by the Caf unless it says otherwise; all else says it. */
export type Needed<V extends Visibility> = V extends 'convention'
  ? { docs: { listOfConvention: string } }
  : Pick<WriteRules, 'rights' | 'authorize'>
