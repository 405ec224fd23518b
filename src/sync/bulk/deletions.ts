/** Deletions of a complete bulk sync: the conventions that a source holds and no longer sends. */
import { problem } from '../../http/errors/problems.ts'
import { selectSourceKeys } from '../document/queries.ts'
import { deleteDocument } from '../write/delete.ts'
import { deletesTooMuch } from '../write/guards.ts'
import { inSlot, problemLine, type Sync, write } from './line-writes.ts'
import type { SyncLine } from './schema.ts'

/**
 * Deletes what the source still holds under these keys, which were not sent, and answers a line for each. What others name
 * is tried again once these are deleted, as long as that gets some of it away. Throws a 409 when it is more than looks
 * meant and `maxDeletes` does not allow it; then nothing is deleted.
 */
export async function* deletions(
  sync: Sync,
  keys: readonly string[],
  goesOn: () => Promise<void>,
): AsyncGenerator<SyncLine> {
  const { services, reply, source, options } = sync
  const held = await selectSourceKeys(services.db, reply.request.caller, source)
  let left = held.filter((key) => keys.includes(key))
  if (deletesTooMuch(left.length, held.length, options.maxDeletes)) {
    const detail = `${left.length} of ${held.length} conventions were not sent; maxDeletes=${left.length} allows to delete them.`
    throw problem('too-many-deletions', detail)
  }
  for (;;) {
    const refused: SyncLine[] = []
    for (const key of left) {
      await goesOn()
      const line = await deleteOne(sync, key)
      if (line.problem) refused.push(line)
      else yield line
    }
    if (refused.length === 0 || refused.length === left.length) return yield* refused
    left = refused.map(({ key }) => key as string)
  }
}

async function deleteOne(sync: Sync, key: string): Promise<SyncLine> {
  const { reply, source, options } = sync
  const { caller } = reply.request
  try {
    const plan = await inSlot(reply, () =>
      write(sync, async (trx, now) => {
        const { planOf } = await deleteDocument(trx, { caller, source, key, now, precondition: async () => undefined })
        return options.dryRun ? planOf() : undefined
      }),
    )
    return { key, status: 204, ...(plan && { plan }) }
  } catch (error) {
    return { key, ...problemLine(sync, reply.request.problemOf(error)) }
  }
}
