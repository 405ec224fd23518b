/**
 * API keys: `ctg_` and 32 random bytes. A secret is shown once, to whom it is given; the registry keeps its sha256, so
 * that nobody who reads the database can use a key. A key that was revoked stays in the list, for the journal names it.
 */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { Type } from 'typebox'
import type { Database } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { invalidBody } from '../http/problems.ts'
import { title } from '../http/schemas.ts'
import { checkBody } from '../http/validation.ts'
import { operator } from './caller.ts'

/** A key as people may see it. */
export interface ApiKey {
  id: string
  name: string
  /** The first characters of the secret, by which people tell keys apart. */
  prefix: string
  createdAt: string
  /** Null as long as the key is valid. */
  revokedAt: string | null
}

const SECRET_BYTES = 32
const SECRET_FORM = /^ctg_[\w-]{43}$/
const PREFIX_CHARACTERS = 12

const NewKey = Type.Object({ name: title('What the key is for (French: nom de la clé).', "Caf de l'Orne") })

const origin = { actor: operator.id, requestId: null, source: null }

const instant = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const columns = sql`id, name, prefix, ${instant('created_at')} as "createdAt", ${instant('revoked_at')} as "revokedAt"`

/** Creates a key; its secret is in this answer and nowhere else. Throws a 422 when the name cannot be one. */
export async function createKey(db: Database, name: string): Promise<{ key: ApiKey; secret: string }> {
  const { value, faults } = checkBody(NewKey, { name })
  if (faults.length > 0) throw invalidBody(faults)
  const secret = `ctg_${randomBytes(SECRET_BYTES).toString('base64url')}`
  const { rows } = await inTransaction(db, origin, (trx) =>
    sql<ApiKey>`insert into api_key (name, prefix, hash)
      values (${value.name}, ${secret.slice(0, PREFIX_CHARACTERS)}, ${hashOf(secret)}) returning ${columns}`.execute(
      trx,
    ),
  )
  return { key: rows[0] as ApiKey, secret }
}

/** All keys, also those that were revoked, oldest first. */
export async function listKeys(db: Database): Promise<ApiKey[]> {
  const { rows } = await sql<ApiKey>`select ${columns} from api_key order by created_at, id`.execute(db)
  return rows
}

/**
 * Revokes the key with this id or prefix: from now on it is refused. Answers it as it is now, and undefined when there
 * is none; one that was revoked before keeps the instant.
 */
export async function revokeKey(db: Database, idOrPrefix: string): Promise<ApiKey | undefined> {
  const { rows } = await inTransaction(db, origin, (trx) =>
    sql<ApiKey>`update api_key set revoked_at = coalesce(revoked_at, date_trunc('milliseconds', now()))
      where id::text = ${idOrPrefix} or prefix = ${idOrPrefix} returning ${columns}`.execute(trx),
  )
  return rows[0]
}

/** The valid key that has this secret; undefined when there is none or when it was revoked. */
export async function findKey(db: Database, secret: string): Promise<Pick<ApiKey, 'id' | 'name'> | undefined> {
  if (!SECRET_FORM.test(secret)) return undefined
  const { rows } = await sql<Pick<ApiKey, 'id' | 'name'>>`
    select id, name from api_key where hash = ${hashOf(secret)} and revoked_at is null`.execute(db)
  return rows[0]
}

/** What is kept of a secret. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
