/** What a write of an organization does beside its row: the key by which names are compared, its départements. */
import { sql } from 'kysely'
import { type Editing, refuseTaken } from '../resource/edit.ts'
import { nameKey } from '../territories/names.ts'
import { departmentsOf } from '../territories/queries.ts'
import type { TerritoryRead } from '../territories/references.ts'
import { organizations } from './queries.ts'
import { OrganizationInput, OrganizationPatch } from './schema.ts'

export const organizationEditing: Editing = {
  resource: organizations,
  input: OrganizationInput,
  patch: OrganizationPatch,
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
