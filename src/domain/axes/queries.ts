/** The axes in the database: how a row becomes a body, what the filters of their lists mean. */
import { touches } from '../../engine/change-set.ts'
import { equal, type FilterOf, heldBy } from '../../engine/read/filters.ts'
import type { Condition, OrderColumn } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { isInTheWay, pathTo, tree } from './rules.ts'
import { Axis, type AxisFilter, axisBody } from './schema.ts'

export const axes = defineResource({
  type: 'axis',
  table: 'axis',
  path: '/v1/axes',
  visibility: 'convention',
  schema: Axis,
  writable: axisBody,
  limit: conventionBounds.axes,
  numbered: { among: 'parentId' },
  reads: { number: ['axis'], parentId: ['axis'] },
  checks: [tree],
  derivedColumns: (change, { view }) =>
    touches(change, 'parentId') ? { parent_path: pathTo(view, change.after?.parentId) } : {},
  releasedColumns: (change, view) => (isInTheWay(change, view) ? { parent_id: null, parent_path: [] } : undefined),
})

/** As the plan prints them: each axis before its sub-axes, siblings by number. */
export const treeOrder: readonly OrderColumn[] = [
  { column: 'path', type: 'integer[]' },
  { column: 'id', type: 'uuid' },
]

export function axisConditions(filter: FilterOf<typeof AxisFilter>): (Condition | undefined)[] {
  return [equal('convention_id', filter.conventionId), heldBy('axis', filter.source, filter.sourceKey)]
}
