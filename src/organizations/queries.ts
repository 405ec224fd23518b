/** The organizations in the database: how a row becomes a body, what the filters of their lists mean. */
import { equal, type FilterOf, heldBy } from '../resource/filters.ts'
import type { Condition } from '../resource/queries.ts'
import { defineResource } from '../resource/resource.ts'
import { organizationRules } from './rules.ts'
import { Organization, type OrganizationFilter, organizationBody } from './schema.ts'

export const organizations = defineResource({
  type: 'organization',
  table: 'organization',
  path: '/v1/organizations',
  visibility: 'always',
  schema: Organization,
  writable: organizationBody,
  rules: organizationRules,
})

export function organizationConditions(filter: FilterOf<typeof OrganizationFilter>): (Condition | undefined)[] {
  return [
    equal('siren', filter.siren),
    equal('kind', filter.kind),
    heldBy('organization', filter.source, filter.sourceKey),
  ]
}
