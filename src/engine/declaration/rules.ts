/**
 * Rules that several resources share, pure: each takes a body and gives the errors with pointers into it. What a
 * schema can say is not said again here.
 */
import type { BodyError } from '../../http/errors/field-errors.ts'
import { firstDay, lastDay } from '../partial-date.ts'

/** Of what is numbered in its convention or among its siblings. */
export const NUMBER_TAKEN = 'Another one beside it has this number.'

/** A draft, and what is under it, is named by drafts of its own Caf only: by nothing that others see. */
export const namesDraft = (pointer: string): BodyError => ({
  pointer,
  code: 'draft',
  message: 'A draft can be named only by drafts of the same Caf.',
})

/** A convention gets no other readers while an action of it continues one of a draft that they do not see. */
export const continuesDraft = (pointer: string, actionId: string): BodyError => ({
  pointer,
  code: 'draft',
  message: `Its action ${actionId} continues an action of a draft: only drafts of the same Caf can.`,
})

/** No convention renews itself or is merged into itself. */
export const namesItself = (pointer: string): BodyError => ({
  pointer,
  code: 'self-reference',
  message: 'A convention cannot name itself here.',
})

/** Nothing continues what continues it. */
export const comesBack = (pointer: string): BodyError => ({
  pointer,
  code: 'cycle',
  message: 'What is named here continues, step by step, what names it.',
})

/** An end is not before its start: as a start a partial date means its first day, as an end its last. */
export const endsAfterStart =
  <S extends string, E extends string>(start: S, end: E) =>
  (body: Record<S | E, string | null>): BodyError[] => {
    const [from, to] = [firstDay(body[start]), lastDay(body[end])]
    if (!from || !to || to >= from) return []
    const message = `${end} (${body[end]}) is before ${start} (${body[start]})`
    return [{ pointer: `/${end}`, code: 'before-start', message }]
  }

/** No two objects of a list have the same value in a field. */
export const uniqueBy =
  <L extends string, K extends string>(list: L, field: K) =>
  (body: Record<L, readonly Record<K, unknown>[]>): BodyError[] =>
    distinctBy(body[list], `/${list}`, `/${field}`, (item) => item[field])

/** No two items of a list are the same by this measure; items without one are passed over. */
export function distinctBy<T>(
  items: readonly T[],
  pointer: string,
  field: string,
  of: (item: T) => unknown,
): BodyError[] {
  const first = new Map<unknown, number>()
  return items.flatMap((item, i) => {
    const value = of(item)
    if (value === null || value === undefined) return []
    const earlier = first.get(value)
    if (earlier === undefined) first.set(value, i)
    if (earlier === undefined) return []
    const message = `${JSON.stringify(value)} stands at ${pointer}/${earlier} already`
    return [{ pointer: `${pointer}/${i}${field}`, code: 'duplicate', message }]
  })
}
