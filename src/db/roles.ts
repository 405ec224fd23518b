/**
 * Roles of the database. One role owns the tables and migrates. The role that serves is a member of a group that
 * defines nothing and writes neither the journal nor the audit: there it reads, and adds refusals; the rest of the
 * journal, and what is searched, is written by triggers, which run as the owner.
 */
import { sql, type Transaction } from 'kysely'
import type { Database } from './database.ts'
import type { DB } from './tables.ts'

/** A role of the whole server, whichever of its databases are registries. */
export const SERVICE_GROUP = 'ctg_registry_service'

/** What the group reads only. The territories come with a version of the service, as the tables do. */
const readOnly = [
  'commit',
  'change',
  'scope',
  'link',
  'journaled',
  'horizon',
  'dataset',
  'territory',
  'territory_label',
  'search_text',
  'site_place',
  'kysely_migration',
]
const appended = ['refusal']
const unseen = ['kysely_migration_lock']

const LOCK = sql`hashtext('rights of the service')`

/**
 * Makes the group if it is missing and grants it what it needs, in one transaction, unless it has that already and the
 * tables have not changed. Where there is no group and this role may not make it, nothing is done.
 */
export async function grantService(db: Database, { isChanged = false } = {}): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Processes that grant at once take turns, however long that takes.
    await sql`set local lock_timeout = 0`.execute(trx)
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx)
    if (!(await hasGroup(trx)) && !(await makeGroup(trx))) return
    if (isChanged || !(await isGranted(trx))) await grant(trx)
  })
}

async function hasGroup(trx: Transaction<DB>): Promise<boolean> {
  const { rows } = await sql`select from pg_roles where rolname = ${SERVICE_GROUP}`.execute(trx)
  return rows.length > 0
}

async function makeGroup(trx: Transaction<DB>): Promise<boolean> {
  const { rows } = await sql`select from pg_roles where rolname = current_user and (rolsuper or rolcreaterole)`.execute(
    trx,
  )
  if (rows.length === 0) return false
  // The lock is of one database, the role of the whole server.
  await sql`
    do $$ begin
      create role ${sql.id(SERVICE_GROUP)} nologin;
    exception when duplicate_object or unique_violation then null;
    end $$`.execute(trx)
  return true
}

/** The last thing that is granted. */
async function isGranted(trx: Transaction<DB>): Promise<boolean> {
  const { rows } = await sql<{ granted: boolean }>`
    select has_table_privilege(${SERVICE_GROUP}, 'refusal', 'insert') as granted`.execute(trx)
  return rows[0]?.granted === true
}

async function grant(trx: Transaction<DB>): Promise<void> {
  const group = sql.id(SERVICE_GROUP)
  const { rows: schemas } = await sql<{ home: string }>`select current_schema() as home`.execute(trx)
  const home = sql.id(schemas[0]?.home ?? 'public')
  const { rows: tables } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema()
      and tablename <> all(${[...readOnly, ...appended, ...unseen]}::text[])`.execute(trx)
  const { rows: views } = await sql<{ name: string }>`
    select viewname as name from pg_views where schemaname = current_schema()`.execute(trx)
  const named = (names: string[]) => sql.join(names.map((name) => sql.table(name)))
  await sql`revoke all on all tables in schema ${home} from ${group}`.execute(trx)
  await sql`grant usage on schema ${home}, past to ${group}`.execute(trx)
  await sql`grant select on all tables in schema past to ${group}`.execute(trx)
  await sql`grant select on ${named([...readOnly, ...views.map(({ name }) => name)])} to ${group}`.execute(trx)
  await sql`grant select, insert, update, delete on ${named(tables.map(({ name }) => name))} to ${group}`.execute(trx)
  await sql`grant select, insert on ${named(appended)} to ${group}`.execute(trx)
}
