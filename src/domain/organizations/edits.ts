/** The writes of organizations. */
import { sql } from 'kysely'
import { demand, isAtLeast, mayWriteOrganization, rights } from '../../auth/policy.ts'
import { isAdmin } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { Fields, Stored } from '../../engine/change-set.ts'
import type { Row } from '../../engine/resource.ts'
import { lockIdentities } from '../../engine/write/locks.ts'
import type { WriteRules } from '../../engine/write/target.ts'
import { organizations } from './queries.ts'
import { identitiesOf } from './rules.ts'
import { OrganizationInput, OrganizationPatch } from './schema.ts'

export const organizationWrites: WriteRules = {
  resource: organizations,
  input: OrganizationInput,
  patch: OrganizationPatch,
  rights: { create: rights.createOrganization, update: rights.organization, delete: rights.organization },
  authorize({ caller, before, facts }) {
    if (isAdmin(caller)) return
    if (!before) return demand(isAtLeast(caller, 'editor'))
    demand(mayWriteOrganization(caller, { id: before.id, holdsKeys: facts.holds_keys === true }))
  },
  facts: () =>
    sql`exists (select from api_key k where k.organization_id = r.id and k.revoked_at is null) as holds_keys`,
  async lock(db, before, after) {
    if (before && !after) await lockOwned(db, before.id)
    const [was, is] = [before ? identitiesOf(before) : [], after ? identitiesOf(after) : []]
    if (was.join() !== is.join()) await lockIdentities(db, [...was, ...is])
  },
  selectRivals,
}

/** What belongs to an organization belongs to nobody once it is deleted. */
async function lockOwned(db: Database, id: string): Promise<void> {
  await sql`select from source where organization_id = ${id} order by name for no key update`.execute(db)
  await sql`select from service_site where owner_id = ${id} order by id for no key update`.execute(db)
}

/** The organization that has a SIREN which this one is to have. */
async function selectRivals(db: Database, before: Stored | undefined, { id, siren }: Fields): Promise<Stored[]> {
  if (!siren || siren === before?.siren) return []
  const { rows } = await sql<Row>`select * from organization where siren = ${siren} and id <> ${id}`.execute(db)
  return rows.map((row) => organizations.toBody(row) as unknown as Stored)
}
