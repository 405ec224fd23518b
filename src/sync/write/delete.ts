/** DELETE of a document: the convention with all under it, and its service sites that no other convention links. */
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import { deletionOf } from '../../engine/change-set.ts'
import { applyPlan } from '../../engine/write/apply.ts'
import { decide } from '../../engine/write/decide/decide.ts'
import { sourceDocument } from '../document/document.ts'
import { selectSourceConvention } from '../document/queries.ts'
import { sourceKeyOf, unknownKey } from '../document/stored.ts'
import { identify } from './identify.ts'

export interface DeleteRequest {
  caller: Caller
  source: string
  key: string
  now: Date
  /** Refuses to go on unless the document is what the caller believes. */
  precondition(tag: () => Promise<string | undefined>): Promise<void>
}

/**
 * Deletes; a 404 when the source holds nothing under the key, a 403 when the caller may not, a 409 when others name it.
 * In a transaction.
 */
export async function deleteDocument(db: Database, request: DeleteRequest): Promise<void> {
  const { caller, source, key, now, precondition } = request
  if (!(await selectSourceConvention(db, caller, source, key))) throw unknownKey(source, key)
  const { convention, parts, statusDue } = await identify(db, request, [])
  if (!convention) throw unknownKey(source, key)
  await precondition(async () => (await sourceDocument(db, source, key))?.tag)
  const sites = (parts.get('service-site') ?? []).filter((site) => sourceKeyOf(source, site) !== undefined)
  const { plan } = await decide(db, {
    caller,
    now,
    source,
    body: undefined,
    errors: [],
    conventionId: convention.id,
    drafts: [],
    prepared: [deletionOf('convention', convention), ...sites.map((site) => deletionOf('service-site', site))],
    standing: { convention, parts: new Map(), counts: new Map(), statusDue },
    gone: { subject: 'The convention', gone: [{ type: 'convention', id: convention.id }] },
    ownerId: null,
  })
  await applyPlan(db, plan, now)
}
