/**
 * Checks: rules over the state after a write that several resources share, and how findings become problems: a 422 with
 * all errors of the body, or a 409 that names the stored resources in its way.
 */

import { type BodyError, mergeErrors } from '../../../http/errors/field-errors.ts'
import { invalidBody, problem } from '../../../http/errors/problems.ts'
import {
  type Change,
  type Check,
  type Fields,
  type Finding,
  finding,
  isAdded,
  isOutOfSight,
  takenBy,
  type View,
} from '../../change-set.ts'
import { type NamedId, namedIds } from '../../declaration/references.ts'
import { definitionOf, definitions } from '../../declaration/resource.ts'
import { NUMBER_TAKEN, namesDraft, namesItself } from '../../declaration/rules.ts'
import type { ResourceType } from '../../resource-types.ts'
import { nameOf } from '../../words.ts'

/** All that the checks of all resources find. */
export const findingsIn = (view: View): Finding[] => [
  ...naming(view),
  ...numbers(view),
  ...limits(view),
  ...definitions().flatMap(({ checks }) => checks.flatMap((check) => check(view))),
]

/** Throws all that is wrong by itself, else what stands in the way. */
export function throwFindings(body: unknown, errors: BodyError[], findings: readonly Finding[]): void {
  const wrong = findings.filter(({ against }) => against === undefined)
  const all = mergeErrors(body, errors, wrong.map(errorOf))
  if (all.length > 0) throw invalidBody(all)
  const taken = findings.filter(({ code }) => code === 'taken')
  if (taken.length > 0) {
    const detail = 'Numbers, days or other values of this belong to others: `errors` says which.'
    const conflictsWith = unique(taken.flatMap(({ against = [] }) => against).map(({ type, id }) => ({ type, id })))
    throw problem('already-exists', detailOf(taken, detail), {
      errors: unique(taken.map(errorOf)),
      members: { conflictsWith },
    })
  }
  const full = findings.filter(({ code, against }) => code === 'too-many' && against)
  if (full.length > 0)
    throw problem('conflict', detailOf(full, 'The convention would hold too much.'), { errors: full.map(errorOf) })
}

const errorOf = ({ pointer, code, message }: Finding): BodyError => ({ pointer, code, message })

const detailOf = ([first, ...others]: Finding[], detail: string) =>
  first && others.length === 0 ? first.message : detail

const unique = <T>(items: T[]): T[] => [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]

/** No two have the same number beside each other: in the convention, or among siblings. */
const numbers: Check = (view) =>
  definitions().flatMap(({ type, numbered }) => {
    if (!numbered) return []
    const { among = '' } = numbered
    const known = view.all(type).filter(({ id }) => !view.changeOf(id)?.lost.has(among))
    return [...Map.groupBy(known, (one) => `${one[among] ?? ''} ${one.number}`).values()].flatMap((same) =>
      clash(view, same),
    )
  })

function clash(view: View, same: readonly Fields[]): Finding[] {
  const [first, ...more] = same.map(({ id }) => view.changeOf(id)).filter((change) => change !== undefined)
  const standing = same.find(({ id }) => !view.changeOf(id))
  if (!first) return []
  const message = `the number ${same[0]?.number} is that of ${first.place.at('')} already`
  return [
    ...more.map((change) => finding(change, '/number', 'duplicate', message)),
    ...(standing ? [first, ...more].map((change) => takenBy(change, '/number', NUMBER_TAKEN, [standing])) : []),
  ]
}

/** The number after the last one, or else the first that is free; null when all are taken. */
export function nextNumber(taken: readonly number[], max: number): number | null {
  const next = Math.max(0, ...taken) + 1
  if (next <= max) return next
  const numbers = new Set(taken)
  return Array.from({ length: max }, (_, i) => i + 1).find((number) => !numbers.has(number)) ?? null
}

/** The number of resources of each type under a convention is bounded, whichever writer made them. */
const limits: Check = (view) =>
  definitions().flatMap(({ type, limit }) => {
    const added = view.changes.filter((change) => change.type === type && isAdded(change))
    const [first] = added
    const count = first && limit ? view.count(type) : 0
    if (!first || !limit || count <= limit) return []
    const message = `The convention has ${count - added.length} of these already, and ${limit} is the most that it holds.`
    return [finding({ ...first, place: listOf(first) }, '', 'too-many', message, [])]
  })

const listOf = ({ place }: Change) => ({ ...place, at: () => place.at('').replace(/\/\d+$/, '') })

/**
 * Whatever is named must be there and in sight of the writer, and of all who see what names it; no convention names
 * itself. What is unchanged was looked at when it was written, and is looked at again when its convention gets other
 * readers.
 */
const naming: Check = (view) =>
  view.changes.flatMap((change) =>
    namesToCheck(view, change).flatMap((name) => {
      const { to, id, pointer } = name
      if (to === 'convention' && id === change.id) return [at(change, namesItself(pointer))]
      const named = view.named(id)
      if (!named?.seen) return [at(change, unknownReference(change, name))]
      return isOutOfSight(view, named) ? [at(change, namesDraft(pointer))] : []
    }),
  )

const at = (change: Change, { pointer, code, message }: BodyError): Finding => finding(change, pointer, code, message)

/** The references of a change that have to be looked at. */
export function namesToCheck({ isOpened }: Pick<View, 'isOpened'>, change: Pick<Change, 'type' | 'before' | 'after'>) {
  const { type, before, after } = change
  if (!after) return []
  const standing = new Set(before && !isOpened ? namedIds(type, before).map(({ id }) => id) : [])
  return namedIds(type, after).filter(({ id }) => !standing.has(id))
}

function unknownReference({ place }: Change, { to, isElsewhere, id, pointer }: NamedId): BodyError {
  const message = `${JSON.stringify(place.nameOf(id))} is ${homeOf(to, isElsewhere)}.`
  return { pointer, code: 'unknown-reference', message }
}

/** What a name should have meant. */
function homeOf(to: ResourceType, isElsewhere: boolean): string {
  const { visibility, isLinked } = definitionOf(to)
  const noun = `no ${nameOf(to)}`
  if (isLinked) return `${noun} that is linked to this convention`
  if (visibility === 'always') return noun
  if (visibility === 'own') return `${noun} that may be named here`
  return isElsewhere ? `${noun} of another convention that may be named here` : `${noun} of this convention`
}

/** The fields of a change whose references mean nothing. */
export function lostFields(change: Pick<Change, 'type' | 'after'>, isKnown: (id: string) => boolean): Set<string> {
  return new Set(
    definitionOf(change.type).references.flatMap(({ field }) => {
      const value = change.after?.[field]
      return typeof value === 'string' && !isKnown(value) ? [field] : []
    }),
  )
}
