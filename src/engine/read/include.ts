/**
 * Includes (`include=lead,axes.parent`): referenced resources in full beside their ids, and what those refer to. One
 * query for each relation, however many answers there are; what the caller may not see is left out.
 */
import type { TSchema } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import { invalidParameters, type Problem } from '../../http/errors/problems.ts'
import type { Relation } from '../declaration/relations.ts'
import { definitionOf, type Resource } from '../declaration/resource.ts'
import { columnOf } from '../row-mapper.ts'
import { include } from '../schema.ts'
import type { ReadContext } from './as-of.ts'
import { type StoredAnswer, selectAnswers } from './stored-answers.ts'

/** A relation to include, and those to include in what it leads to. */
export interface IncludedRelation extends Relation {
  further: Relations
}
export type Relations = readonly IncludedRelation[]

/** The most that is included in one answer, each as often as it stands there: how many, and their characters. */
const INCLUDED_MAX = 10_000
const CHARACTERS_MAX = 16 * 1024 * 1024

/** The relations of a resource that a request asks for, in that order; `axes.parent` asks for `axes` too. */
export function chosenRelations({ relations }: Resource, wanted: readonly string[] = []): Relations {
  const names = [...new Set(wanted.map((path) => path.split('.')[0]))]
  return names.flatMap((name) => {
    const inside = wanted.flatMap((path) => (path.startsWith(`${name}.`) ? [path.slice(path.indexOf('.') + 1)] : []))
    return relations
      .filter((one) => one.name === name)
      .map((one) => ({ ...one, further: chosenRelations(definitionOf(one.to), inside) }))
  })
}

/** What a reader may include: each relation, and after a dot the single ones of what it leads to. */
export const includesOf = ({ relations }: Resource): string[] =>
  relations.flatMap(({ name, to }) => {
    const further = definitionOf(to).relations.filter(({ isList }) => !isList)
    return [name, ...further.map((one) => `${name}.${one.name}`)]
  })

/** The parameter `include`, once all resources are defined; nothing where there is nothing to include. */
export function includeParameters(resource: Resource): Record<string, TSchema> {
  const [first, ...others] = includesOf(resource)
  return first === undefined ? {} : include([first, ...others])
}

/** The columns of relations that hold ids. */
export const idColumnsOf = (relations: Relations): string[] => [
  ...new Set(relations.map(({ field }) => columnOf(field))),
]

/** What is included in answers. */
export interface Included {
  /** The answer of a row with what is included: a single relation that is unknown is null. */
  answerOf(row: StoredAnswer): string
  /** The characters of that answer, but for a few. */
  sizeOf(row: StoredAnswer): number
  /** What the tag of a row's answer depends on beside its own version; empty when nothing was asked for. */
  mark(row: StoredAnswer): string
  /** All ids that were looked up, whether they were found or not. */
  ids: string[]
}

/** Nothing: answers as they are stored. */
const nothingIncluded: Included = {
  answerOf: ({ answer }) => answer,
  sizeOf: ({ answer }) => answer.length,
  mark: () => '',
  ids: [],
}

/** Looks up what was asked for, for rows that were read with the columns of these relations; a 400 when it is too much. */
export async function selectIncluded(
  reading: ReadContext,
  caller: Caller,
  rows: readonly StoredAnswer[],
  relations: Relations,
): Promise<Included> {
  if (relations.length === 0) return nothingIncluded
  refuseTooMany(rows, relations)
  const found: { relation: Relation; answers: Map<string, StoredAnswer>; inside: Included }[] = []
  for (const relation of relations) {
    const resource = definitionOf(relation.to)
    const named = [...new Set(rows.flatMap((row) => idsIn(row, relation)))]
    const seen = await reading.visibleNow(resource, named)
    const answers = await selectAnswers(reading.db, resource, caller, seen, idColumnsOf(relation.further))
    const inside = await selectIncluded(reading, caller, [...answers.values()], relation.further)
    found.push({ relation, answers, inside: { ...inside, ids: [...named, ...inside.ids] } })
  }
  const included = (row: StoredAnswer) =>
    found.map(({ relation, answers, inside }) => ({
      ...relation,
      inside,
      rows: idsIn(row, relation).flatMap((id) => answers.get(id) ?? []),
    }))
  const sizeOf = (row: StoredAnswer): number =>
    included(row)
      .flatMap(({ inside, rows }) => rows.map(inside.sizeOf))
      .reduce((sum, size) => sum + size, row.answer.length)
  const size = rows.reduce((sum, row) => sum + sizeOf(row), 0)
  if (size > CHARACTERS_MAX) throw tooMuch(`${size} characters`, `${CHARACTERS_MAX}`)
  return {
    sizeOf,
    ids: [...new Set(found.flatMap(({ inside }) => inside.ids))],
    answerOf(row) {
      const members = included(row).map(({ name, isList, inside, rows }) => {
        const texts = rows.map(inside.answerOf)
        return `${JSON.stringify(name)}:${isList ? `[${texts.join(',')}]` : (texts[0] ?? 'null')}`
      })
      return `${row.answer.slice(0, -1)},${members.join(',')}}`
    },
    mark: (row) =>
      included(row)
        .map(({ name, inside, rows }) => `${name}:${rows.map((one) => `${one.id}.${one.version} ${inside.mark(one)}`)}`)
        .join(';'),
  }
}

function refuseTooMany(rows: readonly StoredAnswer[], relations: Relations): void {
  const count = relations.reduce(
    (sum, relation) => rows.reduce((inAll, row) => inAll + idsIn(row, relation).length, sum),
    0,
  )
  if (count > INCLUDED_MAX) throw tooMuch(`${count} resources`, `${INCLUDED_MAX}`)
}

function tooMuch(much: string, max: string): Problem {
  const message = `include would answer ${much} in one page, more than ${max}: take a smaller limit.`
  return invalidParameters([{ parameter: 'include', code: 'too-many', message }])
}

const idsIn = (row: StoredAnswer, { field }: Relation) => [row[columnOf(field)] ?? []].flat() as string[]
