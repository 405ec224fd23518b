/** The signatories in the database: how a row becomes a body, what the filters of their lists mean. */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { equal, type FilterOf, heldBy } from '../../engine/read/filters.ts'
import type { Condition } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { boundOn } from '../../engine/write/authorize.ts'
import { type OwnDays, signatoryRules } from './rules.ts'
import { Signatory, type SignatoryFilter, signatoryBody } from './schema.ts'

export const signatories = defineResource({
  type: 'signatory',
  table: 'signatory',
  path: '/v1/signatories',
  visibility: 'convention',
  schema: Signatory,
  writable: signatoryBody,
  rules: signatoryRules,
})

export function signatoryConditions(filter: FilterOf<typeof SignatoryFilter>): (Condition | undefined)[] {
  return [
    equal('convention_id', filter.conventionId),
    equal('organization_id', filter.organizationId),
    filter.validOn === undefined ? undefined : boundOn(filter.validOn),
    heldBy('signatory', filter.source, filter.sourceKey),
  ]
}

/** The signatories whose organization is bound by another one on the same day: by any, or by the one that was written. */
export async function selectBoundTwice(
  db: Database,
  conventionId: string,
  written?: string,
): Promise<({ id: string } & OwnDays)[]> {
  const by = written === undefined ? sql`o.id <> s.id` : sql`o.id = ${written} and s.id <> ${written}`
  const { rows } = await sql<{ id: string } & OwnDays>`
    select s.id, lower(s.bound) as "from", upper(s.bound) - 1 as "to" from signatory s
    where s.convention_id = ${conventionId} and exists (
      select from signatory o where o.convention_id = s.convention_id and o.organization_id = s.organization_id
        and ${by} and o.bound && s.bound)
    order by s.bound, s.id`.execute(db)
  return rows
}
