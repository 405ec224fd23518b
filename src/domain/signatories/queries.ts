/** The signatories in the database: how a row becomes a body, what the filters of their lists mean. */
import { equal, type FilterOf, heldBy } from '../../engine/read/filters.ts'
import type { Condition } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { boundOn } from '../../engine/write/authorize.ts'
import { boundOnce, daysFields, signatoryRules } from './rules.ts'
import { Signatory, type SignatoryFilter, signatoryBody } from './schema.ts'

export const signatories = defineResource({
  type: 'signatory',
  table: 'signatory',
  path: '/v1/signatories',
  visibility: 'convention',
  schema: Signatory,
  writable: signatoryBody,
  rules: signatoryRules,
  limit: conventionBounds.signatories,
  reads: Object.fromEntries(daysFields.map((field) => [field, ['amendment', 'signatory']])),
  checks: [boundOnce],
})

export function signatoryConditions(filter: FilterOf<typeof SignatoryFilter>): (Condition | undefined)[] {
  return [
    equal('convention_id', filter.conventionId),
    equal('organization_id', filter.organizationId),
    filter.validOn === undefined ? undefined : boundOn(filter.validOn),
    heldBy('signatory', filter.source, filter.sourceKey),
  ]
}
