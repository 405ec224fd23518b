/**
 * References of a write: which of the ids that it names mean something, and what. One statement for all of them. What
 * another request could delete is locked; conventions have been locked before, so nothing under them changes either.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { seenConvention } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { ResourceType } from '../../domain/vocabularies/codes.ts'
import type { Named } from '../change-set.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a name has the form of an id. */
export const isId = (name: string): boolean => UUID.test(name)

/**
 * What ids mean, by id; those that mean nothing are missing. Amendments, axes and service sites are those of the
 * convention, actions those of others.
 */
export async function selectNamed(
  db: Database,
  caller: Caller,
  conventionId: string | undefined,
  names: Iterable<{ to: ResourceType; id: string }>,
): Promise<Map<string, Named>> {
  const branches = [...Map.groupBy(names, ({ to }) => to)].flatMap(([to, asked]) => {
    const ids = [...new Set(asked.map(({ id }) => id))].filter(isId)
    return ids.length > 0 ? [branchOf(to, ids, caller, conventionId ?? null)] : []
  })
  if (branches.length === 0) return new Map()
  const { rows } = await sql<Named>`${sql.join(branches, sql` union all `)}`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

function branchOf(to: ResourceType, ids: string[], caller: Caller, conventionId: string | null): RawBuilder<unknown> {
  const among = sql`any(${ids}::uuid[])`
  const seen = seenConvention(caller)
  const plain = sql`null::text as kind, null::text as name, null::uuid as "cafId"`
  const ofConvention = sql`c.state = 'draft' as draft, ${seen} as seen, null::text as kind, null::text as name, c.caf_id as "cafId"`
  switch (to) {
    case 'organization':
      return sql`(with o as (select id, kind, name from organization where id = ${among} order by id for key share)
        select 'organization' as type, id, false as draft, true as seen, kind, name::text, null::uuid as "cafId" from o)`
    case 'convention':
      return sql`(select 'convention' as type, c.id, ${ofConvention}
        from convention c where c.id = ${among})`
    case 'action':
      return sql`(select 'action' as type, a.id, ${ofConvention}
        from action a join convention c on c.id = a.convention_id where a.id = ${among} and c.id <> ${conventionId})`
    case 'service-site':
      return sql`(select 'service-site' as type, l.site_id as id, false as draft, true as seen, ${plain}
        from convention_site l where l.site_id = ${among} and l.convention_id = ${conventionId})`
    default:
      return sql`(select ${to} as type, t.id, false as draft, true as seen, ${plain}
        from ${sql.table(to)} t where t.id = ${among} and t.convention_id = ${conventionId})`
  }
}
