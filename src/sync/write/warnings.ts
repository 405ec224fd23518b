/**
 * Warnings about unusual content of a document, which is stored all the same. Pure, but for territories that the caller
 * looked up.
 */

import type { Fields } from '../../engine/change-set.ts'
import { firstDay, lastDay } from '../../engine/partial-date.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { ofType } from '../document/items.ts'
import type { Warning } from '../document/schema.ts'

const USUAL_YEARS = 6
const LATE_SIGNATURE_YEARS = 1
const COMMON_THEMES = ['petite-enfance', 'jeunesse', 'parentalite']
const USUAL_THEMES = COMMON_THEMES.length + 1

/** The local part of an address: two or three names, as in first.last@ or j.last@. */
const PERSONAL_EMAIL = /^[a-z]+([.-][a-z]{2,}){1,2}@/i

/** Words of which the mailboxes of functions are made. */
const FUNCTIONS = new Set(
  `accueil administration agence aide allocations antenne bureau caf caisse ccas centre cias cohesion collectivite
  communaute commune communication conseil contact cooperation coordination creche ctg culture departement
  direction dgs drh ecole education enfance enfants equipe espace etat famille familles finances france garderie
  guichet halte info infos information insertion jeunes jeunesse laep le les lieu logement ludotheque mairie maison
  mam mediation micro mission msa multi multiaccueil parentalite parents partenariat pedt periscolaire petite
  petiteenfance pij point pole politique prefecture president presidence projet projets public ram relais reseau
  rpe sante secretariat service services siege site social sociale solidarite solidarites sport support technique
  territoire territorial urbanisme vie ville webmaster`.split(/\s+/),
)

/** An object of the document. */
interface Written {
  type: ResourceType
  pointer: string
  body: Fields
}

interface Facts {
  /** Of the convention, its amendments applied. */
  period: { from: string | null; to: string | null }
  /** The ids of the organizations whose territory lies outside the perimeter. */
  outside: Set<string>
  /** How many others made under the convention, by the list of the document in which they are not. */
  others: ReadonlyMap<string, number>
  /** What was unusual about organizations. */
  found: readonly Warning[]
}

export function documentWarnings(entries: readonly Written[], { period, others, found, outside }: Facts): Warning[] {
  const [convention] = ofType(entries, 'convention') as [Written]
  return [
    ...periodWarnings(convention.body, period),
    ...signatureWarnings(convention.body),
    ...themeWarnings(convention.body),
    ...ofType(entries, 'signatory').flatMap(({ pointer, body }) => perimeterWarning(pointer, body, outside)),
    ...entries.flatMap(({ pointer, body }) => emailWarning(pointer, body.email)),
    ...[...others].map(([list, count]) => othersWarning(list, count)),
    ...found,
  ]
}

function othersWarning(list: string, count: number): Warning {
  const them = count === 1 ? 'one more, which' : `${count} more, which`
  const message = `the convention has ${them} this source did not make: left alone`
  return { pointer: `/${list}`, code: 'others-left-alone', message }
}

/** Told where the end comes from: the convention itself, or else its amendments. */
function periodWarnings({ endsOn }: Fields, { from, to }: Facts['period']): Warning[] {
  if (!from || !to || to < yearsAfter(from, USUAL_YEARS)) return []
  const pointer = lastDay(endsOn as string | null) === to ? '/endsOn' : '/amendments'
  return [{ pointer, code: 'long-period', message: `the period is longer than ${USUAL_YEARS} years` }]
}

function signatureWarnings({ startsOn, signedOn }: Fields): Warning[] {
  const start = firstDay(startsOn as string | null)
  const signature = firstDay(signedOn as string | null)
  if (!start || !signature || signature <= yearsAfter(start, LATE_SIGNATURE_YEARS)) return []
  return [{ pointer: '/signedOn', code: 'late-signature', message: 'it was signed more than a year after its start' }]
}

const yearsAfter = (day: string, years: number) => `${Number(day.slice(0, 4)) + years}${day.slice(4)}`

function themeWarnings({ themes }: Fields): Warning[] {
  const given = (themes ?? []) as string[]
  const missing = COMMON_THEMES.filter((theme) => !given.includes(theme))
  if (missing.length === 0 && given.length >= USUAL_THEMES) return []
  const message = `a convention usually covers ${COMMON_THEMES.join(', ')} and one theme more${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}`
  return [{ pointer: '/themes', code: 'few-themes', message }]
}

function perimeterWarning(pointer: string, body: Fields, outside: Set<string>): Warning[] {
  if (!outside.has(body.organizationId as string)) return []
  const message = 'the territory of this signatory is outside the perimeter of the convention'
  return [{ pointer: `${pointer}/organization`, code: 'outside-perimeter', message }]
}

function emailWarning(pointer: string, email: unknown): Warning[] {
  if (typeof email !== 'string' || !PERSONAL_EMAIL.test(email)) return []
  const words = email.slice(0, email.indexOf('@')).toLowerCase().split(/[.-]/)
  if (words.some((word) => FUNCTIONS.has(word))) return []
  const message = 'this looks like the address of a person: the registry is public, give the mailbox of a function'
  return [{ pointer: `${pointer}/email`, code: 'personal-email', message }]
}
