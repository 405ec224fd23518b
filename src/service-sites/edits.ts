/** The writes of service sites, and which conventions they serve. */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { type Editing, refuseTooMany } from '../resource/edit.ts'
import { conventionBounds } from '../resource/schema.ts'
import { settleSites } from '../resource/writes.ts'
import { serviceSites } from './queries.ts'
import { ServiceSiteInput, ServiceSitePatch } from './schema.ts'

export const serviceSiteEditing: Editing = { resource: serviceSites, input: ServiceSiteInput, patch: ServiceSitePatch }

/** Links a site to a convention; nothing happens when it is linked. A 409 when the convention has as many as it may. */
export async function linkSite(db: Database, conventionId: string, siteId: string): Promise<void> {
  const { rows } =
    await sql`select from convention_site where convention_id = ${conventionId} and site_id = ${siteId}`.execute(db)
  if (rows.length > 0) return
  await refuseTooMany(db, 'convention_site', conventionBounds.serviceSites, conventionId)
  await sql`insert into convention_site (convention_id, site_id) values (${conventionId}, ${siteId})`.execute(db)
  await settleSites(db, [siteId])
}

/** Unlinks a site from a convention; nothing happens when it is not linked. */
export async function unlinkSite(db: Database, conventionId: string, siteId: string): Promise<void> {
  await sql`delete from convention_site where convention_id = ${conventionId} and site_id = ${siteId}`.execute(db)
  await settleSites(db, [siteId])
}
