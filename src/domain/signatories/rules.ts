/** The rules of a signatory by itself, and its own days: those on which it is bound whatever its convention's end. */

import { dayBefore, firstDay, lastDay } from '../../engine/partial-date.ts'
import { endsAfterStart } from '../../engine/rules.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { Signatory } from './schema.ts'

export function signatoryRules(signatory: Signatory): BodyFault[] {
  return endsAfterStart(signatory, 'startsOn', 'endsOn')
}

/** The days on which a signatory is bound by itself, inclusive; null is open. */
export interface OwnDays {
  from: string | null
  to: string | null
}

/** What is said when an organization would be bound twice, where which of the two is new cannot be told. */
export const BOUND_TWICE = 'The convention would bind an organization twice on some of the same days.'

/** What is said of an organization that is bound already on days which another signatory asks for. */
export function boundAlready({ from, to }: OwnDays): string {
  const days = from && to ? `from ${from} to ${to}` : from ? `from ${from} on` : to ? `until ${to}` : 'all the time'
  return `The organization is bound already ${days}.`
}

export interface AmendmentDates {
  effectiveOn: string | null
  signedOn: string | null
}

const effect = (amendment: AmendmentDates | undefined) =>
  firstDay(amendment?.effectiveOn) ?? firstDay(amendment?.signedOn)

/** The own days of a signatory. `settle` in the database keeps the same days in the row. */
export function ownDays(
  signatory: Pick<Signatory, 'startsOn' | 'endsOn'>,
  joinedBy: AmendmentDates | undefined,
  leftBy: AmendmentDates | undefined,
): OwnDays {
  const left = effect(leftBy)
  const ends = [lastDay(signatory.endsOn), left && dayBefore(left)].filter((day) => day !== null)
  return { from: firstDay(signatory.startsOn) ?? effect(joinedBy), to: ends.sort()[0] ?? null }
}
