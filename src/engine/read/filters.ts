/** Filters of lists, as conditions on a row `t`. */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { type Condition, rows } from '../../db/expressions.ts'
import type { Resource } from '../resource.ts'
import type { ResourceTable, ResourceType } from '../resource-types.ts'
import { columnOf } from '../row-mapper.ts'

/** The values of the filters of a list, by their names; what is not asked for is missing. */
export type Filter = Readonly<Record<string, unknown>> & {
  conventionId?: string
  source?: string
  sourceKey?: string
}

/** The conditions that a filter makes. */
export function conditionsOf(resource: Resource, filter: Filter, caller: Caller): (Condition | undefined)[] {
  const { type, visibility, filters = {} } = resource
  const { source, sourceKey } = filter
  const own = Object.entries(filters).map(([name, one]) => {
    const value = filter[name]
    if (value === undefined || typeof one === 'string') return eq(columnOf(name), value)
    return one.condition(value as never, caller)
  })
  return [
    visibility === 'convention' ? eq('convention_id', filter.conventionId) : undefined,
    ...own,
    source === undefined ? undefined : (resource.syncedBy ?? syncedBy(type))(source, sourceKey),
  ]
}

/** Equal to a column. */
function eq(column: string, value: unknown): Condition | undefined {
  return value === undefined ? undefined : sql<boolean>`${sql.ref(`t.${column}`)} = ${value}`
}

const row = rows<{ t: ResourceTable }>()

/** Held by a source, under a key when one is given. */
const syncedBy =
  (type: ResourceType) =>
  (source: string, key: string | undefined): Condition => {
    const ids = row
      .selectFrom('source_key as k')
      .select('k.id')
      .where('k.type', '=', type)
      .where('k.source', '=', source)
    return row('t.id', 'in', key === undefined ? ids : ids.where('k.key', '=', key))
  }
