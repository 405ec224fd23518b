/** API keys for tests, made as the command makes them. */
import { operator } from '../../src/auth/caller.ts'
import type { Database } from '../../src/db/database.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { makeKey } from '../../src/domain/api-keys/edits.ts'
import { findKeyId, type MadeKey, revokeKey, selectKey, selectKeys } from '../../src/domain/api-keys/queries.ts'
import type { ApiKey, ApiKeyInput } from '../../src/domain/api-keys/schema.ts'

/** When the clock of a test stands, unless it says otherwise. */
const NOW = new Date('2026-03-15T12:00:00Z')
const origin = { actor: operator.id, requestId: null, source: null }

/** A new key; that of an administrator unless a test says otherwise. */
export const createKey = (
  db: Database,
  name: string,
  options: Partial<ApiKeyInput> = {},
  now = NOW,
): Promise<MadeKey> =>
  inTransaction(db, origin, (trx) => makeKey(trx, operator, { role: 'admin', name, ...options }, now))

/** All keys, oldest first. */
export const listKeys = async (db: Database): Promise<ApiKey[]> =>
  (await selectKeys(db, operator, { after: undefined, limit: 200, count: false })).data

/** The key with this id or prefix, revoked; undefined when there is none. */
export const dropKey = (db: Database, idOrPrefix: string): Promise<ApiKey | undefined> =>
  inTransaction(db, origin, async (trx) => {
    const id = await findKeyId(trx, idOrPrefix)
    if (id === undefined) return undefined
    await revokeKey(trx, id, NOW)
    return selectKey(trx, operator, id)
  })
