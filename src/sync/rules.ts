/**
 * The rules of a document as a whole, pure: numbers, the tree of axes, who is bound twice, what a public convention
 * may name. The rules of each resource by itself stand in its own folder.
 */
import { cycle, MAX_LEVELS, tooDeep } from '../domain/axes/rules.ts'
import { resources } from '../domain/resources.ts'
import { type AmendmentDates, type OwnDays, ownDays } from '../domain/signatories/rules.ts'
import type { Signatory } from '../domain/signatories/schema.ts'
import type { Resource } from '../engine/resource.ts'
import { continuesDraft, namesDraft, namesItself } from '../engine/rules.ts'
import type { BodyFault } from '../http/errors/field-errors.ts'
import { type Entry, type Fields, inDocument, isLost, ofType } from './items.ts'
import type { Held } from './stored.ts'

/**
 * Everything that the filled bodies of a document break.
 * @param held what is under the convention
 * @param others what others made of it
 * @param drafts the ids, of those that are named, of drafts and of what is under one; whether the writer sees it
 */
export function documentFaults(entries: Entry[], held: Held, others: Held, drafts: Map<string, boolean>): BodyFault[] {
  return [
    ...entries.flatMap((one) => inDocument(one, (resources[one.type] as Resource<unknown>).rules(one.body))),
    ...numberFaults(ofType(entries, 'amendment')),
    ...numberFaults(ofType(entries, 'axis').filter((one) => !isLost(one, 'parentId'))),
    ...treeFaults(ofType(entries, 'axis'), held),
    ...boundTwice(entries, held),
    ...namingFaults(entries, others, drafts),
  ]
}

/** The place of an amendment in its convention, of an axis among its siblings: no two have the same. */
export const placeOf = ({ parentId, number }: Fields) => `${parentId ?? ''} ${number}`

function numberFaults(entries: Entry[]): BodyFault[] {
  const taken = new Map<string, Entry>()
  return entries.flatMap((one) => {
    const other = taken.get(placeOf(one.body))
    taken.set(placeOf(one.body), other ?? one)
    if (!other) return []
    const message = `the number ${one.body.number} is that of ${other.pointer} already`
    return [{ pointer: `${one.pointer}/number`, code: 'duplicate', message }]
  })
}

/** Axes are a tree of at most five levels, those of others counted: one may be a parent, or below an axis that moves. */
function treeFaults(entries: Entry[], held: Held): BodyFault[] {
  const parents = new Map((held.get('axis') ?? []).map((body) => [body.id, body.parentId as string | null]))
  for (const { id, body } of entries) parents.set(id, body.parentId as string | null)
  const listed = new Map(entries.map((one) => [one.id, one]))
  const faults = new Map<string, BodyFault>()
  for (const id of parents.keys()) {
    const above = ancestors(id, parents)
    const told = [id, ...above].map((one) => listed.get(one)).find((one) => one !== undefined)
    if (!told) continue
    const pointer = `${told.pointer}/parent`
    if (above.includes(id)) faults.set(pointer, cycle(pointer))
    else if (above.length >= MAX_LEVELS && !faults.has(pointer)) faults.set(pointer, tooDeep(pointer))
  }
  return [...faults.values()]
}

/** From the parent up to the root, or once around a cycle. */
function ancestors(id: string, parents: Map<string, string | null>): string[] {
  const above: string[] = []
  for (let parent = parents.get(id); parent && !above.includes(parent); parent = parents.get(parent)) above.push(parent)
  return above
}

/** The path of numbers from the root to the parent of each axis of the document, by the id of the axis. */
export function parentPaths(entries: Entry[], held: Held): Map<string, number[]> {
  const known = new Map<string, Fields>((held.get('axis') ?? []).map((body) => [body.id, body]))
  for (const { id, body } of entries) known.set(id, body)
  const path = (id: unknown): number[] => {
    const axis = known.get(id as string)
    return axis ? [...path(axis.parentId), axis.number as number] : []
  }
  return new Map(entries.map(({ id, body }) => [id, path(body.parentId)]))
}

/** What gives the days on which a signatory of a document, or of others, is bound by itself. */
export function daysOfSignatories(entries: Entry[], held: Held): (signatory: Fields) => OwnDays {
  const amendments = new Map<unknown, Fields>((held.get('amendment') ?? []).map((body) => [body.id, body]))
  for (const { id, body } of ofType(entries, 'amendment')) amendments.set(id, body)
  const dates = (id: unknown) => amendments.get(id) as AmendmentDates | undefined
  return (signatory) =>
    ownDays(signatory as unknown as Signatory, dates(signatory.amendmentId), dates(signatory.exitAmendmentId))
}

/** Whether two signatories bind the same organization on some of the same days. */
export function overlap(a: Fields, b: Fields, daysOf: (signatory: Fields) => OwnDays): boolean {
  if (a.organizationId !== b.organizationId || !a.organizationId) return false
  const [one, other] = [daysOf(a), daysOf(b)]
  const from = [one.from, other.from]
    .filter((day) => day !== null)
    .sort()
    .at(-1)
  const to = [one.to, other.to].filter((day) => day !== null).sort()[0]
  return !isEmpty(one) && !isEmpty(other) && (!from || !to || from <= to)
}

const isEmpty = ({ from, to }: OwnDays) => from !== null && to !== null && from > to

/** An organization is not bound twice on the same day. */
function boundTwice(entries: Entry[], held: Held): BodyFault[] {
  const daysOf = daysOfSignatories(entries, held)
  const known = ofType(entries, 'signatory').filter(
    (one) => !isLost(one, 'amendmentId') && !isLost(one, 'exitAmendmentId'),
  )
  const byOrganization = Map.groupBy(known, ({ body }) => body.organizationId)
  return [...byOrganization.values()].flatMap((same) =>
    same.flatMap((one, i) => {
      const other = same.slice(0, i).find((earlier) => overlap(earlier.body, one.body, daysOf))
      if (!other) return []
      const message = `the organization is bound by ${other.pointer} on some of the same days`
      return [{ pointer: `${one.pointer}/organization`, code: 'bound-twice', message }]
    }),
  )
}

/** Nothing public names a draft or what is under one; no convention renews or takes in itself. */
function namingFaults(entries: Entry[], others: Held, drafts: Map<string, boolean>): BodyFault[] {
  const [convention] = ofType(entries, 'convention') as [Entry]
  const named = [
    { pointer: '/predecessor', id: convention.body.predecessorId },
    { pointer: '/mergedInto', id: convention.body.mergedIntoId },
    ...ofType(entries, 'action').map(({ pointer, body }) => ({
      pointer: `${pointer}/carriedFrom`,
      id: body.carriedFromId,
    })),
  ]
  const isPublic = convention.body.state !== 'draft'
  const carrying = (others.get('action') ?? []).find((body) => drafts.has(body.carriedFromId as string))
  return [
    ...named.flatMap(({ pointer, id }) => {
      if (id && id === convention.id) return [namesItself(pointer)]
      return isPublic && drafts.has(id as string) ? [namesDraft(pointer)] : []
    }),
    ...(isPublic && carrying
      ? [continuesDraft(carrying.id, drafts.get(carrying.carriedFromId as string) === true)]
      : []),
  ]
}
