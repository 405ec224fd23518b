/** The writes of service sites, and which conventions they serve. */
import { sql } from 'kysely'
import { demand, demandReach, isAtLeast, reachOfSite, rights, type SiteFacts } from '../../auth/policy.ts'
import { isAdmin, organizationOf } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { type Ask, selectIsBinding } from '../../engine/write/authorize.ts'
import { type Editing, type Fields, refuseTooMany } from '../../engine/write/edit.ts'
import { settleSites } from '../../engine/write/rows.ts'
import { claimSites, serviceSites } from './queries.ts'
import { ServiceSiteInput, ServiceSitePatch } from './schema.ts'

export const serviceSiteEditing: Editing = {
  resource: serviceSites,
  input: ServiceSiteInput,
  patch: ServiceSitePatch,
  rights: { create: rights.createSite, update: rights.site, delete: rights.deleteSite },
  async allow(ask) {
    if (isAdmin(ask.caller)) return
    if (!ask.before) return demand(isAtLeast(ask.caller, 'editor'))
    demandReach(reachOfSite(ask.caller, await selectFacts(ask, ask.before)), ask.body)
  },
  hidden: async ({ caller, before }) => (before ? {} : { owner_id: organizationOf(caller) }),
}

async function selectFacts(ask: Ask, { id, managerId }: Fields): Promise<SiteFacts> {
  const { rows } = await sql<{ owners: string[] }>`select array(
    select s.owner_id from service_site s where s.id = ${id} and s.owner_id is not null
    union select o.organization_id from source_key k join source o on o.name = k.source
      where k.id = ${id} and k.type = 'service-site' and o.organization_id is not null) as owners`.execute(ask.db)
  const isManaged = managerId !== null && managerId === organizationOf(ask.caller)
  const linked = sql`select convention_id from convention_site where site_id = ${id}`
  const isBinding = isManaged && (await selectIsBinding(ask, linked))
  return { ownerIds: rows[0]?.owners ?? [], managerId: managerId as string | null, isBinding }
}

/** Links a site to a convention; nothing happens when it is linked. A 409 when the convention has as many as it may. */
export async function linkSite(db: Database, conventionId: string, siteId: string): Promise<void> {
  const { rows } =
    await sql`select from convention_site where convention_id = ${conventionId} and site_id = ${siteId}`.execute(db)
  if (rows.length > 0) return
  await refuseTooMany(db, 'convention_site', conventionBounds.serviceSites, conventionId)
  await sql`insert into convention_site (convention_id, site_id) values (${conventionId}, ${siteId})`.execute(db)
  await claimSites(db, conventionId)
  await settleSites(db, [siteId])
}

/** Unlinks a site from a convention; nothing happens when it is not linked. */
export async function unlinkSite(db: Database, conventionId: string, siteId: string): Promise<void> {
  await sql`delete from convention_site where convention_id = ${conventionId} and site_id = ${siteId}`.execute(db)
  await settleSites(db, [siteId])
}
