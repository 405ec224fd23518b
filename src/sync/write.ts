/**
 * Writes what a document changes, in an order in which each statement finds what it refers to. Checks that look at
 * several rows at once (numbers, tree, bound twice) are made at the end, still inside the transaction.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { passSites } from '../domain/conventions/edits.ts'
import { resources } from '../domain/resources.ts'
import { claimSites } from '../domain/service-sites/queries.ts'
import type { ResourceType, Row } from '../engine/resource.ts'
import { deleteRows, insertRows, rowOf, settle, settleSites, updateRows } from '../engine/write/rows.ts'
import type { Change } from './diff.ts'
import { type Entry, ofType } from './items.ts'
import type { OrganizationPlan } from './organizations.ts'
import { parentPaths } from './rules.ts'
import type { Held } from './stored.ts'

export interface Writing {
  source: string
  conventionId: string
  entries: Entry[]
  changes: Change[]
  held: Held
  organizations: OrganizationPlan
  departmentCodes: string[]
  now: Date
}

/** Applies the changes of a document; returns which sites that are no longer listed were deleted, not only unlinked. */
export async function writeDocument(db: Database, writing: Writing): Promise<Set<string>> {
  const { conventionId, entries, held, changes } = writing
  const removed = (type: ResourceType) =>
    changes.filter((one) => one.operation === 'delete' && one.type === type).map(({ id }) => id)
  const [convention] = ofType(entries, 'convention') as [Entry]
  const formerPredecessor = convention.current?.predecessorId as string | null | undefined

  await writeOrganizations(db, writing)
  for (const type of ['convention', 'amendment', 'axis', 'service-site'] as const) await writeEntries(db, writing, type)
  if (convention.current && convention.current.cafId !== convention.body.cafId)
    await passSites(db, convention.current, convention.body.cafId as string)
  await link(
    db,
    conventionId,
    ofType(entries, 'service-site').map(({ id }) => id),
  )
  for (const type of ['signatory', 'action'] as const) await writeEntries(db, writing, type)
  for (const type of ['action', 'signatory', 'amendment', 'axis'] as const) {
    await deleteRows(db, resources[type].table, removed(type))
  }
  const deletedSites = await dropSites(db, conventionId, removed('service-site'))
  await claimSites(db, conventionId)
  await writeKeys(db, writing)

  const renewed = [convention.body.predecessorId as string | null, formerPredecessor].filter(
    (id) => typeof id === 'string',
  )
  await settle(db, [conventionId, ...renewed], writing.now)
  await settleSites(db, [
    ...ofType(entries, 'service-site').map(({ id }) => id),
    ...(held.get('service-site') ?? []).map(({ id }) => id),
  ])
  await sql`set constraints signatory_bound_once, axis_number, axis_parent, amendment_number immediate`.execute(db)
  return deletedSites
}

/** Writes the entries of one type that are new or changed, with the hidden columns that their kind has. */
async function writeEntries(db: Database, writing: Writing, type: ResourceType) {
  const resource = resources[type]
  const operations = new Map(writing.changes.map(({ id, operation }) => [id, operation]))
  const entries = ofType(writing.entries, type)
  const paths = type === 'axis' ? parentPaths(entries, writing.held) : undefined
  const row = (one: Entry): Row => ({
    id: one.id,
    ...rowOf(resource, one.body),
    ...(type === 'convention' && { department_codes: writing.departmentCodes }),
    ...(paths && { parent_path: paths.get(one.id) }),
  })
  const created = entries.filter(({ id }) => operations.get(id) === 'create')
  // Axes below one that moves follow it by themselves: the path is part of what they refer to.
  const changed = entries.filter(({ id }) => operations.get(id) === 'update')
  const parent = parentOf(writing, type)
  await insertRows(
    db,
    resource.table,
    created.map((one) => ({
      ...row(one),
      ...parent,
      sources: [{ source: writing.source, key: one.key }],
    })),
  )
  await updateRows(db, resource.table, changed.map(row))
}

