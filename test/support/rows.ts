/**
 * Rows for the tests of the database itself: written as the service writes them, but one by one and with no more than
 * a table asks for.
 */
import { randomUUID } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Test } from 'tap'
import { closeDatabase, type Database, openDatabase } from '../../src/db/database.ts'
import { inTransaction, type Origin } from '../../src/db/transaction.ts'
import type { ResourceType } from '../../src/engine/resource-types.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import { insertRows, updateRows } from '../../src/engine/write/rows.ts'
import { createTestDatabase } from './registry.ts'

const least = {
  organization: { kind: 'caf', name: 'Caf', name_key: 'caf' },
  convention: { title: 'Convention', state: 'signed' },
  amendment: { number: 1, kinds: ['other'] },
  signatory: { role: 'commune' },
  axis: { number: 1, title: 'Axe' },
  action: { title: 'Action', status: 'planned', recurring: false },
  service_site: { name: 'Lieu', itinerant: false },
} satisfies Record<TableName<ResourceType>, Row>

type TableName<T extends string> = T extends `${infer A}-${infer B}` ? `${A}_${B}` : T

export type Table = keyof typeof least

export const nobody: Origin = { actor: null, requestId: null, source: null }

/** A migrated database of its own for a test, closed and dropped when the test ends. */
export async function openTestDatabase(t: Test, connections = 4): Promise<Database> {
  const db = openDatabase(await createTestDatabase(t), { connections })
  t.teardown(() => closeDatabase(db))
  return db
}

/** The id of a new row. */
export async function add(db: Database, table: Table, values: Row = {}): Promise<string> {
  const id = (values.id as string | undefined) ?? randomUUID()
  await insertRows(db, table, [{ ...least[table], ...values, id }])
  return id
}

export const change = (db: Database, table: Table, id: string, values: Row) =>
  updateRows(db, table, [{ id, ...values }])

export const remove = (db: Database, table: Table, id: string) =>
  sql`delete from ${sql.table(table)} where id = ${id}`.execute(db)

export const link = (db: Database, conventionId: string, siteId: string) =>
  sql`insert into convention_site values (${conventionId}, ${siteId})`.execute(db)

export const unlink = (db: Database, conventionId: string, siteId: string) =>
  sql`delete from convention_site where convention_id = ${conventionId} and site_id = ${siteId}`.execute(db)

/** The one row of a table with an id, as the driver gives it; undefined when there is none. */
export async function row(db: Database, table: Table, id: string): Promise<Row | undefined> {
  const { rows } = await sql<Row>`select * from ${sql.table(table)} where id = ${id}`.execute(db)
  return rows[0]
}

/** The first column of each row of an answer. */
export async function column(db: Database, query: RawBuilder<unknown>): Promise<unknown[]> {
  const { rows } = await query.execute(db)
  return (rows as Row[]).map((one) => Object.values(one)[0])
}

/** The first column of the only row of an answer. */
export async function value(db: Database, query: RawBuilder<unknown>): Promise<unknown> {
  return (await column(db, query))[0]
}

/** `work` as one transaction of nobody. */
export const together = <T>(db: Database, work: (trx: Database) => Promise<T>): Promise<T> =>
  inTransaction(db, nobody, work)

/** `created 1`, `updated 2` ... : what the journal tells of a resource, in the order of positions. */
export async function journalOf(db: Database, id: string): Promise<unknown[]> {
  return column(
    db,
    sql`select j.operation || ' ' || j.version from change j join commit c using (tx) where j.id = ${id} order by c.position`,
  )
}

/** The error with which something is refused; undefined if it is not. */
export const refusal = (work: Promise<unknown>): Promise<{ code?: string; constraint?: string } | undefined> =>
  work.then(
    () => undefined,
    (error) => error,
  )
