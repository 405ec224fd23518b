/**
 * Users of resources that are about to be deleted, unlinked or hidden: the resources that still refer to them, by the
 * declared references. The constraints of the database refuse the same; this says which are in the way, as far as the
 * caller may see. Drafts of other Cafs never are: their references to a convention are cleared when it goes.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../../auth/caller.ts'
import { isForeignDraft, visible, visibleKey } from '../../../auth/visibility.ts'
import type { Database } from '../../../db/database.ts'
import type { BodyError } from '../../../http/errors/field-errors.ts'
import { type Problem, problem } from '../../../http/errors/problems.ts'
import { IN_USE_MAX } from '../../../http/server/problem-schema.ts'
import { columnsNaming } from '../../declaration/references.ts'
import { definitionOf } from '../../declaration/resource.ts'
import type { ResourceType } from '../../resource-types.ts'

export interface Users {
  /** The first of those that the caller sees. */
  shown: { type: string; id: string }[]
  count: number
  /** How many name each of what was asked for, by its id; what names a part of a convention names the convention. */
  each: Record<string, number>
}

export interface UsersOf {
  /** What would be gone: users that would go or change with it are left out. */
  gone: readonly { type: ResourceType; id: string }[]
  /** Service sites that a convention would no longer link. */
  leaving?: { conventionId: string; siteIds: readonly string[] }
  /** What is written at the same time, and will not name them. */
  except?: readonly string[]
  /** Only users that are public. */
  isPublic?: boolean
}

/** Who names what would be gone, in one statement. */
export async function selectUsers(db: Database, caller: Caller, targets: UsersOf): Promise<Users> {
  const branches = branchesOf(caller, targets)
  if (branches.length === 0) return { shown: [], count: 0, each: {} }
  const { rows } = await sql<Users>`with found as materialized (${sql.join(branches, sql` union all `)}),
      users as (select type, id, bool_or(seen) as seen, min(place) as place from found group by type, id)
    select coalesce((select jsonb_agg(jsonb_build_object('type', type, 'id', id) order by place, id) from (
        select * from users where seen order by place, id limit ${IN_USE_MAX}) first), '[]') as shown,
      (select count(*)::int from users) as count,
      coalesce((select jsonb_object_agg(gone, n) from (
        select gone, count(distinct (type, id)) as n from found group by gone) counted), '{}') as each`.execute(db)
  return rows[0] as Users
}

/** Throws a 409 that names who names these; `errorsOf` gives what is said of each. */
export function refuseUsers(
  subject: string,
  { shown, count, each }: Users,
  errorsOf?: (each: Users['each']) => BodyError[],
): void {
  if (count > 0) throw inUse(subject, shown, count, errorsOf?.(each))
}

function inUse(subject: string, inUseBy: Users['shown'], inUseByCount: number, errors?: BodyError[]): Problem {
  const users = inUseByCount === 1 ? 'one resource' : `${inUseByCount} resources`
  const detail = `${subject} is named by ${users}: change or delete what names it first.`
  return problem('in-use', detail, { ...(errors && { errors }), members: { inUseBy, inUseByCount } })
}

function branchesOf(caller: Caller, { gone, leaving, except = [], isPublic = false }: UsersOf): RawBuilder<unknown>[] {
  const idsOf = (type: ResourceType) => gone.filter((one) => one.type === type).map(({ id }) => id)
  const conventionIds = idsOf('convention')
  const types = [
    ...new Set([...gone.map(({ type }) => type), ...(conventionIds.length > 0 ? (['action'] as const) : [])]),
  ]
  /** The id of each target, the id that the caller named, and the convention: an action goes with its convention. */
  const targets = (type: ResourceType) =>
    type === 'action'
      ? sql`select a.id, case when a.id = any(${idsOf(type)}::uuid[]) then a.id else a.convention_id end, a.convention_id from action a
          where a.id = any(${idsOf(type)}::uuid[]) or a.convention_id = any(${conventionIds}::uuid[])`
      : sql`select id, id, id from unnest(${idsOf(type)}::uuid[]) id`
  const rest = (to: ResourceType, type: ResourceType) => {
    const { visibility } = definitionOf(type)
    const within = visibility === 'convention' ? sql`t.convention_id` : sql`t.id`
    const cleared = sql` and not exists (select from convention n join convention x on x.id = g.convention_id
      where n.id = ${within} and ${isForeignDraft})`
    const shown =
      visibility === 'own'
        ? sql` and t.state <> 'draft'`
        : sql` and exists (select from convention c where c.id = t.convention_id and c.state <> 'draft')`
    return sql`t.id <> all(${except}::uuid[]) and ${within} <> all(${conventionIds}::uuid[])${isPublic && visibility !== 'always' ? shown : sql``}${to === 'convention' || to === 'action' ? cleared : sql``}`
  }
  const columns = types.flatMap((to) => columnsNaming(to).map((naming) => ({ to, ...naming })))
  const branches = columns.map(({ to, type, column, isList }, place) => {
    const names = isList ? sql`t.${sql.ref(column)} @> array[g.id]` : sql`t.${sql.ref(column)} = g.id`
    const { table, visibility } = definitionOf(type)
    return sql`select ${type}::text as type, t.id, ${visible(caller, visibility) ?? sql`true`} as seen, g.named as gone, ${place}::int as place
      from (${targets(to)}) g (id, named, convention_id) join ${sql.table(table)} t on ${names} where ${rest(to, type)}`
  })
  if (types.includes('organization')) branches.push(keysOf(caller, idsOf('organization')))
  if (types.includes('service-site') && !leaving) branches.push(linksOf(caller, idsOf('service-site')))
  if (leaving && leaving.siteIds.length > 0)
    branches.push(sql`select 'action' as type, t.id, ${visible(caller, 'convention') ?? sql`true`} as seen, g.id as gone, 0 as place
      from unnest(${leaving.siteIds}::uuid[]) g (id) join action t on t.service_site_ids @> array[g.id]
      where t.convention_id = ${leaving.conventionId} and t.id <> all(${except}::uuid[])`)
  return branches
}

/** Keys that are not revoked belong to their organization. */
const keysOf = (
  caller: Caller,
  ids: string[],
) => sql`select 'key' as type, t.id, ${visibleKey(caller) ?? sql`true`} as seen,
  t.organization_id as gone, 99 as place from api_key t where t.organization_id = any(${ids}::uuid[]) and t.revoked_at is null`

const linksOf = (
  caller: Caller,
  ids: string[],
) => sql`select 'convention' as type, t.id, ${visible(caller, 'own') ?? sql`true`} as seen,
  l.site_id as gone, -1 as place from convention_site l join convention t on t.id = l.convention_id where l.site_id = any(${ids}::uuid[])`
