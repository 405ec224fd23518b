/**
 * Queries of API keys. A revoked key stays in the list, because the journal refers to it. Writes run in a transaction
 * whose origin goes into the journal.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { newSecret } from '../../auth/credentials.ts'
import { visibleKey } from '../../auth/visibility.ts'
import { limits } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { conjunction, instantText, rows } from '../../db/expressions.ts'
import { type Page, selectKeyset } from '../../engine/read/keyset.ts'
import { byId } from '../../engine/read/queries.ts'
import { problem } from '../../http/errors/problems.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import type { ApiKey, ApiKeyInput } from './schema.ts'

export interface MadeKey {
  key: ApiKey
  /** In this answer and nowhere else. */
  secret: string
}

const { ref } = rows<{ api_key: 'api_key' }>()
const columns = [
  'id',
  'version',
  'organization_id as organizationId',
  'role',
  'name',
  'prefix',
  instantText(ref('expires_at')).as('expiresAt'),
  instantText(ref('former_until')).as('formerUntil'),
  instantText(ref('revoked_at')).as('revokedAt'),
  instantText(ref('last_used_at')).as('lastUsedAt'),
  instantText(ref('created_at')).as('createdAt'),
  instantText(ref('updated_at')).as('updatedAt'),
] as const
type Role = { role: ApiKey['role'] }

const selectFrom = (db: Database, caller: Caller) =>
  db
    .selectFrom('api_key as t')
    .select(columns)
    .$narrowType<Role>()
    .where(conjunction([visibleKey(caller)]))

/** A page of the keys in sight of the caller, by id. */
export const selectKeys = (db: Database, caller: Caller, start: PageStart): Promise<Page<ApiKey>> =>
  selectKeyset(selectFrom(db, caller), byId, start)

/** A key by its id; undefined when there is none in sight of the caller. With `lock` it stays so until the commit. */
export const selectKey = (
  db: Database,
  caller: Caller,
  id: string,
  { lock = false } = {},
): Promise<ApiKey | undefined> =>
  selectFrom(db, caller)
    .where('t.id', '=', id)
    .$if(lock, (query) => query.forNoKeyUpdate())
    .executeTakeFirst()

/** Makes a key; a 409 when the organization holds as many as it may. */
export async function insertKey(db: Database, input: ApiKeyInput): Promise<MadeKey> {
  const { organizationId = null, role, name } = input
  // Not as it was sent: Postgres does not take every offset.
  const expiresAt = input.expiresAt ? new Date(input.expiresAt).toISOString() : null
  await refuseTooMany(db, organizationId)
  const { secret, prefix, hash } = newSecret()
  const key = await db
    .insertInto('api_key')
    .values({ organization_id: organizationId, role, name, prefix, hash, expires_at: expiresAt })
    .returning(columns)
    .$narrowType<Role>()
    .executeTakeFirstOrThrow()
  return { key, secret }
}

/** Those who make keys of one organization take turns, so that they count each other's. */
async function refuseTooMany(db: Database, organizationId: string | null): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('keys of ' || ${organizationId ?? 'nobody'}::text, 0))`.execute(
    db,
  )
  const { count } = await db
    .selectFrom('api_key')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('organization_id', 'is not distinct from', organizationId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (Number(count) < limits.keysOfOrganization) return
  const detail = `There are ${limits.keysOfOrganization} keys of this organization, the most that it holds: revoke one first.`
  throw problem('conflict', detail)
}

/** Gives a key a new secret; the one before works for so many seconds more, an earlier one no longer. */
export async function rotateKey(db: Database, id: string, overlapSeconds: number, now: Date): Promise<MadeKey> {
  const { secret, prefix, hash } = newSecret()
  const key = await db
    .updateTable('api_key')
    .set({
      prefix,
      hash,
      former_hash: ref('hash'),
      former_until: sql`${inMilliseconds(now)} + make_interval(secs => ${overlapSeconds})`,
    })
    .where('id', '=', id)
    .returning(columns)
    .$narrowType<Role>()
    .executeTakeFirstOrThrow()
  return { key, secret }
}

/** Revokes a key: from the commit on it is refused, whichever of its secrets is sent. */
export async function revokeKey(db: Database, id: string, now: Date): Promise<void> {
  await db
    .updateTable('api_key')
    .set({ revoked_at: inMilliseconds(now) })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
}

const inMilliseconds = (now: Date) => sql<string>`date_trunc('milliseconds', ${now}::timestamptz)`

/** The id of the key that has this id or prefix; undefined when there is none. */
export async function findKeyId(db: Database, idOrPrefix: string): Promise<string | undefined> {
  const key = await db
    .selectFrom('api_key')
    .select('id')
    .where(({ or, cast, eb }) => or([eb(cast('id', 'text'), '=', idOrPrefix), eb('prefix', '=', idOrPrefix)]))
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return key?.id
}

/** The id of the organization that has this id or SIREN; throws when there is none. */
export async function findOrganizationId(db: Database, idOrSiren: string): Promise<string> {
  const organization = await db
    .selectFrom('organization')
    .select('id')
    .where(({ or, cast, eb }) => or([eb(cast('id', 'text'), '=', idOrSiren), eb('siren', '=', idOrSiren)]))
    .executeTakeFirst()
  if (!organization) throw new Error(`There is no organization with the id or SIREN ${idOrSiren}.`)
  return organization.id
}
