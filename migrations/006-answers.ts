/**
 * Answers: beside each row of the journal stands the text that GET answers, which feeds send as it is; to read JSON and
 * write it again would take as long as all the rest. `npm run answers` prints the functions from the schemas.
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
  await writeAnswers(db)
}

/** As in 004, names and numbers mean the same to this trigger whatever the caller has set. */
async function writeAnswers(db: Kysely<unknown>) {
  const { rows } = await sql<{ home: string }>`select current_schema() as home`.execute(db)
  await sql`
    create function write_answer() returns trigger language plpgsql
    set search_path = ${sql.id(rows[0]?.home ?? 'public')}, pg_temp
    set extra_float_digits = 1 set standard_conforming_strings = on as $$
    begin
      new.answer := null;
      if new.operation = 'scope' then
        -- Under the lock of the commit: the version is repeated, and so is its answer.
        select h.answer into new.answer from change h
        where h.type = new.type and h.id = new.id and h.version = new.version limit 1;
      end if;
      if new.answer is null and new.operation not in ('deleted', 'void') then
        new.answer := answer_of(new.type, new.body);
      end if;
      return new;
    end $$`.execute(db)
  await sql`
    create trigger write_answer before insert or update of body on change
    for each row execute function write_answer()`.execute(db)
  await sql`alter table change enable always trigger write_answer`.execute(db)
}
