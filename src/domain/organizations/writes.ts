/** Writes of organizations: authorization, and the locks and reads that keep out duplicates. */
import { type RawBuilder, sql } from 'kysely'
import { assertAllowed, isAtLeast, mayWriteOrganization } from '../../auth/policy.ts'
import type { Database } from '../../db/database.ts'
import { anyOf } from '../../db/expressions.ts'
import type { WriteRequest } from '../../engine/authorize.ts'
import type { Fields, Stored } from '../../engine/change-set.ts'
import { definitionOf } from '../../engine/declaration/resource.ts'
import { lockIdentities, lockOwned } from '../../engine/write/locks.ts'
import { identitiesOf } from './rules.ts'

/** Throws a 403 unless the caller may do this to an organization. */
export function authorizeOrganization({ caller, before, facts }: WriteRequest): void {
  const holdsKeys = facts.holds_keys === true
  assertAllowed(before ? mayWriteOrganization(caller, { id: before.id, holdsKeys }) : isAtLeast(caller, 'editor'))
}

/** Whether an organization belongs to itself. */
export const organizationFacts = (): RawBuilder<unknown> =>
  sql`exists (select from api_key k where k.organization_id = r.id and k.revoked_at is null) as holds_keys`

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