/** To whom a new row belongs: a site to the Caf of the document, also where the source is of no organization. */
function parentOf({ conventionId, entries }: Writing, type: ResourceType): Row {
  if (type === 'convention') return {}
  if (type !== 'service-site') return { convention_id: conventionId }
  const [convention] = ofType(entries, 'convention') as [Entry]
  return { owner_id: convention.body.cafId }
}

async function writeOrganizations(db: Database, { source, organizations }: Writing) {
  for (const { key, from } of organizations.moved) {
    await sql`update organization set sources = jsonb_path_query_array(sources, '$[*] ? (@.source != $source || @.key != $key)',
      jsonb_build_object('source', ${source}::text, 'key', ${key}::text)) where id = ${from}`.execute(db)
  }
  await insertRows(
    db,
    'organization',
    organizations.created.map(({ row }) => row),
  )
  await updateRows(
    db,
    'organization',
    organizations.updated.map(({ row }) => row),
  )
}

async function link(db: Database, conventionId: string, siteIds: string[]) {
  if (siteIds.length === 0) return
  await sql`insert into convention_site (convention_id, site_id) select ${conventionId}, unnest(${siteIds}::uuid[])
    on conflict do nothing`.execute(db)
}

/** Unlinks sites, and deletes those that no convention is left to; returns these. */
async function dropSites(db: Database, conventionId: string, siteIds: string[]): Promise<Set<string>> {
  if (siteIds.length === 0) return new Set()
  await sql`delete from convention_site where convention_id = ${conventionId} and site_id = any(${siteIds}::uuid[])`.execute(
    db,
  )
  return deleteUnlinked(db, siteIds)
}

/** Deletes those of the sites that no convention is linked to; returns these. */
export async function deleteUnlinked(db: Database, siteIds: string[]): Promise<Set<string>> {
  // Locked first: what is linked at the same time is seen by the statement after it.
  await sql`select from service_site where id = any(${siteIds}::uuid[]) order by id for update`.execute(db)
  const { rows } = await sql<{ id: string }>`select id from service_site s where id = any(${siteIds}::uuid[])
    and not exists (select from convention_site l where l.site_id = s.id) order by id`.execute(db)
  const gone = rows.map(({ id }) => id)
  await deleteRows(db, 'service_site', gone)
  return new Set(gone)
}

/** Under which keys the source holds what it wrote, and which organizations its document listed. */
async function writeKeys(db: Database, { source, conventionId, entries, organizations }: Writing) {
  const shared = new Set<ResourceType>(['convention', 'organization', 'service-site'])
  const keys = entries.map(({ type, key, id }) => ({
    source,
    type,
    key,
    id: organizations.ids.get(key) && type === 'organization' ? organizations.ids.get(key) : id,
    convention_id: shared.has(type) ? null : conventionId,
  }))
  await sql`insert into source_key (source, type, convention_id, key, id)
    select source, type, convention_id, key, id from jsonb_populate_recordset(null::source_key, ${JSON.stringify(keys)}::jsonb)
    on conflict (source, type, convention_id, key) do update set id = excluded.id where source_key.id <> excluded.id`.execute(
    db,
  )
  const listed = keys.filter(({ type }) => type === 'organization')
  const rows = JSON.stringify(
    listed.map(({ key, id }) => ({ convention_id: conventionId, source, key, organization_id: id })),
  )
  await sql`delete from document_organization where convention_id = ${conventionId} and source = ${source}
    and key <> all(${listed.map(({ key }) => key)})`.execute(db)
  await sql`insert into document_organization select * from jsonb_populate_recordset(null::document_organization, ${rows}::jsonb)
    on conflict (convention_id, source, key) do update set organization_id = excluded.organization_id
    where document_organization.organization_id <> excluded.organization_id`.execute(db)
}
