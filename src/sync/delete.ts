/** DELETE of what a source holds under a key: the convention with all under it, and the sites that nobody else links. */
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../db/database.ts'
import { refuseInUse } from '../engine/write/in-use.ts'
import { deleteRows, settle, settleSites } from '../engine/write/rows.ts'
import { documentTag, sourceDocument } from './document.ts'
import { selectSourceConvention } from './queries.ts'
import { lockSource } from './rights.ts'
import { keyIn, lockConvention, selectHeld, unknownKey } from './stored.ts'
import { deleteUnlinked } from './write.ts'

export interface DeleteRequest {
  caller: Caller
  source: string
  key: string
  now: Date
  /** Refuses to go on unless the document is what the caller believes. */
  precondition(tag: () => Promise<string>): Promise<void>
}

/**
 * Deletes; a 404 when the source holds nothing under the key, a 403 when the caller may not, a 409 when others name it.
 * In a transaction.
 */
export async function deleteDocument(db: Database, request: DeleteRequest): Promise<void> {
  const { caller, source, key, now, precondition } = request
  if (!(await selectSourceConvention(db, caller, source, key))) throw unknownKey(source, key)
  await lockSource(db, caller, source)
  const convention = await lockConvention(db, caller, source, key)
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
