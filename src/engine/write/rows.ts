/**
 * Rows, written in sets: one statement inserts, updates or deletes any number of rows of a table. Versions, instants
 * and the journal are the database's own; derived columns are refreshed at the end of a write.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { parisDay } from '../day.ts'
import type { Resource } from '../declaration/resource.ts'
import type { Row } from '../row-mapper.ts'

/** Inserts rows that all have the same columns. */
export async function insertRows(db: Database, table: string, rows: Row[]): Promise<void> {
  const [first] = rows
  if (!first) return
  const columns = sql.join(Object.keys(first).map((column) => sql.ref(column)))
  await sql`insert into ${sql.table(table)} (${columns})
    select ${columns} from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb)`.execute(
    db,
  )
}

/** Updates rows by id; all have the same columns, and a row that stays as it was keeps its version. */
export async function updateRows(db: Database, table: string, rows: Row[]): Promise<void> {
  const [first] = rows
  if (!first) return
  const columns = Object.keys(first).filter((column) => column !== 'id')
  const assignments = sql.join(columns.map((column) => sql`${sql.ref(column)} = r.${sql.ref(column)}`))
  await sql`update ${sql.table(table)} t set ${assignments}
    from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb) r
    where t.id = r.id`.execute(db)
}

/** Deletes rows, and forgets the keys under which sources held them, and what was overridden of them. */
export async function deleteRows(db: Database, table: string, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`delete from ${sql.table(table)} where id = any(${ids}::uuid[])`.execute(db)
  await sql`with forgotten as (delete from source_key where id = any(${ids}::uuid[]))
    delete from override where id = any(${ids}::uuid[]) and field is not null`.execute(db)
}

/** The columns of a body that a writer gives, by column name. */
export function rowOf(resource: Resource, body: Record<string, unknown>): Row {
  return Object.fromEntries(resource.fields.map((field, i) => [resource.columns[i], body[field]]))
}

/** Brings what is derived from conventions up to date: period, status, successors, the days of their signatories. */
export async function refreshDerivedOfConventions(db: Database, conventionIds: string[], now: Date): Promise<void> {
  if (conventionIds.length > 0) {
    await sql`select settle(${conventionIds}::uuid[], ${parisDay(now)}::date)`.execute(db)
  }
}

/** Brings the public conventions of service sites up to date. */
export async function refreshDerivedOfSites(db: Database, siteIds: string[]): Promise<void> {
  if (siteIds.length > 0) await sql`select settle_sites(${siteIds}::uuid[])`.execute(db)
}

/** Brings the sources of organizations up to date that the documents of a convention list. */
export async function refreshDerivedOfOrganizations(db: Database, conventionId: string): Promise<void> {
  await sql`select settle_organizations(${conventionId})`.execute(db)
}
