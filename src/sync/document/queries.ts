/** Queries of sources and of the conventions that each holds, as far as the caller may see them. */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { isAdmin, organizationOf, visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { conjunction, instantText, rows } from '../../db/expressions.ts'
import { type Convention, conventions } from '../../domain/conventions/resource.ts'
import { type Page, selectKeyset } from '../../engine/read/keyset.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import type { Source, SourceConvention, SourcePatch } from './schema.ts'

const s = rows<{ s: 'source' }>()
const held = rows<{ k: 'source_key'; t: 'convention' }>()

const sourceColumns = [
  's.name',
  's.organization_id as organizationId',
  instantText(s.ref('s.created_at')).as('createdAt'),
] as const

/** Hands a source that there is over to an organization, or with null to the administrators. */
export async function handOver(db: Database, source: string, { organizationId }: SourcePatch): Promise<Source> {
  const owner = organizationId === undefined ? s.ref('s.organization_id') : organizationId
  const handed = await db
    .updateTable('source as s')
    .set({ organization_id: owner })
    .where('s.name', '=', source)
    .returning(sourceColumns)
    .executeTakeFirstOrThrow()
  // No resource changes; the transaction stands in the journal all the same, for the audit.
  await sql`select current_tx()`.execute(db)
  return handed
}

/** Whether there is such a source: it is the caller's own, or holds something in sight of the caller. */
export async function isSourceSeen(db: Database, caller: Caller, source: string): Promise<boolean> {
  const seen = await db
    .selectFrom('source as s')
    .select('s.name')
    .where('s.name', '=', source)
    .where(isSeen(db, caller))
    .executeTakeFirst()
  return seen !== undefined
}

const isSeen = (db: Database, caller: Caller) =>
  s.or([
    s.lit(isAdmin(caller)),
    s('s.organization_id', '=', organizationOf(caller)),
    s('s.name', 'in', sourceConventions(db, caller).select('k.source')),
  ])

/** The conventions that sources hold, in sight of the caller. */
const sourceConventions = (db: Database, caller: Caller) =>
  db
    .selectFrom('source_key as k')
    .innerJoin('convention as t', (join) => join.onRef('t.id', '=', 'k.id').on('k.type', '=', 'convention'))
    .where(conjunction([visible(caller, 'own')]))

/** To whom a source belongs; null when nobody has used it. */
export async function selectSourceOwner(
  db: Database,
  source: string,
): Promise<{ organizationId: string | null } | null> {
  const select = db.selectFrom('source').select('organization_id as organizationId')
  return (await select.where('name', '=', source).executeTakeFirst()) ?? null
}

/** The keys of all conventions that a source holds in sight of the caller. */
export async function selectSourceKeys(db: Database, caller: Caller, source: string): Promise<string[]> {
  const held = await sourceConventions(db, caller)
    .select('k.key')
    .where('k.source', '=', source)
    .orderBy('k.key')
    .execute()
  return held.map(({ key }) => key)
}

/** A page of the sources that the caller sees, by name. */
export const selectSources = (db: Database, caller: Caller, start: PageStart): Promise<Page<Source>> =>
  selectKeyset(
    db.selectFrom('source as s').select(sourceColumns).where(isSeen(db, caller)),
    [{ column: 's.name', type: 'text' }],
    start,
  )

/** A page of what a source holds in sight of the caller, by key; empty for a source that nobody used. */
export const selectSourceConventions = (
  db: Database,
  caller: Caller,
  source: string,
  start: PageStart,
): Promise<Page<SourceConvention>> =>
  selectKeyset(
    sourceConventions(db, caller)
      .select(['k.key', 't.id as conventionId', 't.version', instantText(held.ref('t.updated_at')).as('updatedAt')])
      .where('k.source', '=', source),
    [{ column: 'k.key', type: 'text' }],
    start,
  )

/** The convention that a source holds under a key; undefined when there is none in sight of the caller. */
export async function selectSourceConvention(
  db: Database,
  caller: Caller,
  source: string,
  key: string,
): Promise<Convention | undefined> {
  const row = await sourceConventions(db, caller)
    .selectAll('t')
    .where('k.source', '=', source)
    .where('k.key', '=', key)
    .executeTakeFirst()
  return row && conventions.toBody(row)
}
