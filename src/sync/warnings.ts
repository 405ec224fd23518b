/** What is unusual in a document and stored all the same, pure but for what the caller looked up about territories. */

import type { BodyFault } from '../http/faults.ts'
import { firstDay, lastDay } from '../resource/partial-date.ts'
import { type Entry, type Fields, ofType } from './entries.ts'
import type { OrganizationPlan } from './organizations.ts'

const USUAL_YEARS = 6
const LATE_SIGNATURE_YEARS = 1
const COMMON_THEMES = ['petite-enfance', 'jeunesse', 'parentalite']
const USUAL_THEMES = COMMON_THEMES.length + 1
const WARNINGS_MAX = 1_000

/** Mailboxes that look like those of a person: first and last name before the @. */
const PERSONAL_EMAIL = /^[a-z]{2,}[.-][a-z]{2,}@/i
const FUNCTIONS =
  /^(accueil|contact|mairie|direction|secretariat|info|service|centre|relais|rpe|laep|ctg|caf|ccas|cias|petite|enfance|jeunesse|maison|espace|pole|point|france)\b/i

/**
 * @param outside the ids of the organizations whose territory lies outside the perimeter
 */
export function documentWarnings(entries: Entry[], organizations: OrganizationPlan, outside: Set<string>): BodyFault[] {
  const [convention] = ofType(entries, 'convention') as [Entry]
  return [
    ...periodWarnings(convention.body),
    ...themeWarnings(convention.body),
    ...ofType(entries, 'signatory').flatMap(({ pointer, body }) => perimeterWarning(pointer, body, outside)),
    ...entries.flatMap(({ pointer, body }) => emailWarning(pointer, body.email)),
    ...organizations.warnings,
  ].slice(0, WARNINGS_MAX)
}

function periodWarnings({ startsOn, endsOn, signedOn }: Fields): BodyFault[] {
  const start = firstDay(startsOn as string | null)
  const end = lastDay(endsOn as string | null)
  const signature = firstDay(signedOn as string | null)
  const warnings: BodyFault[] = []
  if (start && end && end >= yearsAfter(start, USUAL_YEARS)) {
    warnings.push({
      pointer: '/endsOn',
      code: 'long-period',
      message: `the period is longer than ${USUAL_YEARS} years`,
    })
  }
  if (start && signature && signature > yearsAfter(start, LATE_SIGNATURE_YEARS)) {
    warnings.push({
      pointer: '/signedOn',
      code: 'late-signature',
      message: 'it was signed more than a year after its start',
    })
  }
  return warnings
}

const yearsAfter = (day: string, years: number) => `${Number(day.slice(0, 4)) + years}${day.slice(4)}`

function themeWarnings({ themes }: Fields): BodyFault[] {
  const given = (themes ?? []) as string[]
  const missing = COMMON_THEMES.filter((theme) => !given.includes(theme))
  if (missing.length === 0 && given.length >= USUAL_THEMES) return []
  const message = `a convention usually covers ${COMMON_THEMES.join(', ')} and one theme more${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}`
  return [{ pointer: '/themes', code: 'few-themes', message }]
}

function perimeterWarning(pointer: string, body: Fields, outside: Set<string>): BodyFault[] {
  if (!outside.has(body.organizationId as string)) return []
  const message = 'the territory of this signatory is outside the perimeter of the convention'
  return [{ pointer: `${pointer}/organization`, code: 'outside-perimeter', message }]
}

function emailWarning(pointer: string, email: unknown): BodyFault[] {
  if (typeof email !== 'string' || !PERSONAL_EMAIL.test(email) || FUNCTIONS.test(email)) return []
  const message = 'this looks like the address of a person: the registry is public, give the mailbox of a function'
  return [{ pointer: `${pointer}/email`, code: 'personal-email', message }]
}
