/**
 * The secrets of API keys: `ctg_` and 32 random bytes. A secret is shown once, to whom it is given; the registry keeps
 * its sha256, so that nobody who reads the database can use a key. Each request asks the database, so that what is
 * revoked or expired is refused by every process from the next request on.
 */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { limits } from '../config.ts'
import type { Database } from '../db/database.ts'
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

interface StoredKey {
  id: string
  name: string
  organization_id: string | null
  role: KeyRole
  /** Whether its last use was not noted lately. */
  unnoted: boolean
}

/** The holder of the valid key that has this secret, or had it before a rotation that is not over; else undefined. */
export async function findHolder(db: Database, secret: string, now: Date): Promise<Caller | undefined> {
  if (!SECRET_FORM.test(secret)) return undefined
  const hash = hashOf(secret)
  const { rows } = await sql<StoredKey>`
    select id, name, organization_id, role, ${isUnnoted(now)} as unnoted from api_key
    where (hash = ${hash} or former_hash = ${hash} and former_until > ${now}) and ${isInForce(now)}`.execute(db)
  const [key] = rows
  if (!key) return undefined
  if (key.unnoted) noteUse(db, key.id, now)
  return { kind: 'key', id: key.id, name: key.name, organizationId: key.organization_id, role: key.role }
}

const isInForce = (now: Date) => sql<boolean>`(revoked_at is null and (expires_at is null or expires_at > ${now}))`

const isUnnoted = (now: Date) =>
  sql<boolean>`(last_used_at is null or last_used_at <= ${now}::timestamptz - make_interval(secs => ${limits.keyUseSeconds}))`

const noting = new Set<string>()

/** Notes that a key was used, beside the request that waits for nothing: if that fails the next use is noted. */
function noteUse(db: Database, id: string, now: Date): void {
  if (noting.has(id)) return
  noting.add(id)
  sql`update api_key set last_used_at = date_trunc('milliseconds', ${now}::timestamptz) where id in (
    select id from api_key where id = ${id} and ${isUnnoted(now)} for no key update skip locked)`
    .execute(db)
    .catch(() => undefined)
    .finally(() => noting.delete(id))
}
