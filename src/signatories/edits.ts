/** What a write of a signatory does beside its row: its role when left out, the days on which it is bound. */
import { sql } from 'kysely'
import { rights } from '../auth/policy.ts'
import { type Editing, taken } from '../resource/edit.ts'
import { allowUnderConvention } from '../resource/rights.ts'
import { conventionBounds } from '../resource/schema.ts'
import { settle } from '../resource/writes.ts'
import { selectBoundTwice, signatories } from './queries.ts'
import { BOUND_TWICE } from './rules.ts'
import { SignatoryInput, SignatoryPatch } from './schema.ts'

export const signatoryEditing: Editing = {
  resource: signatories,
  input: SignatoryInput,
  patch: SignatoryPatch,
  limit: conventionBounds.signatories,
  rights: { create: rights.underConvention, update: rights.underConvention, delete: rights.underConvention },
  allow: allowUnderConvention,
  async complete({ db, after }) {
    if (after.role || !after.organizationId) return
    const { rows } = await sql<{
      kind: string
    }>`select kind from organization where id = ${after.organizationId}`.execute(db)
    after.role = rows[0]?.kind ?? null
  },
  async settle({ db, before, after, now }) {
    const conventionId = (after ?? before)?.conventionId as string
    await settle(db, [conventionId], now)
    const twice = await selectBoundTwice(db, conventionId)
    if (twice) throw taken('signatory', twice, '/organizationId', BOUND_TWICE)
  },
}
