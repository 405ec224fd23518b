/** The axes in the database: how a row becomes a body, what the filters of their lists mean. */
import { equal, type FilterOf, heldBy } from '../../engine/read/filters.ts'
import type { Condition, OrderColumn } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { Axis, type AxisFilter, axisBody } from './schema.ts'

export const axes = defineResource({
  type: 'axis',
  table: 'axis',
  path: '/v1/axes',
  visibility: 'convention',
  schema: Axis,
  writable: axisBody,
})

/** As the plan prints them: each axis before its sub-axes, siblings by number. */
export const treeOrder: readonly OrderColumn[] = [
  { column: 'path', type: 'integer[]' },
  { column: 'id', type: 'uuid' },
]

export function axisConditions(filter: FilterOf<typeof AxisFilter>): (Condition | undefined)[] {
  return [equal('convention_id', filter.conventionId), heldBy('axis', filter.source, filter.sourceKey)]
}
