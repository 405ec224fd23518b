/**
 * Guards of a PUT: a document that lost something on its way must not hide or delete what is there. Each is a 409 with
 * the counts and the plan of what would be done.
 */
import type { Change, ChangeSet } from '../../engine/change-set.ts'
import { problem } from '../../http/errors/problems.ts'
import type { Item } from '../document/items.ts'
import { type NameOf, type Outcome, planned, report } from './outcome.ts'

/** More deletions than these are refused unless the request allows so many. */
const DELETIONS_MAX = 20
/** Of what the source holds under the convention: also fewer deletions, if they are more than this share of it ... */
const SHARE_MAX = 0.2
/** ... and at least so many. */
const SHARE_COUNTS_FROM = 5

/**
 * Throws a 409 when a public convention would be hidden because `state` was left out, or when more would be deleted
 * than `maxDeletes` allows.
 * @param held how many objects the source holds under the convention
 * @param names how the document names ids, read only for a refusal
 */
export async function guard(
  { changes, conventionId }: ChangeSet,
  items: readonly Item[],
  { held, maxDeletes, names }: { held: number; maxDeletes: number | undefined; names: () => Promise<NameOf> },
): Promise<void> {
  const state = items[0]?.input.state
  const own = changes.find(({ id }) => id === conventionId)
  const expected = changes.map((change) => expectedOutcome(change, conventionId))
  const { byType: _, ...counts } = report(expected)
  const written = expected.filter(({ operation }) => operation !== 'unchanged')
  const members = async () => ({ counts, plan: planned(written, conventionId, await names()) })
  if (own?.before && own.before.state !== 'draft' && own.after?.state === 'draft' && state === undefined) {
    const detail =
      'The document has no state, which means a draft: the public convention would be hidden. Send its state, or "state": "draft" to hide it.'
    throw problem('state-left-out', detail, { members: await members() })
  }
  const { deleted } = counts
  if (!deletesTooMuch(deleted, held, maxDeletes)) return
  const detail = `The document would delete ${deleted} of ${held} objects; maxDeletes=${deleted} allows it.`
  throw problem('too-many-deletions', detail, { members: await members() })
}

/** Whether so many of those that are there are more than looks meant, or than `maxDeletes` allows. */
export function deletesTooMuch(deleted: number, held: number, maxDeletes: number | undefined): boolean {
  if (maxDeletes !== undefined) return deleted > maxDeletes
  return deleted > DELETIONS_MAX || (deleted >= SHARE_COUNTS_FROM && deleted > held * SHARE_MAX)
}

/** What would become of a change: a service site that others link is only unlinked. */
function expectedOutcome(change: Change, conventionId: string | undefined): Outcome {
  const { operation, type, before } = change
  const others = ((before?.conventionIds ?? []) as string[]).filter((id) => id !== conventionId)
  const isShared = operation === 'delete' && type === 'service-site' && others.length > 0
  return { change, operation: isShared ? 'update' : operation === 'keep' ? 'unchanged' : operation }
}
