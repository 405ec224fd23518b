/**
 * Application of a plan: its rows, written in an order in which each statement finds what it refers to, and what is
 * derived from them. Versions, instants and the journal are the database's own (migrations 003 to 006).
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { anyOf } from '../../db/expressions.ts'
import { namedFirst } from '../declaration/references.ts'
import { definitionOf, type Resource } from '../declaration/resource.ts'
import type { Plan } from './decide/plan.ts'
import { lockSites } from './locks.ts'
import {
  deleteRows,
  insertRows,
  refreshDerivedOfConventions,
  refreshDerivedOfOrganizations,
  refreshDerivedOfSites,
  updateRows,
} from './rows.ts'

/** Whether a resource names what has to be linked to its convention. */
const namesLinked = ({ references }: Resource) => references.some(({ to }) => definitionOf(to).isLinked)

/**
 * Writes a plan, what stands beside its rows, and what follows from both.
 * @param beside writes what is no row of a resource
 * @returns the service sites that were deleted, of those that were to be unlinked
 */
export async function applyPlan(
  db: Database,
  plan: Plan,
  now: Date,
  beside: () => Promise<void> = async () => undefined,
): Promise<Set<string>> {
  const { rows, conventionId, link, unlink, cleared, refresh } = plan
  const linked = refresh.appears && conventionId ? await selectLinked(db, conventionId) : []
  const all = namedFirst()
  for (const resource of all.filter((one) => !namesLinked(one))) await writeRows(db, plan, resource)
  if (conventionId && link.length > 0)
    await db
      .insertInto('convention_site')
      .columns(['convention_id', 'site_id'])
      .expression(
        db.selectNoFrom([sql`${conventionId}::uuid`.as('convention_id'), sql`unnest(${link}::uuid[])`.as('site_id')]),
      )
      .onConflict((on) => on.doNothing())
      .execute()
  for (const resource of all.filter(namesLinked)) await writeRows(db, plan, resource)
  if (cleared.conventionId || cleared.actionIds.length > 0)
    await sql`select clear_references(${cleared.conventionId ?? null}, ${cleared.actionIds}::uuid[])`.execute(db)
  for (const { type, table, visibility } of all.toReversed())
    if (visibility !== 'always') await deleteRows(db, table, rows.get(type)?.delete ?? [])
  if (conventionId && unlink.length > 0)
    await db
      .deleteFrom('convention_site')
      .where('convention_id', '=', conventionId)
      .where('site_id', '=', anyOf(unlink))
      .execute()
  const gone = await deleteUnlinked(db, rows.get('service-site')?.delete ?? [])
  await deleteOrganizations(db, rows.get('organization')?.delete ?? [])
  await beside()
  await refreshDerived(
    db,
    plan,
    [...link, ...unlink, ...linked].filter((id) => !gone.has(id)),
    now,
  )
  return gone
}

async function writeRows(db: Database, { rows }: Plan, { type, table }: Resource): Promise<void> {
  const { insert = [], update = [] } = rows.get(type) ?? {}
  await insertRows(db, table, insert)
  for (const same of Map.groupBy(update, (row) => Object.keys(row).join()).values()) await updateRows(db, table, same)
}

async function refreshDerived(
  db: Database,
  { conventionId, refresh }: Plan,
  siteIds: string[],
  now: Date,
): Promise<void> {
  const { conventions, cafs, claims, isPublished, constraints } = refresh
  if (cafs) await transferSites(db, conventionId as string, cafs)
  if (claims) await assignSiteOwner(db, conventionId as string)
  await refreshDerivedOfConventions(db, conventions, now)
  await refreshDerivedOfSites(db, [...new Set(siteIds)])
  if (isPublished) await refreshDerivedOfOrganizations(db, conventionId as string)
  if (constraints.length > 0)
    await sql`set constraints ${sql.join(unique(constraints).map((name) => sql.id(name)))} immediate`.execute(db)
}

const unique = (names: string[]) => [...new Set(names)]

async function selectLinked(db: Database, conventionId: string): Promise<string[]> {
  const links = await db
    .selectFrom('convention_site')
    .select('site_id as id')
    .where('convention_id', '=', conventionId)
    .execute()
  return links.map(({ id }) => id)
}

/** The sites of a Caf go with a convention to another one, but for those that other conventions of the first use. */
const transferSites = (db: Database, conventionId: string, { from, to }: { from: string; to: string }) =>
  db
    .updateTable('service_site as s')
    .set({ owner_id: to })
    .where('s.owner_id', '=', from)
    .where('s.id', 'in', (eb) =>
      eb.selectFrom('convention_site').select('site_id').where('convention_id', '=', conventionId),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('convention_site as l')
            .innerJoin('convention as c', 'c.id', 'l.convention_id')
            .whereRef('l.site_id', '=', 's.id')
            .where('c.caf_id', '=', from),
        ),
      ),
    )
    .execute()

/** A site without an owner belongs to the Caf of the first public convention that links it; a draft would reveal itself. */
const assignSiteOwner = (db: Database, conventionId: string) =>
  db
    .updateTable('service_site as s')
    .from('convention_site as l')
    .innerJoin('convention as c', 'c.id', 'l.convention_id')
    .set(({ ref }) => ({ owner_id: ref('c.caf_id') }))
    .where('c.state', '<>', 'draft')
    .where('l.convention_id', '=', conventionId)
    .whereRef('s.id', '=', 'l.site_id')
    .where('s.owner_id', 'is', null)
    .execute()

/** Deletes those of the sites that no convention is linked to; returns these. */
async function deleteUnlinked(db: Database, siteIds: string[]): Promise<Set<string>> {
  if (siteIds.length === 0) return new Set()
  // Locked first: what is linked at the same time is seen by the statement after it.
  await lockSites(db, siteIds, 'update')
  const unlinked = await db
    .selectFrom('service_site')
    .select('id')
    .where('id', '=', anyOf(siteIds))
    .orderBy('id')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('convention_site as l').whereRef('l.site_id', '=', 'service_site.id'))),
    )
    .execute()
  const gone = unlinked.map(({ id }) => id)
  await deleteRows(db, 'service_site', gone)
  return new Set(gone)
}

/** A revoked key holds nothing; the journal goes on naming its organization. */
async function deleteOrganizations(db: Database, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('api_key')
    .set({ organization_id: null })
    .where('organization_id', '=', anyOf(ids))
    .where('revoked_at', 'is not', null)
    .execute()
  await deleteRows(db, 'organization', ids)
}
