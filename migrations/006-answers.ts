/**
 * Answers: beside each version in the journal stands the text that GET answers, which all reads send as it is; to read
 * JSON and write it again would take as long as all the rest. `npm run -s answer-functions` prints the functions from
 * the schemas. A migration that changes one raises `answer_form`, and leaves the rows as they are: readers render what
 * is in an older form, until `npm run answers -- --rewrite` has renewed it.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create function json_instant(value jsonb) returns text language sql stable parallel safe as $$
      select coalesce(to_json(to_char((value #>> '{}')::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text, 'null')
    $$`.execute(db)
  await sql`comment on function json_instant is 'An instant of a row as JSON: in UTC, with milliseconds.'`.execute(db)
  await sql`
    create function json_number(value jsonb) returns text language sql stable parallel safe as $$
      select case
        when coalesce(value, 'null') = 'null' then 'null'
        when value <> '0' and abs(value::numeric) < 1e-6 then replace(value::double precision::text, 'e-0', 'e-')
        else trim_scale(value::numeric)::text
      end
    $$`.execute(db)
  await sql`comment on function json_number is 'A number below 1e21 as JavaScript writes it: a small one with an exponent.'`.execute(
    db,
  )
  await sql.raw(await readFile(path.join(import.meta.dirname, '006-answers.sql'), 'utf8')).execute(db)
  await forms(db)
  await writeAnswers(db)
}

/** Not immutable: a plan that has been prepared would go on with the number of before. */
async function forms(db: Kysely<unknown>) {
  await sql`create function answer_form() returns integer language sql stable parallel safe return 1`.execute(db)
  await sql`comment on function answer_form is 'The form of answers today: it grows whenever the answer of a resource changes, such as by a new field.'`.execute(
    db,
  )
  await sql`
    create function rendered(type text, body jsonb, answer text, form integer) returns text language sql stable parallel safe as $$
      select case when form = answer_form() then answer else answer_of(type, body) end
    $$`.execute(db)
  await sql`comment on function rendered is 'The answer of a version in the form of today.'`.execute(db)
  await sql`
    create view change_read as
    select h.tx, h.seq, h.type, h.id, h.version, h.operation, h.convention_id, h.department_codes,
      coalesce(h.body, m.body) as body, coalesce(h.answer, m.answer) as answer, coalesce(h.form, m.form) as form
    from change h left join lateral (
      select m.body, m.answer, m.form from change m
      where h.operation = 'scope' and m.type = h.type and m.id = h.id and m.version = h.version
        and m.operation in ('created', 'updated') limit 1) m on true`.execute(db)
  await sql`comment on view change_read is 'The journal in which rows of scope have the representations of the version that they repeat.'`.execute(
    db,
  )
}

/** As in 004, names and numbers mean the same to this trigger whatever the caller has set. */
async function writeAnswers(db: Kysely<unknown>) {
  const { rows } = await sql<{ home: string }>`select current_schema() as home`.execute(db)
  await sql`
    create function write_answer() returns trigger language plpgsql
    set search_path = ${sql.id(rows[0]?.home ?? 'public')}, pg_temp
    set extra_float_digits = 1 set standard_conforming_strings = on as $$
    begin
      new.answer := case when new.operation in ('created', 'updated') then answer_of(new.type, new.body) end;
      new.form := case when new.answer is not null then answer_form() end;
      return new;
    end $$`.execute(db)
  await sql`
    create trigger write_answer before insert or update of body on change
    for each row execute function write_answer()`.execute(db)
  await sql`alter table change enable always trigger write_answer`.execute(db)
}
