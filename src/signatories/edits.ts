/** What a write of a signatory does beside its row: its role when left out, the days on which it is bound. */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { type Editing, refuseTaken } from '../resource/edit.ts'
import { conventionBounds } from '../resource/schema.ts'
import { settle } from '../resource/writes.ts'
import { signatories } from './queries.ts'
import { type AmendmentDates, ownDays } from './rules.ts'
import { type Signatory, SignatoryInput, SignatoryPatch } from './schema.ts'

export const signatoryEditing: Editing = {
  resource: signatories,
  input: SignatoryInput,
  patch: SignatoryPatch,
  limit: conventionBounds.signatories,
  async complete({ db, after }) {
    if (after.role || !after.organizationId) return
    const { rows } = await sql<{
      kind: string
    }>`select kind from organization where id = ${after.organizationId}`.execute(db)
    after.role = rows[0]?.kind ?? null
  },
  async refuse({ db, after }) {
    const dates = await selectAmendments(db, [after.amendmentId, after.exitAmendmentId])
    const { from, to } = ownDays(
      after as unknown as Signatory,
      dates.get(after.amendmentId),
      dates.get(after.exitAmendmentId),
    )
    const condition = sql<boolean>`t.convention_id = ${after.conventionId} and t.organization_id = ${after.organizationId}
      and t.id <> ${after.id} and t.bound && own_days(${from}::date, ${to}::date)`
    await refuseTaken(
      db,
      signatories,
      '/organizationId',
      condition,
      'The organization is bound on some of the same days already.',
    )
  },
  settle: ({ db, before, after, now }) => settle(db, [(after ?? before)?.conventionId as string], now),
}

async function selectAmendments(db: Database, ids: unknown[]): Promise<Map<unknown, AmendmentDates>> {
  const { rows } = await sql<AmendmentDates & { id: string }>`
    select id, effective_on as "effectiveOn", signed_on as "signedOn" from amendment where id = any(${ids.filter(Boolean)}::uuid[])`.execute(
    db,
  )
  return new Map(rows.map((row) => [row.id, row]))
}
