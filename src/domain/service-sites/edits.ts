/** The writes of service sites, and of the links by which they serve conventions. */
import { sql } from 'kysely'
import { demand, demandReach, isAtLeast, reachOfSite, rights } from '../../auth/policy.ts'
import { isAdmin } from '../../auth/visibility.ts'
import { type Ask, bindingFact } from '../../engine/write/authorize.ts'
import type { WriteRules } from '../../engine/write/target.ts'
import { serviceSites } from './queries.ts'
import { ServiceSiteInput, ServiceSitePatch } from './schema.ts'

export const serviceSiteWrites: WriteRules = {
  resource: serviceSites,
  input: ServiceSiteInput,
  patch: ServiceSitePatch,
  rights: { create: rights.createSite, update: rights.site, delete: rights.deleteSite },
  authorize(ask) {
    if (isAdmin(ask.caller)) return
    if (!ask.before) return demand(isAtLeast(ask.caller, 'editor'))
    demandReach(reachOfSite(ask.caller, factsOf(ask)), ask.body)
  },
  facts: (caller, now) => sql`array(select r.owner_id where r.owner_id is not null
      union select o.organization_id from source_key k join source o on o.name = k.source
      where k.id = r.id and k.type = 'service-site' and o.organization_id is not null) as owner_ids,
    ${bindingFact(caller, now, sql`select l.convention_id from convention_site l where l.site_id = r.id`)}`,
}

const factsOf = ({ before, facts }: Ask) => ({
  ownerIds: (facts.owner_ids ?? []) as string[],
  managerId: (before?.managerId ?? null) as string | null,
  isBinding: facts.is_binding === true,
})
