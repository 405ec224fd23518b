/**
 * Credentials: the secret of an API key is `ctg_` and 32 random bytes, shown once. The registry keeps its sha256, so
 * nobody who reads the database can use a key. Each request asks the database, so every process refuses a revoked or
 * expired key from the next request on.
 */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import { rows } from '../db/expressions.ts'
import type { Caller, KeyRole } from './caller.ts'

const SECRET_BYTES = 32
const SECRET_FORM = /^ctg_[\w-]{43}$/
const PREFIX_CHARACTERS = 12

/** A new secret, with what is kept of it: its hash, and the prefix by which people tell keys apart. */
export function newSecret(): { secret: string; prefix: string; hash: Buffer } {
  const secret = `ctg_${randomBytes(SECRET_BYTES).toString('base64url')}`
  return { secret, prefix: secret.slice(0, PREFIX_CHARACTERS), hash: hashOf(secret) }
}

/** What is kept of a secret. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** The holder of the valid key that has this secret, or had it before a rotation that is not over; else undefined. */
export async function findHolder(db: Database, secret: string, now: Date): Promise<Caller | undefined> {
  if (!SECRET_FORM.test(secret)) return undefined
  const hash = hashOf(secret)
  const at = now.toISOString()
  const found = await db
    .selectFrom('api_key')
    .select(['id', 'name', 'organization_id as organizationId', 'role', isUnnoted(now).as('unnoted')])
    .where(({ eb, or }) => or([eb('hash', '=', hash), eb('former_hash', '=', hash).and('former_until', '>', at)]))
    .where('revoked_at', 'is', null)
    .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', at)]))
    .$narrowType<{ role: KeyRole }>()
    .executeTakeFirst()
  if (!found) return undefined
  const { unnoted, ...key } = found
  if (unnoted) noteUse(db, key.id, now)
  return { kind: 'key', ...key }
}

const key = rows<{ api_key: 'api_key' }>()

/** Whether its last use was not noted lately. */
const isUnnoted = (now: Date) =>
  key.or([
    key('last_used_at', 'is', null),
    key('last_used_at', '<=', sql<string>`${now}::timestamptz - make_interval(secs => ${limits.keyUseSeconds})`),
  ])

const noting = new Set<string>()

/** Notes that a key was used, beside the request that waits for nothing: if that fails the next use is noted. */
function noteUse(db: Database, id: string, now: Date): void {
  if (noting.has(id)) return
  noting.add(id)
  db.updateTable('api_key')
    .set({ last_used_at: sql<string>`date_trunc('milliseconds', ${now}::timestamptz)` })
    .where('id', 'in', (eb) =>
      eb.selectFrom('api_key').select('id').where('id', '=', id).where(isUnnoted(now)).forNoKeyUpdate().skipLocked(),
    )
    .execute()
    .catch(() => undefined)
    .finally(() => noting.delete(id))
}
