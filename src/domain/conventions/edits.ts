/** What a write of a convention does beside its row, and what stands against hiding one. */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { demand, isAtLeast, mayCoordinate, rights } from '../../auth/policy.ts'
import { seenConvention } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { continuesDraft } from '../../engine/rules.ts'
import type { Editing, Fields } from '../../engine/write/edit.ts'
import { inUse } from '../../engine/write/in-use.ts'
import { settle, settleSites } from '../../engine/write/rows.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import { claimSites } from '../service-sites/queries.ts'
import { departmentsOf } from '../territories/queries.ts'
import type { TerritoryRead } from '../territories/references.ts'
import { conventions } from './queries.ts'
import { ConventionInput, ConventionPatch } from './schema.ts'

export const conventionEditing: Editing = {
  resource: conventions,
  input: ConventionInput,
  patch: ConventionPatch,
  rights: { create: rights.createConvention, update: rights.convention, delete: rights.convention },
  async allow({ caller, before, body }) {
    demand(before ? mayCoordinate(caller, before.cafId as string) : isAtLeast(caller, 'editor'))
    const given = (body as Fields | null | undefined)?.cafId
    // What is no id at all is a fault of the body.
    if (typeof given === 'string') demand(mayCoordinate(caller, given.toLowerCase()))
  },
  async check({ db, caller, before, after }) {
    if (before?.state !== 'draft' || after.state === 'draft') return []
    return draftsNamedBelow(db, caller, before.id)
  },
  async refuse({ db, before, after }) {
    if (before && before.state !== 'draft' && after.state === 'draft') await refuseHiding(db, before.id)
  },
  async hidden({ db, before, after }) {
    // By the edition of the official code that they were written under: a new one is no change of a convention.
    if (before && isDeepStrictEqual(before.territories, after.territories)) return {}
    return { department_codes: await departmentsOfPerimeter(db, after.territories as TerritoryRead[]) }
  },
  beforeDelete: (db, { id }) => selectLinkedSites(db, id),
  async settle({ db, before, after, left, now }) {
    const touched = [after?.id, before?.predecessorId, after?.predecessorId]
    await settle(
      db,
      touched.filter((id) => typeof id === 'string'),
      now,
    )
    if (before && after && before.cafId !== after.cafId) await passSites(db, before, after.cafId as string)
    if (before?.state === 'draft' && after) await claimSites(db, before.id)
    if (before && before.state !== after?.state) await settleSites(db, left ?? (await selectLinkedSites(db, before.id)))
  },
}

/** The sites of a Caf go with a convention to another one, but for those that other conventions of the first use. */
export async function passSites(db: Database, { id, cafId }: Fields, to: string): Promise<void> {
  await sql`update service_site s set owner_id = ${to} where s.owner_id = ${cafId}
    and s.id in (select site_id from convention_site where convention_id = ${id})
    and not exists (select from convention_site l join convention c on c.id = l.convention_id
      where l.site_id = s.id and c.caf_id = ${cafId})`.execute(db)
}

/** The départements of a perimeter, in order. */
export async function departmentsOfPerimeter(db: Database, territories: TerritoryRead[]): Promise<string[]> {
  const departments = await departmentsOf(db, territories)
  return [...new Set([...departments.values()].flat())].sort()
}

/** Throws a 409 when something public names a convention that is to become a draft, or an action under it. */
export async function refuseHiding(db: Database, id: string): Promise<void> {
  const { rows } = await sql<{ type: string; id: string }>`
    select 'convention' as type, c.id from convention c
      where (c.predecessor_id = ${id} or c.merged_into_id = ${id}) and c.state <> 'draft'
    union all
    select 'action', a.id from action a join convention c on c.id = a.convention_id and c.state <> 'draft' and c.id <> ${id}
      where a.carried_from_id in (select o.id from action o where o.convention_id = ${id})
    order by type desc, id`.execute(db)
  if (rows.length > 0) throw inUse('A convention that becomes a draft', rows, rows.length)
}

async function selectLinkedSites(db: Database, conventionId: string): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`select site_id as id from convention_site where convention_id = ${conventionId}`.execute(db)
  return rows.map(({ id }) => id)
}

/**
 * A convention that is published cannot have actions that continue those of a draft. The conventions that they
 * continue are locked, so that none of them is hidden at the same time.
 */
async function draftsNamedBelow(db: Database, caller: Caller, id: string): Promise<BodyFault[]> {
  const { rows } = await sql<{ state: string; seen: boolean; actions: string[] }>`
    select c.state, ${seenConvention(caller)} as seen, array(select a.id::text from action a join action o on o.id = a.carried_from_id
      where a.convention_id = ${id} and o.convention_id = c.id order by a.id) as actions
    from convention c where c.id in (
      select o.convention_id from action a join action o on o.id = a.carried_from_id where a.convention_id = ${id})
    order by c.id for share of c`.execute(db)
  const drafts = rows.filter(({ state }) => state === 'draft')
  return drafts.flatMap(({ seen, actions }) => actions.map((action) => continuesDraft(action, seen))).slice(0, 1)
}
