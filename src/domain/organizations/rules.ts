/** The rules of an organization by itself, beyond its schema. */

import { type Change, type Check, type Fields, takenBy } from '../../engine/change-set.ts'
import type { Facts } from '../../engine/resource.ts'
import { territoryCode } from '../../engine/rules.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import { nameKey } from '../territories/names.ts'
import { keyOf, type TerritoryRead } from '../territories/references.ts'
import type { Organization } from './schema.ts'

export function organizationRules({ siren, siret, territory }: Organization): BodyFault[] {
  const faults = territoryCode(territory, '/territory')
  if (siren && !isLuhn(siren)) {
    faults.push({ pointer: '/siren', code: 'checksum', message: `${siren} is not a SIREN: its check digit is wrong` })
  }
  if (siret && siren && !siret.startsWith(siren)) {
    faults.push({ pointer: '/siret', code: 'mismatch', message: `a SIRET begins with the SIREN, ${siren} here` })
  }
  return faults
}

/** The Luhn sum: every second digit from the right is doubled, nines cast out. */
function isLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

/** Another organization does not have the same SIREN. */
export const uniqueSiren: Check = (view) => {
  const bySiren = Map.groupBy(
    view.all('organization').filter(({ siren }) => siren),
    ({ siren }) => siren,
  )
  return [...bySiren.values()].flatMap((same) => {
    const standing = same.filter(({ id }) => !view.changeOf(id))
    const changes = same.flatMap(({ id }) => view.changeOf(id) ?? [])
    if (standing.length === 0) return []
    return changes.map((change) => takenBy(change, '/siren', 'Another organization has this SIREN.', standing))
  })
}

/** The départements in which the territory of an organization lies. */
export function departmentsOfTerritory({ after }: Change, departments: Facts['departments']): readonly string[] {
  const territory = after?.territory as TerritoryRead | null | undefined
  return (territory && departments.get(keyOf(territory))) ?? []
}

/** Kinds of which one territory has one only: the territory finds them whatever their name. */
const kindsOfTerritories = new Set(['commune', 'epci', 'departement', 'region'])

/** Whether an organization is its territory, as a commune is, or only works there. */
export const isTerritory = ({ kind, territory }: Pick<Organization, 'kind' | 'territory'>): boolean =>
  kindsOfTerritories.has(kind) && territory?.kind === kind

/** What makes an organization the same as another: its SIREN, its territory, or its kind, territory and name. */
export function identitiesOf(body: Fields): string[] {
  const { kind, name, siren, territory } = body as unknown as Organization
  if (!kind || !name) return []
  const place = `${kind}:${territory ? keyOf(territory) : ''}`
  return [...(siren ? [`siren:${siren}`] : []), isTerritory({ kind, territory }) ? place : `${place}:${nameKey(name)}`]
}
