/**
 * Plan and its application: the rows that a change set makes, written in an order in which each statement finds what
 * it refers to, and what is derived from them. Versions, instants and the journal are the database's own.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { ResourceType } from '../../domain/vocabularies/codes.ts'
import { type Change, type ChangeSet, isClosed, LINKED, type Stored, touches, type View } from '../change-set.ts'
import { parisDay } from '../day.ts'
import { namedFirst } from '../references.ts'
import { definitionOf, definitions, type Facts, type Resource, type Row } from '../resource.ts'
import { deleteRows, insertRows, rowOf, settle, settleOrganizations, settleSites, updateRows } from './rows.ts'

export interface Plan {
  rows: ReadonlyMap<ResourceType, { insert: Row[]; update: Row[]; delete: string[] }>
  conventionId: string | undefined
  link: readonly string[]
  unlink: readonly string[]
  /** What drafts of other Cafs name no more: the convention with all under it, and actions. */
  closed: { conventionId: string | undefined; actionIds: readonly string[] }
  refresh: Refresh
  isEmpty: boolean
}

/** What follows from the rows. */
interface Refresh {
  /** Conventions whose period, status, successors or signatories' days may change. */
  conventions: string[]
  /** The Cafs before and after, where the convention changes hands. */
  cafs: { from: string; to: string } | undefined
  /** Whether sites that belong to nobody now belong to the Caf of the convention. */
  claims: boolean
  /** Whether the convention appears to or vanishes from the public. */
  appears: boolean
  /** Whether it becomes public, with the sources that it brings to organizations. */
  isPublished: boolean
  /** Constraints that are deferred, to be checked before the lock of COMMIT is taken. */
  constraints: string[]
}

interface Context extends Omit<Facts, 'view'> {
  source: string | undefined
  standing: { convention: Stored | undefined; statusDue: string | null }
  now: Date
}

/** The rows that a change set makes. Pure. */
export function planOf(set: ChangeSet, view: View, context: Context): Plan {
  const types = Map.groupBy(set.changes, ({ type }) => type)
  const rows = new Map(
    [...types].map(([type, changes]) => {
      const of = (operation: Change['operation']) => changes.filter((one) => one.operation === operation)
      const row = (change: Change) => rowOfChange(change, { ...context, view })
      const released = (change: Change) => {
        const columns = definitionOf(type).releasedColumns(change, view)
        return columns ? [{ id: change.id, ...columns }] : []
      }
      return [
        type,
        {
          insert: of('create').map(row),
          update: [...of('delete').flatMap(released), ...of('update').filter(hasRow).map(row)],
          delete: of('delete').map(({ id }) => id),
        },
      ]
    }),
  )
  const refresh = refreshOf(set, view, context)
  const isWritten = set.changes.some(({ operation }) => operation !== 'keep')
  const isEmpty = !isWritten && set.link.length + set.unlink.length + refresh.conventions.length === 0
  const { conventionId, link, unlink } = set
  return { rows, conventionId, link, unlink, closed: closedBy(set, view), refresh, isEmpty }
}

function closedBy({ changes, conventionId }: ChangeSet, view: View): Plan['closed'] {
  const { before, after } = view.changeOf(conventionId) ?? {}
  const isGone = before !== undefined && (!after || isClosed(before, after))
  const actionIds = changes.flatMap(({ type, operation, id }) =>
    type === 'action' && operation === 'delete' ? [id] : [],
  )
  return { conventionId: isGone ? conventionId : undefined, actionIds }
}

/** A site that is only linked stays as it is. */
const hasRow = ({ fields }: Change) => fields.some((field) => field !== LINKED)

function rowOfChange(change: Change, context: Context & Facts): Row {
  const { operation, type, id, key, after = {}, fields } = change
  const { source } = context
  const own = definitionOf(type)
  const created = {
    ...(after.conventionId !== undefined && { convention_id: after.conventionId }),
    ...(source !== undefined && { sources: after.sources ?? [{ source, key }] }),
  }
  return {
    id,
    ...rowOf(own, after),
    ...(operation === 'create' && created),
    ...(fields.includes('sources') && { sources: after.sources }),
    ...own.derivedColumns(change, context),
  }
}

