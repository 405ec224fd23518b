/**
 * Values: the domains of columns, and the immutable functions on which generated columns and constraints stand:
 * partial dates (EDTF level 0), the natural order of printed codes, SIREN numbers, départements. A dump is loaded
 * without a search path: a function that calls another one is of the form `return`, which binds names when it is made.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`create extension if not exists btree_gist`.execute(db)
  await partialDates(db)
  await texts(db)
  await lists(db)
  await codes(db)
  await departments(db)
}

/** Days are built by make_date: a cast from text is only stable, and columns are generated from these. */
async function partialDates(db: Kysely<unknown>) {
  await sql`
    create function valid_partial_date(value text) returns boolean language sql immutable parallel safe as $$
      select case
        when value !~ '^(19|20|21)[0-9][0-9](-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$' then false
        when length(value) < 10 then true
        else substr(value, 9, 2)::int <= extract(day from
          make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, 1) + interval '1 month' - interval '1 day')
      end
    $$`.execute(db)
  await sql`create domain partial_date as text constraint partial_date_valid check (valid_partial_date(value))`.execute(
    db,
  )
  await sql`
    create function first_day(value text) returns date language sql immutable parallel safe as $$
      select make_date(substr(value, 1, 4)::int, coalesce(nullif(substr(value, 6, 2), '')::int, 1),
        coalesce(nullif(substr(value, 9, 2), '')::int, 1))
    $$`.execute(db)
  await sql`
    create function last_day(value text) returns date language sql immutable parallel safe return
      case length(value)
        when 4 then make_date(value::int, 12, 31)
        when 7 then (make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, 1) + interval '1 month' - interval '1 day')::date
        else first_day(value)
      end`.execute(db)
}

async function texts(db: Kysely<unknown>) {
  const bounds = {
    label_text: [1, 100],
    title_text: [1, 300],
    place_text: [1, 300],
    prose_text: [1, 20_000],
    url_text: [1, 2_000],
    email_text: [1, 254],
    hours_text: [1, 255],
    phone_text: [4, 30],
  }
  for (const [name, [min, max]] of Object.entries(bounds)) {
    await sql
      .raw(
        `create domain ${name} as text constraint ${name}_length check (char_length(value) between ${min} and ${max})`,
      )
      .execute(db)
  }
}

async function lists(db: Kysely<unknown>) {
  for (const max of [20, 50, 100, 200, 500]) {
    await sql
      .raw(`create domain list_${max} as jsonb constraint list_${max}_length check (
      case jsonb_typeof(value) when 'array' then jsonb_array_length(value) <= ${max} else value is null end)`)
      .execute(db)
  }
  await sql`create domain codes as text[] constraint codes_length check (cardinality(value) <= 20)`.execute(db)
  await sql`
    create function uuids_at(items jsonb, field text) returns uuid[] language sql immutable parallel safe as $$
      select coalesce(array_agg(distinct (item ->> field)::uuid), '{}')
      from jsonb_array_elements(items) item where item ->> field is not null
    $$`.execute(db)
  await sql`comment on function uuids_at is 'The distinct ids that the objects of a list hold in one field.'`.execute(
    db,
  )
}

async function codes(db: Kysely<unknown>) {
  await sql`
    create function natural_key(code text) returns text language sql immutable parallel safe as $$
      select coalesce(
        regexp_replace(regexp_replace(lower(code collate "C"), '([0-9]+)', '000000000\\1', 'g'), '0*([0-9]{10,})', '\\1', 'g'),
        chr(1114111))
    $$`.execute(db)
  await sql`comment on function natural_key is 'Sorts 2 before 10: digits padded to ten places; no code is the last character there is.'`.execute(
    db,
  )
  await sql`
    create function valid_siren(value text) returns boolean language sql immutable parallel safe as $$
      select value ~ '^[0-9]{9}$' and (select sum(case when i % 2 = 1 then d else d * 2 - case when d > 4 then 9 else 0 end end)
        from (select i, substr(value, i, 1)::int d from generate_series(1, 9) i) digits) % 10 = 0
    $$`.execute(db)
  await sql`comment on function valid_siren is 'Nine digits whose Luhn sum, every second digit doubled, is a multiple of ten.'`.execute(
    db,
  )
}

async function departments(db: Kysely<unknown>) {
  await sql`
    create function department_of(commune text) returns text language sql immutable parallel safe as $$
      select case when commune ~ '^9[78]' then left(commune, 3) else left(commune, 2) end
    $$`.execute(db)
  await sql`
    create function departments_of_site(commune text, stops jsonb) returns text[] language sql immutable parallel safe return
      (select coalesce(array_agg(distinct department_of(code) order by department_of(code)), '{}')
        from (select commune union all select stop ->> 'communeCode' from jsonb_array_elements(stops) stop) places (code)
        where code is not null)`.execute(db)
  await sql`
    create function keys_of_territories(territories jsonb) returns text[] language sql immutable parallel safe as $$
      select coalesce(array_agg((t ->> 'kind') || ':' || (t ->> 'code')), '{}') from jsonb_array_elements(territories) t
    $$`.execute(db)
}
