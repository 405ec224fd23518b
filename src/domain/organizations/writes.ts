/** Writes of organizations: authorization, and the locks and reads that keep out duplicates. */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { assertAllowed, assertWritesOrganization, isAtLeast, type OrganizationFacts } from '../../auth/policy.ts'
import { isAdmin, organizationOf } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { anyOf } from '../../db/expressions.ts'
import type { WriteRequest } from '../../engine/authorize.ts'
import type { Fields, Stored } from '../../engine/change-set.ts'
import { columnsNaming } from '../../engine/declaration/references.ts'
import { definitionOf } from '../../engine/declaration/resource.ts'
import { lockIdentities, lockOwned } from '../../engine/write/locks.ts'
import { identitiesOf } from './rules.ts'

/** Throws a 403 unless the caller may do this to an organization. */
export function authorizeOrganization({ caller, before, facts }: WriteRequest): void {
  if (before) assertWritesOrganization(caller, { id: before.id, ...(facts as Omit<OrganizationFacts, 'id'>) })
  else assertAllowed(isAtLeast(caller, 'editor'))
}

/** Whether an organization belongs to itself, is in a département of the caller's, and is named by other Cafs. */
export function organizationFacts(caller: Caller): RawBuilder<unknown> {
  const own = organizationOf(caller)
  const isNear = sql`coalesce((select o.department_codes && r.department_codes from organization o where o.id = ${own}), false)`
  return sql`exists (select from api_key k where k.organization_id = r.id and k.revoked_at is null) as "holdsKeys",
    ${isNear} as "isNear", ${isAdmin(caller) ? sql`false` : namedByOthers(own)} as "isNamedByOthers"`
}

/** Whether a public convention of another Caf, or what is under it, names the organization `r`. */
function namedByOthers(own: string | null): RawBuilder<unknown> {
  const branches = columnsNaming('organization').flatMap(({ type, column, isList }) => {
    const { table, visibility } = definitionOf(type)
    if (visibility === 'always') return []
    const names = isList ? sql`t.${sql.ref(column)} @> array[r.id]` : sql`t.${sql.ref(column)} = r.id`
    const convention = visibility === 'own' ? sql`t.id` : sql`t.convention_id`
    return [
      sql`exists (select from ${sql.table(table)} t join convention c on c.id = ${convention}
        where ${names} and c.state <> 'draft' and c.caf_id is distinct from ${own}::uuid)`,
    ]
  })
  return sql`(${sql.join(branches, sql` or `)})`
}

/** Locks what belongs to an organization that is deleted, and what makes it the same as another where that changes. */
export async function lockOrganization(
  db: Database,
  before: Stored | undefined,
  after: Fields | undefined,
): Promise<void> {
  if (before && !after) await lockOwned(db, before.id)
  const [was, is] = [before ? identitiesOf(before) : [], after ? identitiesOf(after) : []]
  if (was.join() !== is.join()) await lockIdentities(db, [...was, ...is])
}

/** The organization that has a SIREN which this one is to have. */
export async function selectRivals(db: Database, before: Stored | undefined, { id, siren }: Fields): Promise<Stored[]> {
  if (!siren || siren === before?.siren) return []
  const rivals = await db
    .selectFrom('organization')
    .selectAll()
    .where('siren', '=', siren as string)
    .where('id', '<>', id as string)
    .execute()
  return rivals.map((row) => definitionOf('organization').toBody(row) as Stored)
}

/** Those of the organizations that hold a key which is not revoked: they belong to themselves. */
export async function selectKeyHolders(db: Database, ids: string[]): Promise<Set<string>> {
  const holders = await db
    .selectFrom('api_key')
    .select('organization_id as id')
    .distinct()
    .where('organization_id', '=', anyOf(ids))
    .where('revoked_at', 'is', null)
    .$narrowType<{ id: string }>()
    .execute()
  return new Set(holders.map(({ id }) => id))
}
