/** Renewals: how many conventions end in each month, and how many people live in their perimeters. */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { type Condition, conjunction } from '../db/expressions.ts'
import type { ReadContext } from '../engine/read/as-of.ts'
import { byCommune, isCounted } from './perimeters.ts'
import type { Renewal } from './schema.ts'

/** The months in which conventions that fit these conditions end, in order; last those without a known end. */
export async function selectRenewals(
  reading: ReadContext,
  caller: Caller,
  conditions: readonly Condition[],
): Promise<Renewal[]> {
  const { rows } = await sql<Omit<Renewal, 'asOf'>>`
    with ending as materialized (
      select coalesce(to_char(t.to_day, 'YYYY-MM'), '') as month, t.territory_keys, t.successor_ids <> '{}' as is_renewed
      from convention t where ${conjunction([isCounted(caller, reading), ...conditions])}
    ), month as (
      select month, count(*)::integer as conventions, count(*) filter (where is_renewed)::integer as renewed from ending group by month
    ), perimeter as materialized (
      select p.month, count(*)::integer as communes, sum(c.population)::integer as population
      from (select distinct month, commune from ${byCommune('ending', ['month'])} each) p
        join territory c on c.kind = 'commune' and c.code = p.commune
      group by p.month
    )
    select nullif(m.month, '') as month, m.conventions, m.renewed, coalesce(p.communes, 0) as communes, coalesce(p.population, 0) as population
    from month m left join perimeter p on p.month = m.month
    order by nullif(m.month, '')`.execute(reading.db)
  return rows.map(({ month, ...figures }) => ({ month, asOf: reading.asOf ?? null, ...figures }))
}
