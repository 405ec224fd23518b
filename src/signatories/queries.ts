/** The signatories in the database: how a row becomes a body, what the filters of their lists mean. */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { equal, type FilterOf, heldBy } from '../resource/filters.ts'
import type { Condition } from '../resource/queries.ts'
import { defineResource } from '../resource/resource.ts'
import { boundOn } from '../resource/rights.ts'
import { signatoryRules } from './rules.ts'
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

/** Two signatories by which a convention binds an organization on the same day; undefined when there are none. */
export async function selectBoundTwice(db: Database, conventionId: string): Promise<string[] | undefined> {
  const { rows } = await sql<{ ids: string[] }>`
    select array[s.id, o.id] as ids from signatory s join signatory o
      on o.convention_id = s.convention_id and o.organization_id = s.organization_id and o.id > s.id and o.bound && s.bound
    where s.convention_id = ${conventionId} limit 1`.execute(db)
  return rows[0]?.ids
}
