/** What a write of a signatory does beside its row: its role when left out, the days on which it is bound. */
import { sql } from 'kysely'
import { rights } from '../../auth/policy.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { allowUnderConvention } from '../../engine/write/authorize.ts'
import { type Editing, taken } from '../../engine/write/edit.ts'
import { settle } from '../../engine/write/rows.ts'
import { selectBoundTwice, signatories } from './queries.ts'
import { boundAlready } from './rules.ts'
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
    // One that is created and refused is never there: only those that it meets are named.
    const met = after ? await selectBoundTwice(db, conventionId, after.id as string) : []
    if (met[0]) throw taken('signatory', met, '/organizationId', boundAlready(met[0]))
  },
}
