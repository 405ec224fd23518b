/** The amendments in the database: how a row becomes a body, what the filters of their lists mean. */
import { equal, type FilterOf, heldBy } from '../../engine/read/filters.ts'
import type { Condition } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { Amendment, type AmendmentFilter, amendmentBody } from './schema.ts'

export const amendments = defineResource({
  type: 'amendment',
  table: 'amendment',
  path: '/v1/amendments',
  visibility: 'convention',
  schema: Amendment,
  writable: amendmentBody,
  limit: conventionBounds.amendments,
  numbered: {},
  reads: { number: ['amendment'], effectiveOn: ['amendment', 'signatory'], signedOn: ['amendment', 'signatory'] },
})

export function amendmentConditions(filter: FilterOf<typeof AmendmentFilter>): (Condition | undefined)[] {
  return [equal('convention_id', filter.conventionId), heldBy('amendment', filter.source, filter.sourceKey)]
}
