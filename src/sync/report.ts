/** What a PUT did, counted in all and by type, and the list of it for a dry run. */
import type { ResourceType } from '../engine/resource.ts'
import type { Change } from './diff.ts'
import type { OrganizationPlan } from './organizations.ts'
import { documentLists } from './references.ts'
import type { PlannedChange, SyncReport } from './schema.ts'

/** The changes of a document with those of its organizations. */
export function allChanges(changes: Change[], organizations: OrganizationPlan): Change[] {
  const type = 'organization'
  return [
    ...organizations.created.map(
      ({ key, row }): Change => ({ operation: 'create', type, key, id: row.id as string, fields: [] }),
    ),
    ...organizations.updated.map(({ key, id, fields }): Change => ({ operation: 'update', type, key, id, fields })),
    ...changes,
  ]
}

export function report(changes: Change[], unchangedOrganizations: number): SyncReport {
  const count = (type?: ResourceType) => {
    const among = changes.filter((change) => type === undefined || change.type === type)
    const of = (operation: Change['operation']) => among.filter((change) => change.operation === operation).length
    const unlisted = type === undefined || type === 'organization' ? unchangedOrganizations : 0
    return { created: of('create'), updated: of('update'), deleted: of('delete'), unchanged: of('keep') + unlisted }
  }
  const lists = Object.entries(documentLists).map(([name, type]) => [name, count(type)])
  return { ...count(), byType: { convention: count('convention'), ...Object.fromEntries(lists) } }
}

/** What would be done; what would be created has no id yet. */
export function planned(changes: Change[]): PlannedChange[] {
  return changes.flatMap(({ operation, type, key, id, fields }) =>
    operation === 'keep' ? [] : [{ operation, type, key, id: operation === 'create' ? null : id, fields }],
  )
}
