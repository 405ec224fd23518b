/**
 * Includes (`include=lead,partners`): referenced resources in full beside their ids. One query for each relation,
 * however many answers there are; what the caller may not see is left out.
 */
import type { Caller } from '../../auth/caller.ts'
import { definitionOf, type Resource } from '../declaration/resource.ts'
import { columnOf } from '../row-mapper.ts'
import type { ReadContext } from './as-of.ts'
import { type StoredAnswer, selectAnswers } from './stored-answers.ts'

/** Which field holds the ids of which resource. */
export interface Relation {
  field: string
  resource: Resource
}

/** The relations of a resource by their names. */
export type Relations = Readonly<Record<string, Relation>>

/** The relations of a resource that a request asks for. */
export function relationsOf({ references, include = [] }: Resource, wanted: readonly string[] = []): Relations {
  const known = references.filter(({ name, within }) => !within && include.includes(name) && wanted.includes(name))
  return Object.fromEntries(known.map(({ name, field, to }) => [name, { field, resource: definitionOf(to) }]))
}

/** The columns of relations that hold ids. */
export const columnsOf = (relations: Relations): string[] => [
  ...new Set(Object.values(relations).map(({ field }) => columnOf(field))),
]

/** What is included in answers. */
export interface Included {
  /** The answer of a row with what is included: a single relation that is unknown is null. */
  answerOf(row: StoredAnswer): string
  /** What the tag of a row's answer depends on beside its own version; empty when nothing was asked for. */
  mark(row: StoredAnswer): string
  /** All ids that were looked up, whether they were found or not. */
  ids: string[]
}

/** Nothing: answers as they are stored. */
export const nothingIncluded: Included = { answerOf: ({ answer }) => answer, mark: () => '', ids: [] }

/** Looks up what was asked for, for rows that were read with the columns of these relations. */
export async function selectIncluded(
  reading: ReadContext,
  caller: Caller,
  rows: readonly StoredAnswer[],
  relations: Relations,
  wanted: readonly string[] = [],
): Promise<Included> {
  const known = wanted.flatMap((name) => (relations[name] ? [{ name, ...relations[name] }] : []))
  if (known.length === 0) return nothingIncluded
  const found = new Map<string, Map<string, StoredAnswer>>()
  const ids = new Set<string>()
  for (const { name, field, resource } of known) {
    const named = [...new Set(rows.flatMap((row) => idsIn(row, field)))]
    for (const id of named) ids.add(id)
    const seen = await reading.visibleNow(resource, named)
    found.set(name, await selectAnswers(reading.db, resource, caller, seen))
  }
  const answersIn = (row: StoredAnswer, name: string, field: string) =>
    idsIn(row, field).flatMap((id) => found.get(name)?.get(id) ?? [])
  return {
    ids: [...ids],
    answerOf(row) {
      const members = known.map(({ name, field }) => {
        const answers = answersIn(row, name, field).map(({ answer }) => answer)
        return `${JSON.stringify(name)}:${isList(row, field) ? `[${answers.join(',')}]` : (answers[0] ?? 'null')}`
      })
      return `${row.answer.slice(0, -1)},${members.join(',')}}`
    },
    mark: (row) =>
      known
        .map(({ name, field }) => `${name}:${answersIn(row, name, field).map(({ id, version }) => `${id}.${version}`)}`)
        .join(';'),
  }
}

const isList = (row: StoredAnswer, field: string) => Array.isArray(row[columnOf(field)])

const idsIn = (row: StoredAnswer, field: string) => [row[columnOf(field)] ?? []].flat() as string[]
