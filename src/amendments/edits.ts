/** What a write of an amendment does beside its row: the period and the bound days of its convention follow it. */

import { sql } from 'kysely'
import { type Editing, nextNumber, refuseTaken } from '../resource/edit.ts'
import { conventionBounds } from '../resource/schema.ts'
import { settle } from '../resource/writes.ts'
import { amendments } from './queries.ts'
import { AmendmentInput, AmendmentPatch } from './schema.ts'

export const amendmentEditing: Editing = {
  resource: amendments,
  input: AmendmentInput,
  patch: AmendmentPatch,
  limit: conventionBounds.amendments,
  async complete({ db, after }) {
    after.number ??= await nextNumber(db, amendments, { convention_id: after.conventionId })
  },
  async refuse({ db, after }) {
    const condition = sql<boolean>`t.convention_id = ${after.conventionId} and t.number = ${after.number} and t.id <> ${after.id}`
    await refuseTaken(db, amendments, '/number', condition, 'Another amendment of the convention has this number.')
  },
  settle: ({ db, before, after, now }) => settle(db, [(after ?? before)?.conventionId as string], now),
}
