/** The rules of a signatory by itself, and its own days: those on which it is bound whatever its convention's end. */

import type { BodyFault } from '../http/faults.ts'
import { dayBefore, firstDay, lastDay } from '../resource/partial-date.ts'
import { endsAfterStart } from '../resource/rules.ts'
import type { Signatory } from './schema.ts'

export function signatoryRules(signatory: Signatory): BodyFault[] {
  return endsAfterStart(signatory, 'startsOn', 'endsOn')
}

export const BOUND_TWICE = 'The convention binds the organization on some of the same days twice.'

export interface AmendmentDates {
  effectiveOn: string | null
  signedOn: string | null
}

const effect = (amendment: AmendmentDates | undefined) =>
  firstDay(amendment?.effectiveOn) ?? firstDay(amendment?.signedOn)

/**
 * The first and last day on which a signatory is bound by itself, inclusive; null is open. `settle` in the database
 * keeps the same days in the row.
 */
export function ownDays(
  signatory: Pick<Signatory, 'startsOn' | 'endsOn'>,
  joinedBy: AmendmentDates | undefined,
  leftBy: AmendmentDates | undefined,
): { from: string | null; to: string | null } {
  const left = effect(leftBy)
  const ends = [lastDay(signatory.endsOn), left && dayBefore(left)].filter((day) => day !== null)
  return { from: firstDay(signatory.startsOn) ?? effect(joinedBy), to: ends.sort()[0] ?? null }
}
