/** The service sites in the database: how a row becomes a body, what the filters of their lists mean. */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { visible } from '../../auth/visibility.ts'
import { type FilterOf, heldBy } from '../../engine/read/filters.ts'
import { type Condition, conjunction } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { serviceSiteRules } from './rules.ts'
import { ServiceSite, type ServiceSiteFilter, serviceSiteBody } from './schema.ts'

export const serviceSites = defineResource({
  type: 'service-site',
  table: 'service_site',
  path: '/v1/service-sites',
  visibility: 'always',
  schema: ServiceSite,
  writable: serviceSiteBody,
  defaults: { itinerant: false },
  rules: serviceSiteRules,
  limit: conventionBounds.serviceSites,
  derivedColumns: ({ operation }, { ownerId }) => (operation === 'create' ? { owner_id: ownerId } : {}),
})

export function serviceSiteConditions(
  filter: FilterOf<typeof ServiceSiteFilter>,
  caller: Caller,
): (Condition | undefined)[] {
  return [
    filter.conventionId === undefined ? undefined : linkedTo(filter.conventionId, caller),
    filter.communeCode === undefined ? undefined : servesCommune(filter.communeCode),
    heldBy('service-site', filter.source, filter.sourceKey),
  ]
}

/** Linked to a convention; a draft's links show to those only who may see the draft. */
const linkedTo = (conventionId: string, caller: Caller): Condition => sql<boolean>`t.id in (
  select t.site_id from convention_site t where ${conjunction([sql<boolean>`t.convention_id = ${conventionId}`, visible(caller, 'convention')])})`

/** In the commune, or with a stop there. */
const servesCommune = (code: string): Condition => sql<boolean>`(t.commune_code = ${code}
  or t.stops @> jsonb_build_array(jsonb_build_object('communeCode', ${code}::text)))`
