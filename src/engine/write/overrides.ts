/**
 * Overrides of a write by hand: where it first changes a field of what a source made, the value of that moment is kept
 * as `base`, with which the source's next document is compared (sync/write/overrides.ts). Organizations are shared and
 * have none.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Change, Stored } from '../change-set.ts'

/** Keeps what the source had sent of a resource that is changed or deleted by hand; nothing where no source made it. */
export async function keepBases(db: Database, change: Change): Promise<void> {
  const { before, type, fields, operation } = change
  if (!before || before.sources.length === 0 || type === 'organization') return
  const kept =
    operation === 'delete' ? [{ field: null, base: null }] : fields.map((field) => ({ field, base: before[field] }))
  if (kept.length === 0) return
  const own = overridden(change, before)
  await insertOverrides(
    db,
    own.flatMap((one) => kept.map((field) => ({ ...one, ...field }))),
  )
}

/** A row of `override`. */
export interface OverrideRow {
  source: string
  type: string
  convention_id: string | null
  key: string
  id: string
  field: string | null
  base: unknown
}

/** What each source calls the resource. */
const overridden = ({ type, id }: Change, { sources, conventionId = null }: Stored) =>
  sources.map((own) => ({ ...own, type, id, convention_id: conventionId as string | null }))

/** Adds overrides; what was overridden before keeps its base. */
export async function insertOverrides(db: Database, rows: readonly OverrideRow[]): Promise<void> {
  await sql`insert into override (source, type, convention_id, key, id, field, base)
    select source, type, convention_id, key, id, field, base
    from json_populate_recordset(null::override, ${JSON.stringify(rows)}::json)
    on conflict (source, id, convention_id, field) do nothing`.execute(db)
}
