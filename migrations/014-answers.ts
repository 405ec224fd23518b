/**
 * Beside each row of the journal stands the text in which readers get it: the feed hands that on as it is, where to
 * read JSON and to write it again would take as long as all the rest. The functions are printed from the schemas of the
 * answers; when those change, a migration like this one defines them anew and writes again what the journal holds.
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
  await sql.raw(await readFile(path.join(import.meta.dirname, '014-answers.sql'), 'utf8')).execute(db)
  await sql`alter table change add column answer text`.execute(db)
  await sql`comment on column change.answer is 'The body as GET answers it; null where readers get none: of keys, and of what is deleted.'`.execute(
    db,
  )
  await writeAnswers(db)
  await sql`update change set body = body`.execute(db)
  await sql`alter table change add constraint change_answer check (answer is not null or type = 'key' or operation in ('deleted', 'void'))`.execute(
    db,
  )
}

/** Whoever writes to the journal, names and numbers mean the same to this trigger: no table of his own is in its way. */
async function writeAnswers(db: Kysely<unknown>) {
  await sql`
    create function write_answer() returns trigger language plpgsql as $$
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
    do $$ begin
      execute format('alter function write_answer() set search_path = %I, pg_temp', current_schema());
    end $$`.execute(db)
  await sql`
    create trigger write_answer before insert or update of body on change
    for each row execute function write_answer()`.execute(db)
  await sql`alter table change enable always trigger write_answer`.execute(db)
}

export async function down(db: Kysely<unknown>) {
  await sql`drop function write_answer cascade`.execute(db)
  await sql`alter table change drop column answer`.execute(db)
  await sql`
    drop function answer_of, answer_of_organization, answer_of_convention, answer_of_amendment, answer_of_signatory,
      answer_of_axis, answer_of_action, answer_of_service_site, json_instant, json_number`.execute(db)
}
