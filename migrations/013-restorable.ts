/**
 * A dump is loaded without a search path, while columns are generated and checked: what these functions call is found
 * when they are made, not when they run.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create or replace function last_day(value text) returns date language sql immutable parallel safe return
      case length(value)
        when 4 then make_date(value::int, 12, 31)
        when 7 then (make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, 1) + interval '1 month' - interval '1 day')::date
        else first_day(value)
      end`.execute(db)
  await sql`
    create or replace function departments_of_site(commune text, stops jsonb) returns text[] language sql immutable parallel safe return
      (select coalesce(array_agg(distinct department_of(code) order by department_of(code)), '{}')
        from (select commune union all select stop ->> 'communeCode' from jsonb_array_elements(stops) stop) places (code)
        where code is not null)`.execute(db)
}

/** The tables are the same, and the values of these functions too. */
export async function down() {}
