/** Report of a PUT: its changes, counted in total and by type, and their list for a dry run. */
import type { Change } from '../../engine/change-set.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { documentLists } from '../document/key-mapping.ts'
import type { PlannedChange, SyncReport } from '../document/schema.ts'

export function report(changes: readonly Change[]): SyncReport {
  const count = (type?: ResourceType) => {
    const among = changes.filter((change) => type === undefined || change.type === type)
    const of = (operation: Change['operation']) => among.filter((change) => change.operation === operation).length
    return { created: of('create'), updated: of('update'), deleted: of('delete'), unchanged: of('keep') }
  }
  const lists = Object.entries(documentLists).map(([name, type]) => [name, count(type)])
  return { ...count(), byType: { conventions: count('convention'), ...Object.fromEntries(lists) } }
}

/** What would be done; what would be created has no id yet. */
export function planned(changes: readonly Change[]): PlannedChange[] {
  return changes.flatMap(({ operation, type, key = null, id, fields }) =>
    operation === 'keep' ? [] : [{ operation, type, key, id: operation === 'create' ? null : id, fields: [...fields] }],
  )
}
