/** The actions in the database: how a row becomes a body, what the filters of their lists mean. */
import { equal, type FilterOf, heldBy } from '../../engine/read/filters.ts'
import type { Condition, OrderColumn } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { actionRules } from './rules.ts'
import { Action, type ActionFilter, actionBody } from './schema.ts'

export const actions = defineResource({
  type: 'action',
  table: 'action',
  path: '/v1/actions',
  visibility: 'convention',
  schema: Action,
  writable: actionBody,
  defaults: { status: 'planned', recurring: false },
  rules: actionRules,
  limit: conventionBounds.actions,
})

/** By the printed code in natural order, 2 before 10; those without a code last. */
export const codeOrder: readonly OrderColumn[] = [
  { column: 'sort_key', type: 'text' },
  { column: 'id', type: 'uuid' },
]

export function actionConditions(filter: FilterOf<typeof ActionFilter>): (Condition | undefined)[] {
  return [equal('convention_id', filter.conventionId), heldBy('action', filter.source, filter.sourceKey)]
}
