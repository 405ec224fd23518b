/** The reads of sources: which there are, and which conventions each holds, as far as the caller may see them. */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { isAdmin, organizationOf, visible } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { type Convention, conventions } from '../domain/conventions/resource.ts'
import { conjunction, type Page, selectKeyset } from '../engine/read/keyset.ts'
import type { Row } from '../engine/row-mapper.ts'
import type { PageStart } from '../http/output/pagination.ts'
import type { Source, SourceConvention, SourcePatch } from './schema.ts'

const instant = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)

const sourceColumns = sql`s.name, s.organization_id as "organizationId", ${instant('s.created_at')} as "createdAt"`

/** Hands a source that there is over to an organization, or with null to the administrators. */
export async function handOver(db: Database, source: string, { organizationId }: SourcePatch): Promise<Source> {
  const owner = organizationId === undefined ? sql`s.organization_id` : sql`${organizationId}::uuid`
  const { rows } = await sql<Source>`update source s set organization_id = ${owner}
    where s.name = ${source} returning ${sourceColumns}`.execute(db)
  // No resource changes; the transaction stands in the journal all the same, for the audit.
  await sql`select current_tx()`.execute(db)
  return rows[0] as Source
}

/** Whether there is such a source: it is the caller's own, or holds something in sight of the caller. */
export async function isSourceSeen(db: Database, caller: Caller, source: string): Promise<boolean> {
  const { rows } = await sql`select from source s where s.name = ${source} and ${isSeen(caller)}`.execute(db)
  return rows.length > 0
}

const isSeen = (
  caller: Caller,
) => sql<boolean>`(${isAdmin(caller)} or s.organization_id = ${organizationOf(caller)}::uuid
  or s.name in (select k.source from ${sourceConventions(caller)}))`

/** The conventions that sources hold, in sight of the caller. */
const sourceConventions = (
  caller: Caller,
) => sql`source_key k join convention t on t.id = k.id and k.type = 'convention'
  and ${conjunction([visible(caller, 'own')])}`

/** A page of the sources that the caller sees, by name. */
export const selectSources = (db: Database, caller: Caller, start: PageStart): Promise<Page<Source>> =>
  selectKeyset(
    db,
    {
      select: sql`select ${sourceColumns} from source s`,
      where: [isSeen(caller)],
      order: [{ column: 's.name', type: 'text' }],
      counted: { from: sql`source s` },
    },
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
    db,
    {
      select: sql`select k.key, t.id as "conventionId", t.version, ${instant('t.updated_at')} as "updatedAt" from ${sourceConventions(caller)}`,
      where: [sql<boolean>`k.source = ${source}`],
      order: [{ column: 'k.key', type: 'text' }],
      counted: { from: sourceConventions(caller) },
    },
    start,
  )

/** The convention that a source holds under a key; undefined when there is none in sight of the caller. */
export async function selectSourceConvention(
  db: Database,
  caller: Caller,
  source: string,
  key: string,
): Promise<Convention | undefined> {
  const { rows } =
    await sql<Row>`select t.* from ${sourceConventions(caller)} where k.source = ${source} and k.key = ${key}`.execute(
      db,
    )
  return rows[0] && conventions.toBody(rows[0])
}
