/**
 * Locks of writes, and their one order, which is that of this file: sources, conventions by id, service sites by id,
 * identities of organizations sorted, organizations by id. A resource of another type is locked after its convention,
 * where target.ts reads it. Three writes come back to an earlier lock, and a deadlock there is retried by
 * `inTransaction`: write.ts where its target changed while it waited, cycles.ts to conventions, and apply.ts to the sites
 * that it deletes. What is decided is read from the locked row itself or by a later statement: a statement that waited for
 * a lock sees everything else as it stood before the wait.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { assertAllowed, mayUseSource } from '../../auth/policy.ts'
import { organizationOf, seenConvention } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { anyOf } from '../../db/expressions.ts'
import type { Row } from '../row-mapper.ts'

/** Who deletes locks `for update`, and so waits for those that are about to name what is deleted. */
export type Strength = 'no key update' | 'update'

/**
 * Locks a source: its documents are written one after the other. It exists from now on, and belongs to the caller's
 * organization when it is new. A 403 when it belongs to others; nobody waits for a lock before that.
 */
export async function lockSource(db: Database, caller: Caller, source: string): Promise<void> {
  const select = db.selectFrom('source').select('organization_id as organizationId').where('name', '=', source)
  assertAllowed(mayUseSource(caller, (await select.executeTakeFirst()) ?? null))
  await db
    .insertInto('source')
    .values({ name: source, organization_id: organizationOf(caller) })
    .onConflict((on) => on.doNothing())
    .execute()
  assertAllowed(mayUseSource(caller, (await select.forNoKeyUpdate().executeTakeFirst()) ?? null))
}

/** Locks the sources whose documents list organizations in a convention: to publish it is to write as these. */
export async function lockListingSources(db: Database, conventionId: string): Promise<void> {
  await db
    .selectFrom('source')
    .where('name', 'in', (eb) =>
      eb.selectFrom('document_organization').select('source').where('convention_id', '=', conventionId),
    )
    .orderBy('name')
    .forNoKeyUpdate()
    .execute()
}

/** Locks the sources and the service sites that belong to an organization, which have no owner once it is deleted. */
export async function lockOwned(db: Database, organizationId: string): Promise<void> {
  await db.selectFrom('source').where('organization_id', '=', organizationId).orderBy('name').forNoKeyUpdate().execute()
  await db.selectFrom('service_site').where('owner_id', '=', organizationId).orderBy('id').forNoKeyUpdate().execute()
}

interface ConventionsToLock {
  /** The one under which is written, or which is written; undefined where it is new. */
  own: string | undefined
  /** Others that are named. */
  named?: readonly string[]
  /** Actions of others that are named: whether these are drafts follows from their conventions. */
  actions?: readonly string[]
  /** Whether those are locked too whose actions are carried on under the own one, which gets other readers. */
  carried?: boolean
  /** What goes out of the sight of others: drafts that name it are locked too. */
  closed?: Closed
  strength?: Strength
}

/** The own convention with all that is under it, or those of its actions whose ids the statement gives. */
export type Closed = 'all' | RawBuilder<unknown>

/**
 * Locks all conventions of a write in one statement: the own one, what it names and what it named before, those whose
 * actions are carried on, and drafts that name what goes out of their sight. Of all else that is out of
 * the caller's sight nothing is locked.
 * @returns the rows, each with `is_seen`
 */
export async function lockConventions(db: Database, caller: Caller, request: ConventionsToLock): Promise<Row[]> {
  const { own = null, named = [], actions = [], carried = false, closed, strength = 'no key update' } = request
  const linked = sql`select unnest(array[o.id, o.predecessor_id, o.merged_into_id]) from convention o where o.id = ${own}`
  const carriedOn = carried
    ? sql` union select o.convention_id from action a join action o on o.id = a.carried_from_id where a.convention_id = ${own}`
    : sql``
  const meant =
    actions.length > 0 ? sql` union select a.convention_id from action a where a.id = any(${actions}::uuid[])` : sql``
  const bound = closed ? sql`${linked} union ${naming(own, closed)}` : linked
  const { rows } = await sql<Row>`select c.*, ${seenConvention(caller)} as is_seen from convention c
    where c.id = any(array(${bound} union select unnest(${named}::uuid[])${meant}${carriedOn}))
      and (${seenConvention(caller)} or c.id = any(array(${bound})))
    order by c.id for ${sql.raw(strength)} of c`.execute(db)
  // Writers for whom it waited may have named more conventions; no others begin before this one has ended.
  if (carried)
    await sql`select from convention c where c.id = any(array(${linked}${carriedOn})) order by c.id for no key update of c`.execute(
      db,
    )
  return rows
}

/** The drafts that name a convention, or actions under it; of a draft that changes its Caf those of the first. */
function naming(own: string | null, closed: Closed): RawBuilder<unknown> {
  const carrying = sql`select n.id from convention x join action o on o.convention_id = x.id
    join action a on a.carried_from_id = o.id join convention n on n.id = a.convention_id
    where x.id = ${own} and n.state = 'draft'`
  if (closed !== 'all') return sql`${carrying} and o.id in (${closed})`
  return sql`${carrying} union select n.id from convention x
    join convention n on n.predecessor_id = x.id or n.merged_into_id = x.id where x.id = ${own} and n.state = 'draft'`
}

/**
 * Locks the conventions of a chain of renewals, mergers or carried actions, whose ids a query gives, so that the chain
 * stays as it is.
 */
export async function lockChain(db: Database, conventionIds: RawBuilder<unknown>): Promise<void> {
  await sql`select from convention c where c.id in (${conventionIds}) order by c.id for share of c`.execute(db)
}

/** Locks service sites. */
export async function lockSites(
  db: Database,
  ids: readonly string[],
  strength: Strength = 'no key update',
): Promise<Row[]> {
  if (ids.length === 0) return []
  const sites = db.selectFrom('service_site').selectAll().where('id', '=', anyOf(ids)).orderBy('id')
  return await (strength === 'update' ? sites.forUpdate() : sites.forNoKeyUpdate()).execute()
}

/** The lock table of the database is finite: so many identities are locked one by one, more by one lock for all. */
const IDENTITIES_MAX = 200
const ALL_IDENTITIES = 'organizations'

/**
 * Locks what makes organizations the same, such as `siren:200068468`, until the end of the transaction: no two writers
 * create or complete the same organization at once.
 */
export async function lockIdentities(db: Database, identities: Iterable<string>): Promise<void> {
  const sorted = [...new Set(identities)].sort()
  if (sorted.length === 0) return
  const key = (name: unknown) => sql`hashtextextended('organization ' || ${name}, 0)`
  const all = key(sql`${ALL_IDENTITIES}::text`)
  if (sorted.length > IDENTITIES_MAX) await sql`select pg_advisory_xact_lock(${all})`.execute(db)
  else
    await sql`with alone as materialized (select pg_advisory_xact_lock_shared(${all}))
      select pg_advisory_xact_lock(${key(sql`identity`)}) from alone, unnest(${sorted}::text[]) with ordinality one (identity, place)`.execute(
      db,
    )
}

/**
 * Rows of organizations by id. Those that a write names are locked for `key share`, those that a document may fill in for
 * `no key update`.
 */
export const organizationRows = (ids: RawBuilder<unknown>, strength?: 'key share' | 'no key update') =>
  sql<Row>`select * from organization where id = any(${ids}) order by id${strength ? sql` for ${sql.raw(strength)}` : sql``}`
