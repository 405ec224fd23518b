/** What a write of an organization does beside its row: the key by which names are compared, its départements. */
import { sql } from 'kysely'
import { demand, isAtLeast, mayWriteOrganization, rights } from '../../auth/policy.ts'
import { isAdmin } from '../../auth/visibility.ts'
import { type Editing, refuseTaken } from '../../engine/write/edit.ts'
import { nameKey } from '../territories/names.ts'
import { departmentsOf } from '../territories/queries.ts'
import type { TerritoryRead } from '../territories/references.ts'
import { organizations, selectKeyHolders } from './queries.ts'
import { OrganizationInput, OrganizationPatch } from './schema.ts'

export const organizationEditing: Editing = {
  resource: organizations,
  input: OrganizationInput,
  patch: OrganizationPatch,
  rights: { create: rights.createOrganization, update: rights.organization, delete: rights.organization },
  async allow({ db, caller, before }) {
    if (isAdmin(caller)) return
    if (!before) return demand(isAtLeast(caller, 'editor'))
    const holders = await selectKeyHolders(db, [before.id])
    demand(mayWriteOrganization(caller, { id: before.id, holdsKeys: holders.has(before.id) }))
  },
  async beforeDelete(db, { id }) {
    // A revoked key holds nothing; the journal goes on naming it.
    await sql`update api_key set organization_id = null where organization_id = ${id} and revoked_at is not null`.execute(
      db,
    )
    return []
  },
  async refuse({ db, after }) {
    if (!after.siren) return
    const condition = sql<boolean>`t.siren = ${after.siren} and t.id <> ${after.id}`
    await refuseTaken(db, organizations, '/siren', condition, 'Another organization has this SIREN.')
  },
  async hidden({ db, after }) {
    const territory = after.territory as TerritoryRead | null
    const departments = await departmentsOf(db, territory ? [territory] : [])
    return { name_key: nameKey(after.name as string), department_codes: [...departments.values()].flat() }
  },
}
