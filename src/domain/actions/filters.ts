/** Filters of lists of actions that are no equality with a field, and their orders, for a row `t`. */
import { sql } from 'kysely'
import { type Filters, fewOf, severalOf, sharing } from '../../engine/declaration/filters.ts'
import { byDay, byText, type SortKeys } from '../../engine/declaration/orders.ts'
import { YEAR } from '../../engine/schema.ts'
import { code, date, integer } from '../../http/schema/schemas.ts'
import { axisParameter, subtreeOf } from '../axes/rules.ts'
import { byFunder, byOrganization } from '../organizations/filters.ts'
import { byPerimeter } from '../territories/filters.ts'

/** What an action may be without, and how that is stored: as the partial indexes have it. */
const gaps = {
  axis: sql<boolean>`t.axis_ids = '{}'`,
  lead: sql<boolean>`t.lead_id is null`,
  site: sql<boolean>`t.service_site_ids = '{}'`,
}
type Gap = keyof typeof gaps

const lastDay = byDay(sql`last_day(t.ends_on)`)

export const sort: SortKeys = {
  title: byText('title'),
  code: { key: sql`t.sort_key`, type: 'text' },
  startsOn: byDay(sql`first_day(t.starts_on)`),
  endsOn: lastDay,
}

export const filters: Filters = {
  axisId: {
    schema: severalOf(axisParameter('Only those under this axis or one below it (French: axe).')),
    condition: (ids: string[]) => fewOf('action', sql<boolean>`t.axis_ids && array(${subtreeOf(ids)})`),
    dependsOn: ['axis'],
  },
  ...byFunder((ids) => fewOf('action', sharing('funder_ids', ids))),
  ...byOrganization('that this organization leads, takes part in or funds', {
    isInRole: (ids) =>
      fewOf('action', sql<boolean>`(t.lead_id = any(${ids}) or t.partner_ids && ${ids} or t.funder_ids && ${ids})`),
  }),
  year: {
    schema: severalOf(
      integer(
        YEAR.min,
        YEAR.max,
        'Only those that run on a day of this year; an unknown start is past, an unknown end not reached (French: année).',
        2024,
      ),
    ),
    condition: (years: number[]) => sql<boolean>`exists (select from unnest(${years}::integer[]) year
      where coalesce(first_day(t.starts_on), '-infinity') <= make_date(year, 12, 31)
        and coalesce(last_day(t.ends_on), 'infinity') >= make_date(year, 1, 1))`,
  },
  endsBefore: {
    schema: date('Only those that end before this day (French: fin avant le).', '2027-01-01'),
    condition: (day: string) => sql<boolean>`${lastDay.key} < ${day}::date`,
  },
  endsAfter: {
    schema: date('Only those that end after this day (French: fin après le).', '2025-12-31'),
    condition: (day: string) => sql<boolean>`(${lastDay.key} > ${day}::date and t.ends_on is not null)`,
  },
  missing: {
    schema: severalOf(
      code(
        Object.keys(gaps) as Gap[],
        'Only those without an axis, without a lead, or without a service site (French: sans axe, sans pilote, sans lieu).',
        'lead',
      ),
    ),
    condition: (missing: Gap[]) =>
      sql<boolean>`(${sql.join(
        missing.map((gap) => gaps[gap]),
        sql` or `,
      )})`,
  },
  ...byPerimeter,
}
