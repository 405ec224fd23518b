/**
 * Change set: what a write does to the registry, as values that its stages pass on and that none of them alters. One
 * resource written by its id and a whole document are the same thing here: changes laid over what stands give a view
 * of the state after, and every rule is a pure function of that view.
 */

import type { ErrorCode } from '../http/errors/error-codes.ts'
import type { ResourceType } from './resource-types.ts'

export type Fields = Record<string, unknown>

/** A resource as it stands: its body. */
export interface Stored extends Fields {
  id: string
  version: number
  sources: { source: string; key: string }[]
}

/** How what was sent points at things: all in which the two ways of writing differ when they report an error. */
export interface Place {
  /** The JSON Pointer of a field of the resource in what was sent: `/leadId`, or `/actions/3/lead`. */
  at(pointer: string): string
  /** The id or key by which what was sent means the resource with this id. */
  nameOf(id: string): string
}

/** The place of a resource that is the whole body. */
export const wholeBody: Place = { at: (pointer) => pointer, nameOf: (id) => id }

export interface Change {
  operation: 'create' | 'update' | 'delete' | 'keep'
  type: ResourceType
  id: string
  /** In the source that writes it. */
  key?: string
  place: Place
  /** What stands; undefined when it is created. */
  before?: Stored
  /** What shall stand: every field that a writer gives, with id and convention; undefined when it is deleted. */
  after?: Fields
  /** The fields that change, by their names in the resource. */
  fields: readonly string[]
  /** Fields whose references are refused: what follows from these is not reported again. */
  lost: ReadonlySet<string>
}

export interface ChangeSet {
  /** The convention under which it writes, or which it writes. */
  conventionId: string | undefined
  changes: readonly Change[]
  /** Service sites to link to the convention, and to unlink from it. */
  link: readonly string[]
  unlink: readonly string[]
}

/** What a reference means: a resource that the writer may name. */
export interface Named {
  type: ResourceType
  id: string
  /** Whether it is a draft, or under one. */
  draft: boolean
  /** Whether the writer sees it. */
  seen: boolean
  /** The Caf of the convention that it is, or is under. */
  cafId?: string | null
  /** Of organizations. */
  kind?: string
  name?: string
}

/** What stands, as far as the rules of the changes need it; of a convention it is read under its lock. */
export interface Standing {
  convention: Stored | undefined
  /** Under the convention; of organizations those that may be the same as a written one. */
  parts: ReadonlyMap<ResourceType, readonly Stored[]>
  /** How many are under the convention, of types whose parts are not read. */
  counts: ReadonlyMap<ResourceType, number>
}

/** The state after a write, as far as it was read. */
export interface View {
  changes: readonly Change[]
  changeOf(id: unknown): Change | undefined
  /** What is written, in its order, then what stands beside it. */
  all(type: ResourceType): readonly Fields[]
  count(type: ResourceType): number
  named(id: unknown): Named | undefined
  /** The convention as it shall be; undefined outside of one. */
  convention: Fields | undefined
  isPublic: boolean
  /** Whether the convention was a draft and is none any more. */
  isPublished: boolean
  /** Whether the convention was a draft and gets other readers: the public, or another Caf. */
  isOpened: boolean
}

/** What is wrong with a change; `against` names what only stands and is in its way, else it is wrong by itself. */
export interface Finding {
  pointer: string
  code: ErrorCode
  message: string
  against?: readonly { type: ResourceType; id: string }[]
}

/** A rule over the state after a write. */
export type Check = (view: View) => Finding[]

export function finding(
  change: Change,
  pointer: string,
  code: ErrorCode,
  message: string,
  against?: Finding['against'],
): Finding {
  return { pointer: change.place.at(pointer), code, message, ...(against && { against }) }
}

/** A value that belongs to resources that only stand. */
export const takenBy = (change: Change, pointer: string, message: string, holders: readonly Fields[]): Finding =>
  finding(
    change,
    pointer,
    'taken',
    message,
    holders.map(({ id }) => ({ type: change.type, id: id as string })),
  )

/** Lays changes over what stands. */
export function viewOf(
  { changes, conventionId }: ChangeSet,
  { convention, parts, counts }: Standing,
  named: ReadonlyMap<string, Named>,
): View {
  const byId = new Map<unknown, Change>(changes.map((change) => [change.id, change]))
  const lists = new Map<ResourceType, Fields[]>()
  const listOf = (type: ResourceType) => [
    ...changes.flatMap(({ type: own, after }) => (own === type && after ? [after] : [])),
    ...(parts.get(type) ?? []).filter(({ id }) => !byId.has(id)),
  ]
  const all = (type: ResourceType) => {
    const list = lists.get(type) ?? listOf(type)
    lists.set(type, list)
    return list
  }
  const own = byId.get(conventionId)
  const after = own ? own.after : convention
  const isPublic = after !== undefined && after.state !== 'draft'
  return {
    changes,
    changeOf: (id) => byId.get(id),
    all,
    count: (type) => {
      const counted = counts.get(type)
      return counted === undefined
        ? all(type).length
        : counted + changes.filter((one) => one.type === type && isAdded(one)).length
    },
    named: (id) => named.get(id as string),
    convention: after,
    isPublic,
    isPublished: isPublic && convention?.state === 'draft',
    isOpened: convention !== undefined && after !== undefined && isOpened(convention, after),
  }
}

/** Whether a draft gets other readers: it becomes public, or goes to another Caf. */
export const isOpened = (before: Fields, after: Fields): boolean =>
  before.state === 'draft' && (after.state !== 'draft' || before.cafId !== after.cafId)

/** Whether a convention goes out of the sight of those who named it: it becomes a draft, or as one goes to another Caf. */
export const isClosed = (before: Fields, after: Fields): boolean =>
  after.state === 'draft' && (before.state !== 'draft' || before.cafId !== after.cafId)

/** Whether a reader of the convention may not see what it names: a draft is visible to its own Caf only. */
export const isOutOfSight = ({ convention, isPublic }: View, named: Named): boolean =>
  named.draft && (isPublic || named.cafId !== convention?.cafId)

/** The fields in which two bodies differ; both were shaped by the same schema, so equal values have equal text. */
export const changedFields = (fields: readonly string[], before: Fields, after: Fields): string[] =>
  fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))

/** The field of a service site that changes when a convention links it. */
export const LINKED = 'conventionIds'

/** The change that deletes a stored resource. */
export const deletionOf = (type: ResourceType, before: Stored): Change => ({
  operation: 'delete',
  type,
  id: before.id,
  place: wholeBody,
  before,
  fields: [],
  lost: new Set(),
})

/** Whether a change adds something to what a convention holds. */
export const isAdded = ({ operation, fields }: Change): boolean => operation === 'create' || fields.includes(LINKED)

/** Whether a change creates something, or changes one of these fields of it. */
export const touches = ({ operation, fields }: Change, ...names: string[]): boolean =>
  operation === 'create' || fields.some((field) => names.includes(field))