function refreshOf(set: ChangeSet, view: View, { standing, now }: Context): Refresh {
  const own = view.changeOf(set.conventionId)
  const { before, after } = own ?? {}
  const isOfDays = (change: Change) => change.operation === 'delete' || daysOf(change)
  const isDue = own !== undefined && standing.statusDue !== null && standing.statusDue <= parisDay(now)
  const isMoved = set.changes.some((change) => change.type !== 'convention' && isOfDays(change))
  const renewed = own && touches(own, 'predecessorId', 'state') ? [before?.predecessorId, after?.predecessorId] : []
  const left = own?.operation === 'delete' ? [before?.predecessorId] : []
  const isKept = own?.operation !== 'delete' && set.conventionId !== undefined
  const conventions = [
    isKept && (isMoved || isDue || (own && daysOf(own))) ? set.conventionId : null,
    ...renewed,
    ...left,
  ]
  const appears = before !== undefined && (!after || (before.state === 'draft') !== (after.state === 'draft'))
  const from = before?.cafId as string | undefined
  return {
    conventions: [...new Set(conventions.filter((id) => typeof id === 'string'))],
    cafs: from && after && from !== after.cafId ? { from, to: after.cafId as string } : undefined,
    claims: view.isPublic && (set.link.length > 0 || view.isPublished),
    appears,
    isPublished: view.isPublished,
    constraints: definitions().flatMap(({ type, deferred }) =>
      deferred && set.changes.some((change) => change.type === type && touches(change, ...deferred.fields))
        ? deferred.constraints
        : [],
    ),
  }
}

/** Whether the period, the status or the days of signatories may follow from a change. */
function daysOf(change: Change): boolean {
  const { dayFields } = definitionOf(change.type)
  return dayFields.length > 0 && touches(change, ...dayFields)
}

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
  const { rows, conventionId, link, unlink, closed, refresh } = plan
  const linked = refresh.appears && conventionId ? await selectLinked(db, conventionId) : []
  const all = namedFirst()
  for (const resource of all.filter((one) => !namesLinked(one))) await writeRows(db, plan, resource)
  if (conventionId && link.length > 0)
    await sql`insert into convention_site (convention_id, site_id) select ${conventionId}, unnest(${link}::uuid[])
      on conflict do nothing`.execute(db)
  for (const resource of all.filter(namesLinked)) await writeRows(db, plan, resource)
  if (closed.conventionId || closed.actionIds.length > 0)
    await sql`select clear_references(${closed.conventionId ?? null}, ${closed.actionIds}::uuid[])`.execute(db)
  for (const { type, table, visibility } of all.toReversed())
    if (visibility !== 'always') await deleteRows(db, table, rows.get(type)?.delete ?? [])
  if (conventionId && unlink.length > 0)
    await sql`delete from convention_site where convention_id = ${conventionId} and site_id = any(${unlink}::uuid[])`.execute(
      db,
    )
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
  if (cafs) await passSites(db, conventionId as string, cafs)
  if (claims) await claimSites(db, conventionId as string)
  await settle(db, conventions, now)
  await settleSites(db, [...new Set(siteIds)])
  if (isPublished) await settleOrganizations(db, conventionId as string)
  if (constraints.length > 0)
    await sql`set constraints ${sql.join(unique(constraints).map((name) => sql.id(name)))} immediate`.execute(db)
}

const unique = (names: string[]) => [...new Set(names)]

async function selectLinked(db: Database, conventionId: string): Promise<string[]> {
  const links = sql<{ id: string }>`select site_id as id from convention_site where convention_id = ${conventionId}`
  return (await links.execute(db)).rows.map(({ id }) => id)
}

/** The sites of a Caf go with a convention to another one, but for those that other conventions of the first use. */
const passSites = (db: Database, conventionId: string, { from, to }: { from: string; to: string }) =>
  execute(
    db,
    sql`update service_site s set owner_id = ${to} where s.owner_id = ${from}
    and s.id in (select site_id from convention_site where convention_id = ${conventionId})
    and not exists (select from convention_site l join convention c on c.id = l.convention_id
      where l.site_id = s.id and c.caf_id = ${from})`,
  )

/**
 * Sites that belong to nobody belong, from their first link to a public convention on, to its Caf: a draft takes none,
 * for it would tell of itself.
 */
const claimSites = (db: Database, conventionId: string) =>
  execute(
    db,
    sql`update service_site s set owner_id = c.caf_id
    from convention_site l join convention c on c.id = l.convention_id and c.state <> 'draft'
    where l.convention_id = ${conventionId} and s.id = l.site_id and s.owner_id is null`,
  )

const execute = (db: Database, statement: RawBuilder<unknown>) => statement.execute(db)

/** Deletes those of the sites that no convention is linked to; returns these. */
async function deleteUnlinked(db: Database, siteIds: string[]): Promise<Set<string>> {
  if (siteIds.length === 0) return new Set()
  // Locked first: what is linked at the same time is seen by the statement after it.
  await sql`select from service_site where id = any(${siteIds}::uuid[]) order by id for update`.execute(db)
  const { rows } = await sql<{ id: string }>`select id from service_site s where id = any(${siteIds}::uuid[])
    and not exists (select from convention_site l where l.site_id = s.id) order by id`.execute(db)
  const gone = rows.map(({ id }) => id)
  await deleteRows(db, 'service_site', gone)
  return new Set(gone)
}

/** A revoked key holds nothing; the journal goes on naming its organization. */
async function deleteOrganizations(db: Database, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`update api_key set organization_id = null where organization_id = any(${ids}::uuid[]) and revoked_at is not null`.execute(
    db,
  )
  await deleteRows(db, 'organization', ids)
}
