/** What a write of an amendment does beside its row: the period and the bound days of its convention follow it. */

import { sql } from 'kysely'
import { rights } from '../../auth/policy.ts'
import { NUMBER_TAKEN } from '../../engine/rules.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { allowUnderConvention } from '../../engine/write/authorize.ts'
import { type Editing, nextNumber, refuseTaken, taken } from '../../engine/write/edit.ts'
import { settle } from '../../engine/write/rows.ts'
import { selectBoundTwice } from '../signatories/queries.ts'
import { BOUND_TWICE } from '../signatories/rules.ts'
import { amendments } from './queries.ts'
import { AmendmentInput, AmendmentPatch } from './schema.ts'

export const amendmentEditing: Editing = {
  resource: amendments,
  input: AmendmentInput,
  patch: AmendmentPatch,
  limit: conventionBounds.amendments,
  rights: { create: rights.underConvention, update: rights.underConvention, delete: rights.underConvention },
  allow: allowUnderConvention,
  async complete({ db, after }) {
    after.number ??= await nextNumber(db, amendments, { convention_id: after.conventionId })
  },
  async refuse({ db, after }) {
    const condition = sql<boolean>`t.convention_id = ${after.conventionId} and t.number = ${after.number} and t.id <> ${after.id}`
    await refuseTaken(db, amendments, '/number', condition, NUMBER_TAKEN)
  },
  async settle({ db, before, after, now }) {
    const conventionId = (after ?? before)?.conventionId as string
    await settle(db, [conventionId], now)
    // Its day is that from which, or until which, signatories are bound.
    const moved = before?.effectiveOn === after?.effectiveOn ? '/signedOn' : '/effectiveOn'
    const twice = await selectBoundTwice(db, conventionId)
    if (twice.length > 0) throw taken('signatory', twice, moved, BOUND_TWICE)
  },
}
