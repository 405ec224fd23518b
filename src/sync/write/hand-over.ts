/**
 * Hand-over of a convention to another source, with all that the source made under it, its service sites and what its
 * document lists. The source that had it gets a 409 when it sends it again: an override without a field stays in its name.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import type { Convention } from '../../domain/conventions/resource.ts'
import { LINKED } from '../../engine/change-set.ts'
import { definitions } from '../../engine/declaration/resource.ts'
import { lockConventions, lockSites } from '../../engine/write/locks.ts'
import { refreshDerivedOfOrganizations } from '../../engine/write/rows.ts'
import { problem } from '../../http/errors/problems.ts'
import { selectSourceConvention } from '../document/queries.ts'
import type { SourceConvention } from '../document/schema.ts'
import { unknownKey } from '../document/stored.ts'

interface HandOver {
  caller: Caller
  source: string
  key: string
  /** The source that has it from now on; a new one belongs to whom this one belongs. */
  target: string
}

/** Hands a convention over; in a transaction. A 404 when the source does not hold it, a 409 when the other one has the key. */
export async function handOverConvention(
  db: Database,
  { caller, source, key, target }: HandOver,
): Promise<SourceConvention> {
  await sql`insert into source (name, organization_id) select ${target}, organization_id from source where name = ${source}
    on conflict do nothing`.execute(db)
  await sql`select from source where name in (${source}, ${target}) order by name for no key update`.execute(db)
  const convention = await selectSourceConvention(db, caller, source, key)
  if (!convention) throw unknownKey(source, key)
  const { id } = convention
  // Who deletes it by hand does not wait for its source.
  if ((await lockConventions(db, caller, { own: id })).every((row) => row.id !== id)) throw unknownKey(source, key)
  if (source !== target) await move(db, { source, target, id })
  const moved = (await selectSourceConvention(db, caller, target, key)) as Convention
  return { key, conventionId: id, version: moved.version, updatedAt: moved.updatedAt }
}

interface Move {
  source: string
  target: string
  /** Of the convention. */
  id: string
}

async function move(db: Database, { source, target, id }: Move): Promise<void> {
  const sites = await selectSites(db, source, id)
  await lockSites(
    db,
    sites.map((site) => site.id),
  )
  // What other documents of the source list stays with it, and a document of the other one names it by its id.
  const [shared, own] = [true, false].map((isShared) => sites.filter((site) => site.isShared === isShared))
  const siteIds = (own ?? []).map((site) => site.id)
  const moved = [id, ...siteIds]
  await refuseTaken(db, { target, source, id }, moved)
  await sql`delete from override where source = ${target} and field is null and (id = any(${moved}::uuid[])
    or (type, key) in (select type, key from source_key where source = ${source} and id = any(${moved}::uuid[])))`.execute(
    db,
  )
  await sql`update override set source = ${target}
    where source = ${source} and (convention_id = ${id} or id = any(${moved}::uuid[]) and field is not null)`.execute(
    db,
  )
  await sql`insert into override (source, type, key, id) select source, type, key, id from source_key
    where source = ${source} and id = any(${moved}::uuid[])`.execute(db)
  await refuseShared(db, target, shared ?? [])
  await sql`update source_key set source = ${target}
    where source = ${source} and (convention_id = ${id} or id = any(${moved}::uuid[]))`.execute(db)
  await renameSources(db, { source, target, id, siteIds })
  await moveListed(db, { source, target, id })
  await refreshDerivedOfOrganizations(db, id)
}

/** A service site of the source that the convention links. */
interface Site {
  id: string
  key: string
  /** Whether other conventions of the source link it too, not by hand. */
  isShared: boolean
}

async function selectSites(db: Database, source: string, id: string): Promise<Site[]> {
  const { rows } = await sql<Site>`
    select k.id, k.key, exists (select from convention_site o join source_key c on c.id = o.convention_id
        and c.source = k.source and c.type = 'convention'
      where o.site_id = k.id and o.convention_id <> l.convention_id and not exists (select from override h
        where h.source = k.source and h.id = k.id and h.convention_id = o.convention_id and h.field = ${LINKED})) as "isShared"
    from source_key k join convention_site l on l.site_id = k.id
    where l.convention_id = ${id} and k.source = ${source} and k.type = 'service-site'`.execute(db)
  return rows
}

/** The other source gets a 409 when it sends what stays with the first one. */
async function refuseShared(db: Database, target: string, sites: readonly Site[]): Promise<void> {
  const rows = sites.map(({ id, key }) => ({ source: target, type: 'service-site', key, id }))
  await sql`insert into override (source, type, key, id)
    select r.source, r.type, r.key, r.id from jsonb_populate_recordset(null::override, ${JSON.stringify(rows)}::jsonb) r
    where not exists (select from source_key k where (k.source, k.type, k.key) = (r.source, r.type, r.key))
    on conflict do nothing`.execute(db)
}

/** Keys of the other source must be free for what it gets, and for the organizations that the document lists. */
async function refuseTaken(db: Database, { target, source, id }: Move, moved: string[]): Promise<void> {
  const { rows } = await sql<{ type: string; id: string; key: string }>`
    select t.type, t.id, t.key from (
      select type, key, id from source_key where id = any(${moved}::uuid[]) and convention_id is null
      union select 'organization', key, organization_id from document_organization
        where convention_id = ${id} and source = ${source}) k
      join source_key t on t.source = ${target} and (t.type, t.key) = (k.type, k.key) and t.convention_id is null and t.id <> k.id
    order by t.type, t.id limit 50`.execute(db)
  if (rows.length === 0) return
  const keys = rows.map(({ key }) => JSON.stringify(key)).join(', ')
  throw problem('already-exists', `The source ${target} has other things under the keys ${keys}.`, {
    members: { conflictsWith: rows.map(({ type, id }) => ({ type, id })) },
  })
}

/** What is handed over names its new source. */
async function renameSources(
  db: Database,
  { source, target, id, siteIds }: { source: string; target: string; id: string; siteIds: string[] },
): Promise<void> {
  for (const { type, table, visibility } of definitions()) {
    if (type === 'organization') continue
    const own =
      visibility === 'own'
        ? sql`t.id = ${id}`
        : visibility === 'convention'
          ? sql`t.convention_id = ${id}`
          : sql`t.id = any(${siteIds}::uuid[])`
    await sql`update ${sql.table(table)} t set sources = (
        select jsonb_agg(case when s ->> 'source' = ${source} then s || jsonb_build_object('source', ${target}::text) else s end order by place)
        from jsonb_array_elements(t.sources) with ordinality listed (s, place))
      where ${own} and t.sources @> ${JSON.stringify([{ source }])}::jsonb`.execute(db)
  }
}

/** The organizations that the document lists, and their keys where the other source has none of its own. */
async function moveListed(
  db: Database,
  { source, target, id }: { source: string; target: string; id: string },
): Promise<void> {
  await sql`update document_organization set source = ${target}
    where convention_id = ${id} and source = ${source}`.execute(db)
  await sql`insert into source_key (source, type, key, id) select source, 'organization', key, organization_id
    from document_organization where convention_id = ${id} and source = ${target} on conflict do nothing`.execute(db)
}
