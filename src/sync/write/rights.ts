/** Rights to documents: the source belongs to one organization, and the conventions to their Cafs. */
import type { Caller } from '../../auth/caller.ts'
import { assertAllowed, forbidden, mayCoordinate, mayUseSource } from '../../auth/policy.ts'
import { organizationOf } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { Draft } from '../../engine/write/decide/complete.ts'
import { isId } from '../../engine/write/decide/names.ts'

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

/** Throws a 403 unless the caller may coordinate what the document makes of a convention. */
export function assertCoordinates(caller: Caller, [own]: readonly { draft: Draft }[]): void {
  const cafId = own?.draft.after.cafId as string
  // A key that means nothing is reported with all that is wrong.
  if (!isId(`${cafId}`) || mayCoordinate(caller, cafId)) return
  throw forbidden('The caf of the document is not the organization of this key; name it by its SIREN or its id.')
}
