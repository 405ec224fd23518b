/** DELETE of what a source holds under a key: the convention with all under it, and the sites that nobody else links. */
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../db/database.ts'
import type { Convention } from '../domain/conventions/resource.ts'
import { type Change, type Stored, wholeBody } from '../engine/change-set.ts'
import type { ResourceType } from '../engine/resource.ts'
import { applyPlan } from '../engine/write/apply.ts'
import { decide } from '../engine/write/decide.ts'
import { sourceDocument } from './document.ts'
import { identify } from './identify.ts'
import { selectSourceConvention } from './queries.ts'
import { keyIn, unknownKey } from './stored.ts'

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
  const { convention, parts, statusDue } = await identify(db, request, [])
  if (!convention) throw unknownKey(source, key)
  const _body = convention as unknown as Convention
  await precondition(async () => (await sourceDocument(db, convention.id, source, key)).tag)
  const sites = (parts.get('service-site') ?? []).filter((site) => keyIn(source, site) !== undefined)
  const { plan } = await decide(db, {
    caller,
    now,
    source,
    body: undefined,
    faults: [],
    conventionId: convention.id,
    drafts: [],
    prepared: [deletion('convention', convention), ...sites.map((site) => deletion('service-site', site))],
    standing: { convention, parts: new Map(), counts: new Map(), statusDue },
    gone: { subject: 'The convention', gone: [{ type: 'convention', id: convention.id }] },
    ownerId: null,
  })
  await applyPlan(db, plan, now)
}

function deletion(type: ResourceType, before: Stored): Change {
  return { operation: 'delete', type, id: before.id, place: wholeBody, before, fields: [], lost: new Set() }
}
