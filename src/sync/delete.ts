/** DELETE of what a source holds under a key: the convention with all under it, and the sites that nobody else links. */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { problem } from '../http/problems.ts'
import { deleteRows, settle, settleSites } from '../resource/writes.ts'
import { documentTag, sourceDocument } from './document.ts'
import { keyIn, lockConvention, selectHeld } from './held.ts'

export interface DeleteRequest {
  source: string
  key: string
  now: Date
  /** Refuses to go on unless the document is what the caller believes. */
  precondition(tag: () => Promise<string>): Promise<void>
}

/** Deletes; a 404 when the source holds nothing under the key, a 409 when others name it. In a transaction. */
export async function deleteDocument(db: Database, { source, key, now, precondition }: DeleteRequest): Promise<void> {
  const convention = await lockConvention(db, source, key)
  if (!convention) throw unknownKey(source, key)
  await precondition(async () => documentTag(await sourceDocument(db, convention, source, key)))
  const sites = (await selectHeld(db, convention.id)).get('service-site') ?? []
  await deleteRows(db, 'convention', [convention.id])
  const own = sites.filter((site) => keyIn(source, site)).map(({ id }) => id)
  const { rows } = await sql<{ id: string }>`select id from service_site s where id = any(${own}::uuid[])
    and not exists (select from convention_site l where l.site_id = s.id) order by id for update`.execute(db)
  await deleteRows(
    db,
    'service_site',
    rows.map(({ id }) => id),
  )
  await settleSites(
    db,
    sites.map(({ id }) => id),
  )
  if (convention.predecessorId) await settle(db, [convention.predecessorId], now)
}

export const unknownKey = (source: string, key: string) =>
  problem('not-found', `The source ${source} holds no convention under the key ${JSON.stringify(key)}.`)
