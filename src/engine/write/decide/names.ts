/**
 * Named resources of a write: the rows behind the ids that its references hold, read by one statement. Organizations,
 * which another request could delete, are locked; conventions have been locked before, so nothing under them changes.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../../auth/caller.ts'
import { seenConvention } from '../../../auth/visibility.ts'
import type { Database } from '../../../db/database.ts'
import type { Named } from '../../change-set.ts'
import type { NamedId } from '../../declaration/references.ts'
import { definitionOf } from '../../declaration/resource.ts'
import type { ResourceType } from '../../resource-types.ts'
import { organizationRows } from '../locks.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a name has the form of an id. */
export const isId = (name: string): boolean => UUID.test(name)

/**
 * What ids mean, by id; those that mean nothing are missing. What belongs to a convention, or is linked to it, is that of
 * the write, unless its references lead elsewhere.
 */
export async function selectNamed(
  db: Database,
  caller: Caller,
  conventionId: string | undefined,
  names: Iterable<Pick<NamedId, 'to' | 'id' | 'isElsewhere'>>,
): Promise<Map<string, Named>> {
  const branches = [...Map.groupBy(names, ({ to }) => to)].flatMap(([to, same]) => {
    const ids = [...new Set(same.map(({ id }) => id))].filter(isId)
    const isElsewhere = same.some((one) => one.isElsewhere)
    return ids.length > 0 ? [branchOf(to, { ids, isElsewhere, caller, conventionId: conventionId ?? null })] : []
  })
  if (branches.length === 0) return new Map()
  const { rows } = await sql<Named>`${sql.join(branches, sql` union all `)}`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

interface NameLookup {
  ids: string[]
  isElsewhere: boolean
  caller: Caller
  conventionId: string | null
}

function branchOf(to: ResourceType, { ids, isElsewhere, caller, conventionId }: NameLookup): RawBuilder<unknown> {
  const { table, visibility, isLinked } = definitionOf(to)
  const among = sql`any(${ids}::uuid[])`
  const ofConvention = sql`c.state = 'draft' as draft, ${seenConvention(caller)} as seen, null::text as kind, null::text as name, c.caf_id as "cafId"`
  const open = sql`false as draft, true as seen, null::text as kind, null::text as name, null::uuid as "cafId"`
  if (to === 'organization')
    return sql`(with o as (${organizationRows(sql`${ids}::uuid[]`, 'key share')})
      select ${to} as type, id, false as draft, true as seen, kind, name::text, null::uuid as "cafId" from o)`
  if (isLinked)
    return sql`(select ${to} as type, l.site_id as id, ${open}
      from convention_site l where l.site_id = ${among} and l.convention_id = ${conventionId})`
  if (visibility === 'own')
    return sql`(select ${to} as type, c.id, ${ofConvention} from ${sql.table(table)} c where c.id = ${among})`
  if (!isElsewhere)
    return sql`(select ${to} as type, t.id, ${open}
      from ${sql.table(table)} t where t.id = ${among} and t.convention_id = ${conventionId})`
  return sql`(select ${to} as type, t.id, ${ofConvention}
    from ${sql.table(table)} t join convention c on c.id = t.convention_id where t.id = ${among} and c.id <> ${conventionId})`
}
