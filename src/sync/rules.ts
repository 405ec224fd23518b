/**
 * The rules of a document as a whole, pure: numbers, the tree of axes, who is bound twice, what a public convention
 * may name. The rules of each resource by itself stand in its own folder.
 */
import type { BodyFault } from '../http/faults.ts'
import type { Resource } from '../resource/resource.ts'
import { resources } from '../resources.ts'
import { ownDays } from '../signatories/rules.ts'
import type { Signatory } from '../signatories/schema.ts'
import { type Entry, inDocument, ofType } from './entries.ts'
import type { Held } from './held.ts'
import type { Drafts } from './resolve.ts'

const MAX_AXIS_LEVELS = 5

/** Everything that the filled bodies of a document break. */
export function documentFaults(entries: Entry[], held: Held, drafts: Drafts): BodyFault[] {
  return [
    ...entries.flatMap((one) => inDocument(one, (resources[one.type] as Resource<unknown>).rules(one.body))),
    ...numberFaults(ofType(entries, 'amendment'), () => ''),
    ...numberFaults(ofType(entries, 'axis'), ({ body }) => String(body.parentId)),
    ...treeFaults(ofType(entries, 'axis'), held),
    ...boundTwice(entries, held),
    ...namingFaults(entries, drafts),
  ]
}

function numberFaults(entries: Entry[], siblings: (entry: Entry) => string): BodyFault[] {
  const taken = new Map<string, Entry>()
  return entries.flatMap((one) => {
    const place = `${siblings(one)}:${one.body.number}`
    const other = taken.get(place)
    taken.set(place, other ?? one)
    if (!other) return []
    const message = `the number ${one.body.number} is that of ${other.pointer} already`
    return [{ pointer: `${one.pointer}/number`, code: 'duplicate', message }]
  })
}

/** Axes are a tree of at most five levels; an axis of others may be a parent. */
function treeFaults(entries: Entry[], held: Held): BodyFault[] {
  const parents = new Map((held.get('axis') ?? []).map((body) => [body.id, body.parentId as string | null]))
  for (const { id, body } of entries) parents.set(id, body.parentId as string | null)
  return entries.flatMap(({ pointer, id }) => {
    const seen = [id]
    for (let parent = parents.get(id); parent; parent = parents.get(parent)) {
      if (seen.includes(parent)) {
        return [{ pointer: `${pointer}/parent`, code: 'cycle', message: 'an axis cannot be below itself' }]
      }
      seen.push(parent)
    }
    if (seen.length <= MAX_AXIS_LEVELS) return []
    return [{ pointer: `${pointer}/parent`, code: 'too-deep', message: `axes have at most ${MAX_AXIS_LEVELS} levels` }]
  })
}

/** The path of numbers from the root to the parent of each axis of the document, by the id of the axis. */
export function parentPaths(entries: Entry[], held: Held): Map<string, number[]> {
  const known = new Map((held.get('axis') ?? []).map((body) => [body.id, body as Record<string, unknown>]))
  for (const { id, body } of entries) known.set(id, body)
  const path = (id: string | null): number[] => {
    const axis = id === null ? undefined : known.get(id)
    return axis ? [...path(axis.parentId as string | null), axis.number as number] : []
  }
  return new Map(entries.map(({ id, body }) => [id, path(body.parentId as string | null)]))
}

/** An organization is not bound twice on the same day. */
function boundTwice(entries: Entry[], held: Held): BodyFault[] {
  const amendments = new Map<unknown, Record<string, unknown>>(
    (held.get('amendment') ?? []).map((body) => [body.id, body]),
  )
  for (const { id, body } of ofType(entries, 'amendment')) amendments.set(id, body)
  const days = (body: Record<string, unknown>) =>
    ownDays(body as never, amendments.get(body.amendmentId) as never, amendments.get(body.exitAmendmentId) as never)
  const earlier: { entry: Entry; from: string | null; to: string | null }[] = []
  return ofType(entries, 'signatory').flatMap((entry) => {
    const { from, to } = days(entry.body as unknown as Signatory)
    if (from && to && from > to) return []
    const other = earlier.find(
      (one) =>
        one.entry.body.organizationId === entry.body.organizationId &&
        (!from || !one.to || from <= one.to) &&
        (!to || !one.from || one.from <= to),
    )
    earlier.push({ entry, from, to })
    if (!other || !entry.body.organizationId) return []
    const message = `the organization is bound by ${other.entry.pointer} on some of the same days`
    return [{ pointer: `${entry.pointer}/organization`, code: 'bound-twice', message }]
  })
}

/** Nothing public names a draft or what is under one; no convention renews or takes in itself. */
function namingFaults(entries: Entry[], drafts: Drafts): BodyFault[] {
  const [convention] = ofType(entries, 'convention') as [Entry]
  const named = [
    { pointer: '/predecessor', id: convention.body.predecessorId },
    { pointer: '/mergedInto', id: convention.body.mergedIntoId },
    ...ofType(entries, 'action').map(({ pointer, body }) => ({
      pointer: `${pointer}/carriedFrom`,
      id: body.carriedFromId,
    })),
  ]
  return named.flatMap(({ pointer, id }) => {
    if (id && id === convention.id)
      return [{ pointer, code: 'own-key', message: 'a convention cannot name itself here' }]
    if (convention.body.state === 'draft' || !drafts.has(id as string)) return []
    return [{ pointer, code: 'draft', message: 'a convention that is not a draft cannot name a draft' }]
  })
}
