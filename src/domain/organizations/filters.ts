/** Filters by organizations, for a row `t`: of their own list, and of the lists in which they have roles. */
import { type RawBuilder, sql } from 'kysely'
import type { Condition } from '../../db/expressions.ts'
import { among, type Filters, severalOf } from '../../engine/declaration/filters.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { sirenForm } from '../../engine/schema.ts'
import { id, pattern } from '../../http/schema/schemas.ts'
import { byTerritory, inPerimeter } from '../territories/filters.ts'

export const filters = byTerritory(
  inPerimeter('whose territory contains or meets', (keys) => among('territory_key', keys)),
)

/** Brought by a source to the public: the organization says so or, where it has no room for more, what lists it so. */
export function broughtBy(source: string, key: string | undefined): RawBuilder<boolean> {
  const name = JSON.stringify([{ source, key }])
  const underKey = key === undefined ? sql`` : sql` and d.key = ${key}`
  return sql<boolean>`t.id in (select o.id from organization o where o.sources @> ${name}::jsonb
    union select d.organization_id from document_organization d join convention c on c.id = d.convention_id
      join source_key k on (k.type, k.source, k.key, k.id) = ('organization', d.source, d.key, d.organization_id)
    where d.source = ${source}${underKey} and c.state <> 'draft')`
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
