/**
 * Immutable functions on which columns and constraints of later migrations stand: partial dates (EDTF level 0),
 * the natural order of printed codes, ids held in lists.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`create extension if not exists btree_gist`.execute(db)
  await partialDates(db)
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
    create function uuids_at(items jsonb, field text) returns uuid[] language sql immutable parallel safe as $$
      select coalesce(array_agg(distinct (item ->> field)::uuid), '{}')
      from jsonb_array_elements(items) item where item ->> field is not null
    $$`.execute(db)
  await sql`comment on function uuids_at is 'The distinct ids that the objects of a list hold in one field.'`.execute(
    db,
  )
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
    create function last_day(value text) returns date language sql immutable parallel safe as $$
      select case length(value)
        when 4 then make_date(value::int, 12, 31)
        when 7 then (make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, 1) + interval '1 month' - interval '1 day')::date
        else first_day(value)
      end
    $$`.execute(db)
}

export async function down(db: Kysely<unknown>) {
  await sql`drop function uuids_at, natural_key, last_day, first_day`.execute(db)
  await sql`drop domain partial_date`.execute(db)
  await sql`drop function valid_partial_date`.execute(db)
}
