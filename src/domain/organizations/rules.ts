/** Rules of organizations: official numbers, columns derived from the territory, and when two are the same. */
import { type RawBuilder, sql } from 'kysely'
import type { Condition } from '../../db/expressions.ts'
import { type Change, type Check, type Fields, takenBy, touches } from '../../engine/change-set.ts'
import type { Facts } from '../../engine/declaration/declaration.ts'
import { type Filters, severalOf } from '../../engine/declaration/filters.ts'
import { keyOf, type TerritoryRead } from '../../engine/declaration/territories.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import type { Row } from '../../engine/row-mapper.ts'
import { sirenForm } from '../../engine/schema.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import { id, pattern } from '../../http/schema/schemas.ts'
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

/** Brought by a source to the public: the organization says so or, where it has no room for more, what lists it so. */
export function broughtBy(source: string, key: string | undefined): RawBuilder<boolean> {
  const name = JSON.stringify([{ source, key }])
  const underKey = key === undefined ? sql`` : sql` and d.key = ${key}`
  return sql<boolean>`t.id in (select o.id from organization o where o.sources @> ${name}::jsonb
    union select d.organization_id from document_organization d join convention c on c.id = d.convention_id
      join source_key k on (k.type, k.source, k.key, k.id) = ('organization', d.source, d.key, d.organization_id)
    where d.source = ${source}${underKey} and c.state <> 'draft')`
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

/** The filter by who funds. */
export const byFunder = (isFundedBy: (ids: string[]) => Condition): Filters => ({
  funderId: {
    schema: severalOf(id('Only those that this organization funds (French: financeur).', exampleIds.caf)),
    condition: isFundedBy,
  },
})

/**
 * The filters by an organization in any role, by its id or its SIREN. `words` continue "Only those"; `isInRole` takes
 * a list of ids, an expression, and is about a row `t`.
 */
export const byOrganization = (
  words: string,
  { isInRole, dependsOn = [] }: { isInRole(ids: RawBuilder<unknown>): Condition; dependsOn?: readonly ResourceType[] },
): Filters => ({
  organizationId: {
    schema: severalOf(id(`Only those ${words} (French: organisme).`, exampleIds.intercommunality)),
    condition: (ids: string[]) => isInRole(sql`${ids}::uuid[]`),
    dependsOn,
  },
  siren: {
    schema: severalOf(
      pattern(sirenForm, `Only those ${words}, by its SIREN (French: numéro SIREN de l’organisme).`, '200068468'),
    ),
    condition: (sirens: string[]) =>
      isInRole(sql`array(select o.id from organization o where o.siren = any(${sirens}))`),
    dependsOn: [...dependsOn, 'organization'],
  },
})
