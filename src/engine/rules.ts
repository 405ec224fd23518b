/**
 * Rules that several resources share, pure: each takes a body and gives the faults with pointers into it. What a
 * schema can say is not said again here.
 */
import { isTerritoryCode, territoryRule } from '../domain/territories/schema.ts'
import type { TerritoryKind } from '../domain/vocabularies/codes.ts'
import { type BodyFault, fieldName } from '../http/errors/field-errors.ts'
import { firstDay, lastDay } from './partial-date.ts'

type Fields = Record<string, unknown>

/** Of an amendment in its convention, of an axis among its siblings. */
export const NUMBER_TAKEN = 'Another one beside it has this number.'

/** A draft, and what is under it, is named by drafts of its own Caf only: by nothing that others see. */
export const namesDraft = (pointer: string): BodyFault => ({
  pointer,
  code: 'draft',
  message: 'A draft can be named only by drafts of the same Caf.',
})

/** A convention gets no other readers while an action of it continues one of a draft that they do not see. */
export const continuesDraft = (pointer: string, actionId: string): BodyFault => ({
  pointer,
  code: 'draft',
  message: `Its action ${actionId} continues an action of a draft: only drafts of the same Caf can.`,
})

/** No convention renews itself or is merged into itself. */
export const namesItself = (pointer: string): BodyFault => ({
  pointer,
  code: 'self-reference',
  message: 'A convention cannot name itself here.',
})

/** Nothing continues what continues it. */
export const comesBack = (pointer: string): BodyFault => ({
  pointer,
  code: 'cycle',
  message: 'What is named here continues, step by step, what names it.',
})

/** An end is not before its start: as a start a partial date means its first day, as an end its last. */
export function endsAfterStart(body: Fields, start: string, end: string, at = ''): BodyFault[] {
  const from = firstDay(body[start] as string | null)
  const to = lastDay(body[end] as string | null)
  if (!from || !to || to >= from) return []
  const message = `${end} (${body[end]}) is before ${start} (${body[start]})`
  return [{ pointer: `${at}/${end}`, code: 'before-start', message }]
}

/** No two items of a list are the same by this measure; items without one are passed over. */
export function distinctBy<T>(
  items: readonly T[],
  pointer: string,
  field: string,
  of: (item: T) => unknown,
): BodyFault[] {
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

export interface TerritoryLike {
  kind: TerritoryKind
  code: string
  name: string | null
}

/** The code of a territory is written as the codes of its kind are. */
export function territoryCode(territory: TerritoryLike | null, pointer: string): BodyFault[] {
  if (!territory?.kind || !territory.code || isTerritoryCode(territory.kind, territory.code)) return []
  const message = `${fieldName(pointer)} must be ${territoryRule(territory.kind)}.`
  return [{ pointer, code: 'invalid-form', message }]
}

/** The territories of a perimeter: well-formed codes, none twice. */
export function territoryRules(territories: TerritoryLike[]): BodyFault[] {
  return [
    ...territories.flatMap((territory, i) => territoryCode(territory, `/territories/${i}`)),
    ...distinctBy(
      territories,
      '/territories',
      '',
      (territory) => territory?.code && `${territory.kind}:${territory.code}`,
    ),
  ]
}

interface FundingLine {
  funderId: string | null
  funderName: string | null
}

/** A line of funding says who funds: an organization of the registry, or a name. */
export function fundingRules(funding: FundingLine[]): BodyFault[] {
  return funding.flatMap(({ funderId, funderName }, i) => {
    if (funderId || funderName) return []
    const message = 'a line of funding names its funder: give funderId or funderName'
    return [{ pointer: `/funding/${i}/funderName`, code: 'required', message }]
  })
}

/** A place has both latitude and longitude, or neither. */
export function placeRules(place: { latitude: number | null; longitude: number | null }, at = ''): BodyFault[] {
  if ((place.latitude === null) === (place.longitude === null)) return []
  const missing = place.latitude === null ? 'latitude' : 'longitude'
  return [
    {
      pointer: `${at}/${missing}`,
      code: 'required',
      message: 'latitude and longitude are given together or not at all',
    },
  ]
}
