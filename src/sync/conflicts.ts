/**
 * What stands against a document that is right by itself: what others made under the convention, or outside it, and
 * what the document would contradict or leave without what it names. Each is a 409 that names what is in the way.
 */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { visible } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { refuseHiding } from '../domain/conventions/edits.ts'
import { boundAlready } from '../domain/signatories/rules.ts'
import { namedIds } from '../engine/references.ts'
import type { ResourceType } from '../engine/resource.ts'
import { NUMBER_TAKEN } from '../engine/rules.ts'
import { inUse } from '../engine/write/in-use.ts'
import type { BodyFault } from '../http/errors/field-errors.ts'
import { problem } from '../http/errors/problems.ts'
import type { Change } from './diff.ts'
import { type Entry, type Fields, ofType } from './items.ts'
import { documentLists } from './references.ts'
import { daysOfSignatories, overlap, placeOf } from './rules.ts'
import { documentBounds } from './schema.ts'
import type { Held } from './stored.ts'

interface Intent {
  caller: Caller
  entries: Entry[]
  held: Held
  others: Held
  changes: Change[]
}

/** Throws a 409 when something that is stored stands against the changes of a document. */
export async function refuseConflicts(db: Database, intent: Intent): Promise<void> {
  const { entries, held, others, changes } = intent
  const [convention] = ofType(entries, 'convention') as [Entry]
  const isHidden = convention.body.state === 'draft' && convention.current && convention.current.state !== 'draft'
  if (isHidden) await refuseHiding(db, convention.id)
  refuseTaken(entries, held, others)
  refuseTooMany(entries, others)
  const dropped = changes.filter(({ operation }) => operation === 'delete')
  if (dropped.length > 0) await refuseDropping(db, intent, dropped)
}

/** Numbers and days that belong to amendments, axes and signatories of others. */
function refuseTaken(entries: Entry[], held: Held, others: Held): void {
  const daysOf = daysOfSignatories(entries, held)
  const collides: Partial<Record<ResourceType, (a: Fields, b: Fields) => boolean>> = {
    amendment: (a, b) => placeOf(a) === placeOf(b),
    axis: (a, b) => placeOf(a) === placeOf(b),
    signatory: (a, b) => overlap(a, b, daysOf),
  }
  const errors: BodyFault[] = []
  const conflictsWith: { type: ResourceType; id: string }[] = []
  for (const { type, pointer, body } of entries) {
    const other = others.get(type)?.find((one) => collides[type]?.(one, body))
    if (!other) continue
    const message = type === 'signatory' ? boundAlready(daysOf(other)) : NUMBER_TAKEN
    errors.push({ pointer: pointer + (type === 'signatory' ? '/organization' : '/number'), code: 'taken', message })
    conflictsWith.push({ type, id: other.id })
  }
  if (errors.length === 0) return
  const detail = 'Numbers or days of the document belong to what others made under the convention.'
  throw problem('already-exists', detail, { errors, members: { conflictsWith } })
}

/** What a convention holds is bounded, whoever made it. */
function refuseTooMany(entries: Entry[], others: Held): void {
  const errors = Object.entries(documentLists).flatMap(([name, type]): BodyFault[] => {
    const bound = documentBounds[name as keyof typeof documentBounds]
    const count = others.get(type)?.length ?? 0
    if (count === 0 || ofType(entries, type).length + count <= bound) return []
    const message = `others made ${count} under the convention, and ${bound} is the most that it holds`
    return [{ pointer: `/${name}`, code: 'too-many', message }]
  })
  if (errors.length > 0) throw problem('conflict', 'The convention would hold too much.', { errors })
}

/** What is no longer listed is not deleted, and a site is not unlinked, while others name it. */
async function refuseDropping(db: Database, { caller, entries, others }: Intent, dropped: Change[]) {
  const users = [...others].flatMap(([type, bodies]) =>
    bodies.map((body) => ({ type, id: body.id, seen: true, names: namedIds(type, body).map((one) => one.id) })),
  )
  const [convention] = ofType(entries, 'convention') as [Entry]
  const isSeen = visible(caller, 'convention') ?? sql<boolean>`true`
  const ids = dropped.map(({ id }) => id)
  const { rows } = await sql<{ id: string; seen: boolean; names: string[] }>`
    select t.id, ${isSeen} as seen, array[t.carried_from_id] as names from action t
    where t.carried_from_id = any(${ids}::uuid[]) and t.convention_id <> ${convention.id} order by t.id`.execute(db)
  const gone = new Set(ids)
  const met = [...users, ...rows.map((row) => ({ type: 'action' as const, ...row }))].filter(({ names }) =>
    names.some((id) => gone.has(id)),
  )
  if (met.length === 0) return
  const shown = met.filter(({ seen }) => seen).map(({ type, id }) => ({ type, id }))
  const errors = dropped.flatMap((one) => namedDrop(one, met.filter(({ names }) => names.includes(one.id)).length))
  throw inUse('What the document no longer lists', shown, met.length, errors)
}

/** Which thing is missing from its list, and how many name it. */
function namedDrop({ type, key, id }: Change, count: number): BodyFault[] {
  if (count === 0) return []
  const [list] = Object.entries(documentLists).find(([, listed]) => listed === type) as [string, ResourceType]
  const by = count === 1 ? 'one resource' : `${count} resources`
  const message = `${list} no longer lists ${JSON.stringify(key)} (${id}), which is named by ${by}.`
  return [{ pointer: `/${list}`, code: 'in-use', message }]
}
