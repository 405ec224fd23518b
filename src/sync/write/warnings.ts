/**
 * Warnings about unusual content of a document, which is stored all the same. Pure, but for territories that the caller
 * looked up.
 */

import { type Change, type Fields, LINKED } from '../../engine/change-set.ts'
import { keyOf, type TerritoryRead } from '../../engine/declaration/territories.ts'
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
  /** The territories of the perimeter, as `epci:200068468`, that lie outside the départements of the Caf. */
  elsewhere: ReadonlySet<string>
  /** The last day of the convention that this one renews. */
  renewed: string | null
  /** In Paris. */
  today: string
}

export function documentWarnings(entries: readonly Written[], facts: Facts): Warning[] {
  const { period, others, found, outside } = facts
  const [convention] = ofType(entries, 'convention') as [Written]
  return [
    ...periodWarnings(convention.body, period),
    ...signatureWarnings(convention.body),
    ...endWarnings(convention.body, facts),
    ...renewalWarnings(facts),
    ...elsewhereWarnings(convention.body, facts),
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

function endWarnings({ state, terminatedOn }: Fields, { today }: Facts): Warning[] {
  const end = lastDay(terminatedOn as string | null)
  if (state !== 'signed' || !end || end >= today) return []
  const message = 'it has ended early, and its state is still signed: "state": "terminated" says so'
  return [{ pointer: '/terminatedOn', code: 'ended-but-signed', message }]
}

function renewalWarnings({ period: { from }, renewed }: Facts): Warning[] {
  if (!from || !renewed || from > renewed) return []
  const message = `it begins on ${from}, and the convention that it renews ends on ${renewed} only`
  return [{ pointer: '/predecessor', code: 'overlaps-predecessor', message }]
}

function elsewhereWarnings({ territories }: Fields, { elsewhere }: Facts): Warning[] {
  const message = 'this territory lies outside the département of the Caf'
  return ((territories ?? []) as TerritoryRead[]).flatMap((territory, i) =>
    elsewhere.has(keyOf(territory)) ? [{ pointer: `/territories/${i}`, code: 'outside-department', message }] : [],
  )
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

/** Warnings about what is done: it is seen at once, or undoes what another document of the source says. */
export const changeWarnings = (changes: readonly Change[], convention: Fields): Warning[] => [
  ...(convention.state === 'draft' ? ofType(changes, 'organization').flatMap(revealWarning) : []),
  ...ofType(changes, 'service-site').flatMap((change) => siteWarning(change, convention)),
]

function revealWarning({ operation, place }: Change): Warning[] {
  if (operation !== 'create') return []
  const message = 'everybody sees this new organization, although the convention is a draft'
  return [{ pointer: place.at(''), code: 'public-organization', message }]
}

function siteWarning({ before, after, fields, place }: Change, convention: Fields): Warning[] {
  const others = ((before?.conventionIds ?? []) as string[]).filter((id) => id !== convention.id)
  const changed = fields.filter((field) => field !== LINKED && field !== 'sources')
  if (!after || others.length === 0 || changed.length === 0) return []
  const message = `other conventions link this site, and had it otherwise: ${changed.join(', ')}`
  return [{ pointer: place.at(''), code: 'site-differs', message }]
}
