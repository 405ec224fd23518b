/** The organizations in the database: how a row becomes a body, what the filters of their lists mean. */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { touches } from '../../engine/change-set.ts'
import { equal, type FilterOf } from '../../engine/read/filters.ts'
import type { Condition } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { nameKey } from '../territories/names.ts'
import { departmentsOfTerritory, organizationRules, uniqueSiren } from './rules.ts'
import { Organization, type OrganizationFilter, organizationBody } from './schema.ts'

export const organizations = defineResource({
  type: 'organization',
  table: 'organization',
  path: '/v1/organizations',
  visibility: 'always',
  schema: Organization,
  writable: organizationBody,
  rules: organizationRules,
  checks: [uniqueSiren],
  derivedColumns: (change, { departments }) => ({
    name_key: nameKey(change.after?.name as string),
    ...(touches(change, 'territory') && { department_codes: departmentsOfTerritory(change, departments) }),
  }),
})

export function organizationConditions(filter: FilterOf<typeof OrganizationFilter>): (Condition | undefined)[] {
  return [equal('siren', filter.siren), equal('kind', filter.kind), broughtBy(filter.source, filter.sourceKey)]
}

/** Brought by a source to the public: the organization says so or, where it has no room for more, what lists it so. */
function broughtBy(source: string | undefined, key: string | undefined): Condition | undefined {
  if (source === undefined) return undefined
  const name = JSON.stringify([{ source, key }])
  const underKey = key === undefined ? sql`` : sql` and d.key = ${key}`
  return sql<boolean>`t.id in (select o.id from organization o where o.sources @> ${name}::jsonb
    union select d.organization_id from document_organization d join convention c on c.id = d.convention_id
      join source_key k on (k.type, k.source, k.key, k.id) = ('organization', d.source, d.key, d.organization_id)
    where d.source = ${source}${underKey} and c.state <> 'draft')`
}

/** Those of the organizations that hold a key which is not revoked: they belong to themselves. */
export async function selectKeyHolders(db: Database, ids: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select distinct organization_id as id from api_key
    where organization_id = any(${ids}::uuid[]) and revoked_at is null`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
