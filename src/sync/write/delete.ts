/** DELETE of a document: the convention with all under it, and its service sites that no other convention links. */
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import { deletionOf, type Stored } from '../../engine/change-set.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { applyPlan } from '../../engine/write/apply.ts'
import { decide } from '../../engine/write/decide/decide.ts'
import { lockSource } from '../../engine/write/locks.ts'
import { type Problem, problem } from '../../http/errors/problems.ts'
import { selectSourceConvention } from '../document/queries.ts'
import type { PlannedChange } from '../document/schema.ts'
import { sourceKeyOf, unknownKey } from '../document/stored.ts'
import { identify } from './identify.ts'
import { namesOf, outcomesOf, planned, selectWritten } from './outcome.ts'
import { selectNewOwner } from './overrides.ts'
import { type Precondition, sourceDocumentIn } from './precondition.ts'

export interface DeleteRequest {
  caller: Caller
  source: string
  key: string
  now: Date
  precondition: Precondition
}

/**
 * Deletes; a 404 when the source holds nothing under the key, a 403 when the caller may not, a 409 when others name it
 * or another source has got it.
 * In a transaction.
 * @returns how to plan the same: what became of each object, by the journal
 */
export async function deleteDocument(
  db: Database,
  request: DeleteRequest,
): Promise<{ planOf: () => Promise<PlannedChange[]> }> {
  const { caller, source, key, now, precondition } = request
  if (!(await selectSourceConvention(db, caller, source, key))) throw await notHeld(db, request)
  const { convention, parts, statusDue } = await identify(db, request, [])
  if (!convention) throw unknownKey(source, key)
  await precondition(sourceDocumentIn(db, source, key))
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
  return {
    planOf: async () => {
      const all = [
        keyed('convention', convention, source),
        ...[...parts].flatMap(([type, bodies]) => bodies.map((body) => keyed(type, body, source))),
      ]
      return planned(outcomesOf(all, await selectWritten(db, caller)), convention.id, namesOf(all))
    },
  }
}

/** Why a source does not hold it: another one has got it, or nobody knows it. A 403 for those who may not use the source. */
async function notHeld(db: Database, { caller, source, key }: DeleteRequest): Promise<Problem> {
  const owner = await selectNewOwner(db, caller, source, key)
  if (owner === undefined) return unknownKey(source, key)
  await lockSource(db, caller, source)
  return problem('other-source', `Another source owns this convention: ${owner}.`)
}

/** The deletion of what is under the convention, whoever made it, by its key in the source. */
function keyed(type: ResourceType, body: Stored, source: string) {
  const key = sourceKeyOf(source, body)
  return { ...deletionOf(type, body), ...(key !== undefined && { key }) }
}
