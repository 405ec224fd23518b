/**
 * The API keys in the database. A key that was revoked stays in the list, for the journal names it. Writes are made in
 * a transaction that tells the journal who wrote.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { newSecret } from '../../auth/credentials.ts'
import { visibleKey } from '../../auth/visibility.ts'
import { limits } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { type Condition, conjunction, type Page, selectKeyset } from '../../engine/read/keyset.ts'
import { byId } from '../../engine/read/queries.ts'
import { problem } from '../../http/errors/problems.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import type { ApiKey, ApiKeyInput } from './schema.ts'

export interface MadeKey {
  key: ApiKey
  /** In this answer and nowhere else. */
  secret: string
}

const instant = (column: string) =>
  sql`to_char(${sql.ref(`t.${column}`)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const columns = sql`t.id, t.version, t.organization_id as "organizationId", t.role, t.name, t.prefix,
  ${instant('expires_at')} as "expiresAt", ${instant('former_until')} as "formerUntil",
  ${instant('revoked_at')} as "revokedAt", ${instant('last_used_at')} as "lastUsedAt",
  ${instant('created_at')} as "createdAt", ${instant('updated_at')} as "updatedAt"`

/** A page of the keys in sight of the caller, by id. */
export const selectKeys = (db: Database, caller: Caller, start: PageStart): Promise<Page<ApiKey>> =>
  selectKeyset(
    db,
    {
      select: sql`select ${columns} from api_key t`,
      where: [visibleKey(caller)],
      order: byId,
      counted: { from: sql`api_key t` },
    },
    start,
  )

/** A key by its id; undefined when there is none in sight of the caller. With `lock` it stays so until the commit. */
export async function selectKey(
  db: Database,
  caller: Caller,
  id: string,
  { lock = false } = {},
): Promise<ApiKey | undefined> {
  const where: Condition = conjunction([sql<boolean>`t.id = ${id}`, visibleKey(caller)])
  const { rows } = await sql<ApiKey>`select ${columns} from api_key t where ${where}
    ${lock ? sql`for no key update` : sql``}`.execute(db)
  return rows[0]
}

/** Makes a key; a 409 when the organization holds as many as it may. */
export async function insertKey(db: Database, input: ApiKeyInput): Promise<MadeKey> {
  const { organizationId = null, role, name } = input
  // Not as it was sent: Postgres does not take every offset.
  const expiresAt = input.expiresAt ? new Date(input.expiresAt) : null
  await refuseTooMany(db, organizationId)
  const { secret, prefix, hash } = newSecret()
  const { rows } = await sql<ApiKey>`insert into api_key as t (organization_id, role, name, prefix, hash, expires_at)
    values (${organizationId}, ${role}, ${name}, ${prefix}, ${hash}, ${expiresAt})
    returning ${columns}`.execute(db)
  return { key: rows[0] as ApiKey, secret }
}

/** Those who make keys of one organization take turns, so that they count each other's. */
async function refuseTooMany(db: Database, organizationId: string | null): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('keys of ' || ${organizationId ?? 'nobody'}::text, 0))`.execute(
    db,
  )
  const { rows } = await sql<{ count: string }>`select count(*) from api_key
    where organization_id is not distinct from ${organizationId}::uuid and revoked_at is null`.execute(db)
  if (Number(rows[0]?.count) < limits.keysOfOrganization) return
  const detail = `There are ${limits.keysOfOrganization} keys of this organization, the most that it holds: revoke one first.`
  throw problem('conflict', detail)
}

/** Gives a key a new secret; the one before works for so many seconds more, an earlier one no longer. */
export async function rotateKey(db: Database, id: string, overlapSeconds: number, now: Date): Promise<MadeKey> {
  const { secret, prefix, hash } = newSecret()
  const { rows } = await sql<ApiKey>`update api_key t set prefix = ${prefix}, hash = ${hash}, former_hash = t.hash,
      former_until = date_trunc('milliseconds', ${now}::timestamptz) + make_interval(secs => ${overlapSeconds})
    where t.id = ${id} returning ${columns}`.execute(db)
  return { key: rows[0] as ApiKey, secret }
}

/** Revokes a key: from the commit on it is refused, whichever of its secrets is sent. */
export async function revokeKey(db: Database, id: string, now: Date): Promise<void> {
  await sql`update api_key set revoked_at = date_trunc('milliseconds', ${now}::timestamptz)
    where id = ${id} and revoked_at is null`.execute(db)
}

/** The id of the key that has this id or prefix; undefined when there is none. */
export async function findKeyId(db: Database, idOrPrefix: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`select id from api_key
    where id::text = ${idOrPrefix} or prefix = ${idOrPrefix} order by id limit 1`.execute(db)
  return rows[0]?.id
}

/** The id of the organization that has this id or SIREN; throws when there is none. */
export async function findOrganizationId(db: Database, idOrSiren: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`select id from organization
    where id::text = ${idOrSiren} or siren = ${idOrSiren}`.execute(db)
  const [organization] = rows
  if (!organization) throw new Error(`There is no organization with the id or SIREN ${idOrSiren}.`)
  return organization.id
}
