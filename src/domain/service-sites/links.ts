/** Links of conventions and service sites, written through the same stages as resources. */
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import { authorizeUnderConvention } from '../../engine/authorize.ts'
import { type Change, LINKED, type Stored, wholeBody } from '../../engine/change-set.ts'
import { getBodyOr404, notFound } from '../../engine/read/visible.ts'
import { applyPlan } from '../../engine/write/apply.ts'
import { decide } from '../../engine/write/decide/decide.ts'
import { lockConventions, lockSites } from '../../engine/write/locks.ts'
import { linkBases } from '../../engine/write/overrides.ts'
import { countParts } from '../../engine/write/standing.ts'
import { conventions } from '../conventions/resource.ts'
import { serviceSites } from './resource.ts'

interface LinkWrite {
  caller: Caller
  now: Date
  conventionId: string
  siteId: string
  /** Whether they shall be linked. */
  linked: boolean
}

/**
 * Links or unlinks a service site and a convention; nothing happens when it is so already. Throws a 404 for what the
 * caller does not see, a 403, and a 409 when the convention has as many as it may or an action of it names the site.
 */
export async function writeLink(db: Database, write: LinkWrite): Promise<void> {
  const { caller, now, conventionId, siteId, linked } = write
  const { convention, site } = await lockBoth(db, write)
  const link = await db
    .selectFrom('convention_site')
    .select('site_id')
    .where('convention_id', '=', conventionId)
    .where('site_id', '=', siteId)
    .executeTakeFirst()
  if ((link !== undefined) === linked) return
  const change: Change = {
    operation: 'keep',
    type: 'service-site',
    id: siteId,
    place: wholeBody,
    before: site,
    after: site,
    fields: [LINKED],
    lost: new Set(),
  }
  const count = await countParts(db, conventionId, 'service-site')
  const standing = {
    convention,
    parts: new Map(),
    counts: new Map([['service-site', count]] as const),
    statusDue: null,
  }
  const about = { caller, now, conventionId, standing, body: undefined, errors: [], drafts: [], ownerId: null }
  const leaving = { conventionId, siteIds: [siteId] }
  const { plan } = await decide(
    db,
    linked
      ? { ...about, prepared: [change], link: [siteId] }
      : { ...about, unlink: [siteId], gone: { subject: 'The service site', gone: [], leaving } },
  )
  await applyPlan(db, plan, now)
  await linkBases(site, { conventionId, wasLinked: !linked })?.execute(db)
}

/** Both as they stand, locked; a 403 or 404 waits for no lock. */
async function lockBoth(db: Database, { caller, conventionId, siteId }: LinkWrite) {
  const known = await getBodyOr404(db, conventions, caller, conventionId)
  await getBodyOr404(db, serviceSites, caller, siteId)
  authorizeUnderConvention({ caller, convention: known })
  const row = (await lockConventions(db, caller, { own: conventionId })).find(({ id }) => id === conventionId)
  if (!row) throw notFound('convention', conventionId)
  const convention = conventions.toBody(row) as unknown as Stored
  authorizeUnderConvention({ caller, convention })
  await lockSites(db, [siteId])
  return { convention, site: (await getBodyOr404(db, serviceSites, caller, siteId)) as unknown as Stored }
}
