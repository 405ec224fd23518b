/** DELETE of what a source holds under a key: the convention with all under it, and the sites that nobody else links. */
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../db/database.ts'
import { problem } from '../http/problems.ts'
import { refuseInUse } from '../resource/in-use.ts'
import { deleteRows, settle, settleSites } from '../resource/writes.ts'
import { documentTag, sourceDocument } from './document.ts'
import { keyIn, lockConvention, selectHeld } from './held.ts'
import { deleteUnlinked } from './write.ts'

export interface DeleteRequest {
  caller: Caller
  source: string
  key: string
  now: Date
  /** Refuses to go on unless the document is what the caller believes. */
  precondition(tag: () => Promise<string>): Promise<void>
}

/** Deletes; a 404 when the source holds nothing under the key, a 409 when others name it. In a transaction. */
export async function deleteDocument(db: Database, request: DeleteRequest): Promise<void> {
  const { caller, source, key, now, precondition } = request
  const convention = await lockConvention(db, source, key)
  if (!convention) throw unknownKey(source, key)
  await precondition(async () => documentTag(await sourceDocument(db, convention, source, key)))
  await refuseInUse(db, 'convention', caller, convention.id)
  const sites = (await selectHeld(db, convention.id)).get('service-site') ?? []
  await deleteRows(db, 'convention', [convention.id])
  const own = sites.filter((site) => keyIn(source, site) !== undefined).map(({ id }) => id)
  await deleteUnlinked(db, own)
  await settleSites(
    db,
    sites.map(({ id }) => id),
  )
  if (convention.predecessorId) await settle(db, [convention.predecessorId], now)
}

export const unknownKey = (source: string, key: string) =>
  problem('not-found', `The source ${source} holds no convention under the key ${JSON.stringify(key)}.`)
