/** Perimeters of the conventions that figures count, and the communes of today in them. */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { isPublic } from '../auth/visibility.ts'
import { type Condition, conjunction, rows } from '../db/expressions.ts'
import { type ReadContext, seenToday } from '../engine/read/as-of.ts'

const convention = rows<{ t: 'convention' }>()

/**
 * Whether a convention `t` is counted: a draft binds nobody and is counted for nobody; of the past, what the caller may
 * see today.
 */
export const isCounted = (caller: Caller, { asOf }: ReadContext): Condition =>
  conjunction([isPublic.t, asOf === undefined ? undefined : seenToday(caller, convention.ref('t.id'))])

/**
 * The rows of a table with `territory_keys`, once for each commune of today in them. A former commune counts as those
 * that took it over; what the official code does not have has no communes.
 */
export const byCommune = (table: string, columns: readonly string[]): RawBuilder<unknown> => {
  const own = sql.join(columns.map((column) => sql.ref(column)))
  return sql`(
    with named as materialized (
      select distinct ${own}, split_part(key, ':', 1) as named_kind, split_part(key, ':', 2) as named_code
      from ${sql.table(table)} cross join unnest(territory_keys) key)
    select ${own}, commune from named join territory on kind = named_kind and code = named_code
      cross join unnest(case kind when 'commune' then array[code] else member_codes end) commune
    union all
    select ${own}, code from named join territory on former_codes @> array[named_code]
    where named_kind = 'commune' and not exists (select from territory where kind = 'commune' and code = named_code))`
}
