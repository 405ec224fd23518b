/** Filters of lists of conventions that are no equality with a field, and their orders, for a row `t`. */
import { type RawBuilder, sql } from 'kysely'
import { parisDay } from '../../engine/day.ts'
import { type Filters, severalOf, sharing } from '../../engine/declaration/filters.ts'
import { byDay, byText, type SortKeys } from '../../engine/declaration/orders.ts'
import { YEAR } from '../../engine/schema.ts'
import { date, integer } from '../../http/schema/schemas.ts'
import { byOrganization } from '../organizations/filters.ts'
import { byTerritory, inPerimeter } from '../territories/filters.ts'

const RENEWAL_MONTHS_MAX = 120

const lastDay = byDay(sql`t.to_day`)

/** Start and end are those of the period. */
export const sort: SortKeys = { title: byText('title'), startsOn: byDay(sql`t.from_day`), endsOn: lastDay }

export const filters: Filters = {
  ...byTerritory(inPerimeter('whose perimeter contains or meets', (keys) => sharing('territory_keys', keys))),
  ...byOrganization('in which this organization coordinates, signs, leads, takes part, manages or funds', {
    isInRole,
    dependsOn: ['signatory', 'action', 'service-site'],
  }),
  activeOn: {
    schema: date('Only those that are active on this day (French: active le).', '2024-06-01'),
    condition: (day: string) => isActiveOn(day),
  },
  year: {
    schema: severalOf(
      integer(
        YEAR.min,
        YEAR.max,
        'Only those whose period has a day in this year; an unknown start is past, an unknown end not reached (French: année).',
        2024,
      ),
    ),
    condition: (years: number[]) => sql<boolean>`exists (select from unnest(${years}::integer[]) year
      where coalesce(t.from_day, '-infinity') <= make_date(year, 12, 31) and coalesce(t.to_day, 'infinity') >= make_date(year, 1, 1))`,
  },
  endsBefore: {
    schema: date('Only those whose period ends before this day (French: échéance avant le).', '2027-01-01'),
    condition: (day: string) => sql<boolean>`${lastDay.key} < ${day}::date`,
  },
  endsAfter: {
    schema: date('Only those whose period ends after this day (French: échéance après le).', '2025-12-31'),
    condition: (day: string) => sql<boolean>`(${lastDay.key} > ${day}::date and t.to_day is not null)`,
  },
  renewalDue: {
    schema: integer(
      1,
      RENEWAL_MONTHS_MAX,
      'Only active ones whose period ends within so many months from today, and which no other renews (French: à renouveler, en mois).',
      12,
    ),
    condition: (months: number, { now }) => sql<boolean>`(${isActiveOn(parisDay(now))} and t.successor_ids = '{}'
      and t.to_day <= ${parisDay(now)}::date + make_interval(months => ${months}))`,
    followsClock: true,
  },
}

/** As `status_on` in the database says it: an unknown start is past, an unknown end not reached. */
export function isActiveOn(day: string) {
  return sql<boolean>`status_on(t.state, t.from_day, t.to_day, t.terminated_day, ${day}::date) = 'active'`
}

function isInRole(ids: RawBuilder<unknown>) {
  return sql<boolean>`t.id in (
    select c.id from convention c where c.caf_id = any(${ids})
    union select s.convention_id from signatory s where s.organization_id = any(${ids})
    union select a.convention_id from action a
      where a.lead_id = any(${ids}) or a.partner_ids && ${ids} or a.funder_ids && ${ids}
    union select l.convention_id from convention_site l join service_site s on s.id = l.site_id
      where s.manager_id = any(${ids}) or s.funder_ids && ${ids})`
}
