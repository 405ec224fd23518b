/**
 * Beside each row of the journal, the text in which readers get it: the feed hands it on as it is. What writes it
 * follows from the schemas of the answers, which migrations do not know: `src/migrate.ts` defines it after them.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create function json_instant(value jsonb) returns text language sql stable parallel safe return
      coalesce(to_char((value #>> '{}')::timestamptz at time zone 'UTC', '"\\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\\""'), 'null')`.execute(
    db,
  )
  await sql`comment on function json_instant is 'An instant of a row as JSON: in UTC, with milliseconds.'`.execute(db)
  await sql`
    create function json_number(value jsonb) returns text language sql immutable parallel safe return
      case
        when coalesce(value, 'null') = 'null' then 'null'
        when value <> '0' and abs(value::numeric) < 1e-6 then replace(value::double precision::text, 'e-0', 'e-')
        else trim_scale(value::numeric)::text
      end`.execute(db)
  await sql`comment on function json_number is 'A number of at most 15 digits, below 1e21, as JavaScript writes it: small ones with an exponent.'`.execute(
    db,
  )
  await sql`
    create function answer_of(type text, body jsonb) returns text language sql stable parallel safe as 'select null'`.execute(
    db,
  )
  await sql`alter table change add column answer text`.execute(db)
  await sql`comment on column change.answer is 'The body as GET answers it; null where readers get none.'`.execute(db)
  await sql`
    create function write_answer() returns trigger language plpgsql as $$
    begin
      new.answer := null;
      if new.operation = 'scope' then
        -- Under the lock of the commit: the version is repeated, and so is its answer.
        select h.answer into new.answer from change h
        where h.type = new.type and h.id = new.id and h.version = new.version limit 1;
      end if;
      if new.answer is null then new.answer := answer_of(new.type, new.body); end if;
      return new;
    end $$`.execute(db)
  await sql`
    create trigger write_answer before insert or update of body on change
    for each row execute function write_answer()`.execute(db)
  await sql`alter table change enable always trigger write_answer`.execute(db)
}

export async function down(db: Kysely<unknown>) {
  await sql`alter table change drop column answer`.execute(db)
  await sql`drop function write_answer cascade`.execute(db)
  await sql`
    do $$
    declare
      defined text;
    begin
      -- Beside the first one, those that were defined after the migrations.
      for defined in select oid::regprocedure::text from pg_proc
        where pronamespace = current_schema()::regnamespace and proname like 'answer\\_of%' loop
        execute format('drop function %s', defined);
      end loop;
    end $$`.execute(db)
  await sql`drop function json_instant, json_number`.execute(db)
}
