/** Rules of organizations: official numbers, columns derived from the territory, and when two are the same. */
import { type Change, type Check, type Fields, takenBy, touches } from '../../engine/change-set.ts'
import type { Facts } from '../../engine/declaration/declaration.ts'
import { keyOf, type TerritoryRead } from '../../engine/declaration/territories.ts'
import type { Row } from '../../engine/row-mapper.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import { nameKey } from '../territories/names.ts'

/** An organization as far as it is matched with others. */
interface Matched {
  kind: string
  name: string
  siren: string | null
  territory: TerritoryRead | null
}

/** The last digit of a SIREN checks the others. */
export function validSiren({ siren }: Record<'siren', string | null>): BodyError[] {
  if (!siren || isLuhn(siren)) return []
  return [{ pointer: '/siren', code: 'checksum', message: `${siren} is not a SIREN: its check digit is wrong` }]
}

/** A SIRET is a SIREN and five digits more. */
export function siretOfSiren({ siren, siret }: Record<'siren' | 'siret', string | null>): BodyError[] {
  if (!siret || !siren || siret.startsWith(siren)) return []
  return [{ pointer: '/siret', code: 'mismatch', message: `a SIRET begins with the SIREN, ${siren} here` }]
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

/** The name by which it is matched, and the départements in which its territory lies. */
export function derivedColumns(change: Change, { departments }: Pick<Facts, 'departments'>): Row {
  const { name, territory } = (change.after ?? {}) as unknown as Matched
  const codes = (territory && departments.get(keyOf(territory))) ?? []
  return { name_key: nameKey(name), ...(touches(change, 'territory') && { department_codes: codes }) }
}

/** Kinds of which one territory has one only: the territory finds them whatever their name. */
const kindsOfTerritories = new Set(['commune', 'epci', 'departement', 'region'])

/** Whether an organization is its territory, as a commune is, or only works there. */
export const isTerritory = ({ kind, territory }: Pick<Matched, 'kind' | 'territory'>): boolean =>
  kindsOfTerritories.has(kind) && territory?.kind === kind

/** What makes an organization the same as another: its SIREN, its territory, or its kind, territory and name. */
export function identitiesOf(body: Fields): string[] {
  const { kind, name, siren, territory } = body as unknown as Matched
  if (!kind || !name) return []
  const place = `${kind}:${territory ? keyOf(territory) : ''}`
  return [...(siren ? [`siren:${siren}`] : []), isTerritory({ kind, territory }) ? place : `${place}:${nameKey(name)}`]
}
