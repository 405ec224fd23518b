/**
 * Overrides of a write by hand: where it first changes a field of what a source made, the value of that moment is kept
 * as `base`, with which the source's next document is compared (sync/write/overrides.ts). Organizations are shared and
 * have none.
 */
import { type RawBuilder, sql } from 'kysely'
import { type Change, LINKED, type Stored } from '../change-set.ts'

/** The statement that keeps what the source had sent of what is changed or deleted by hand; undefined where none made it. */
export function keptBases(change: Change): RawBuilder<unknown> | undefined {
  const { before, type, fields, operation } = change
  if (!before || before.sources.length === 0 || type === 'organization') return undefined
  const kept =
    operation === 'delete' ? [{ field: null, base: null }] : fields.map((field) => ({ field, base: before[field] }))
  if (kept.length === 0) return undefined
  const own = overridden(change, before)
  return insertionOf(own.flatMap((one) => kept.map((field) => ({ ...one, ...field }))))
}

/**
 * The statement that keeps whether sources had linked what is linked or unlinked by hand: a row for the link, beside
 * those for fields of the site; undefined where none made the site.
 */
export function linkBases(
  site: Stored,
  { conventionId, wasLinked }: { conventionId: string; wasLinked: boolean },
): RawBuilder<unknown> | undefined {
  if (site.sources.length === 0) return undefined
  const link = { type: 'service-site', id: site.id, convention_id: conventionId, field: LINKED, base: wasLinked }
  return insertionOf(site.sources.map((own) => ({ ...own, ...link })))
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

/** The statement that adds overrides; what was overridden before keeps its base. */
export const insertionOf = (rows: readonly OverrideRow[]): RawBuilder<unknown> =>
  sql`insert into override (source, type, convention_id, key, id, field, base)
    select source, type, convention_id, key, id, field, base
    from json_populate_recordset(null::override, ${JSON.stringify(rows)}::json)
    on conflict (source, id, convention_id, field) do nothing`
