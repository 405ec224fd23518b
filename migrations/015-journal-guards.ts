/**
 * Whoever writes a row, the journal hears of it as it is stored: no setting of his own rounds what is compared and
 * kept, or passes a change off as none; an id is that of one resource for ever, under one convention; and where it
 * moves who may see a convention, the convention itself is repeated with what is under it.
 */
import { type Kysely, sql } from 'kysely'

const writers = ['stamp()', 'record_change()', 'record_link()', 'take_position()', 'write_answer()']

export async function up(db: Kysely<unknown>) {
  await stamp(db)
  await recordChange(db)
  await recordScope(db)
  await sql`
    do $$ begin
      execute format('alter function record_change() security definer set search_path = %I, pg_temp', current_schema());
    end $$`.execute(db)
  for (const name of writers)
    await sql`alter function ${sql.raw(name)} set extra_float_digits = 1 set standard_conforming_strings = on`.execute(
      db,
    )
}

/** As in 003, but that an id stays, and the convention above it. */
async function stamp(db: Kysely<unknown>) {
  await sql`
    create or replace function stamp() returns trigger language plpgsql as $$
    declare
      after jsonb := to_jsonb(new);
      before jsonb;
    begin
      if tg_op = 'INSERT' then
        new.tx := current_tx(); new.version := 1;
        new.created_at := date_trunc('milliseconds', now()); new.updated_at := new.created_at;
        return new;
      end if;
      before := to_jsonb(old);
      if (after -> 'id', after -> 'convention_id') is distinct from (before -> 'id', before -> 'convention_id') then
        raise exception 'a row keeps its id and its convention' using errcode = 'restrict_violation';
      end if;
      if after - tg_argv = before - tg_argv then
        new.tx := old.tx; new.version := old.version; new.created_at := old.created_at; new.updated_at := old.updated_at;
      else
        new.tx := current_tx(); new.version := old.version + (old.tx <> new.tx)::int;
        new.created_at := old.created_at;
        new.updated_at := greatest(date_trunc('milliseconds', now()), old.updated_at);
      end if;
      return new;
    end $$`.execute(db)
}

/** As in 003, but that what is no change is told by the row and not by a setting. */
async function recordChange(db: Kysely<unknown>) {
  await sql`
    create or replace function record_change() returns trigger language plpgsql as $$
    declare
      kind text := tg_argv[0];
      body jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
      number bigint;
    begin
      -- A change of hidden columns alone leaves the stamp of an earlier transaction.
      if tg_op = 'UPDATE' and (body ->> 'tx')::bigint is distinct from known_tx()
        and body - tg_argv[1:] = to_jsonb(old) - tg_argv[1:] then return null; end if;
      number := current_tx();
      if tg_op <> 'DELETE' and (body ->> 'tx')::bigint <> number then
        raise exception 'the journal goes on under a number of its own' using errcode = 'invalid_transaction_state';
      end if;
      if tg_op = 'INSERT' and exists (select from change c where c.type = kind and c.id = new.id) then
        raise exception 'an id is that of one resource for ever' using errcode = 'restrict_violation';
      end if;
      insert into change as c (tx, type, id, version, operation, convention_id, department_codes, body)
      values (number, kind, (body ->> 'id')::uuid,
        (body ->> 'version')::int + (tg_op = 'DELETE' and (body ->> 'tx')::bigint <> number)::int,
        case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
        case when kind = 'convention' then (body ->> 'id')::uuid else (body ->> 'convention_id')::uuid end,
        case when body ? 'department_codes' then array(select jsonb_array_elements_text(body -> 'department_codes')) end,
        body - tg_argv[1:])
      on conflict (tx, type, id) do update set version = excluded.version, body = excluded.body,
        department_codes = excluded.department_codes,
        operation = case when c.operation <> 'created' then excluded.operation
          when excluded.operation = 'deleted' then 'void' else 'created' end;
      return null;
    end $$`.execute(db)
}

/** As in 003, but that the convention is among what is repeated. */
async function recordScope(db: Kysely<unknown>) {
  await sql`
    create or replace function record_scope(number bigint, place bigint) returns void language plpgsql as $$
    declare
      moved uuid[];
      source record;
    begin
      insert into scope (tx, convention_id, position, public_before, caf_before, departments_before, public_after, caf_after, departments_after)
      select number, touched.id, place, before.public_after, before.caf_after, before.departments_after,
        c.state <> 'draft', c.caf_id, c.department_codes
      from (select distinct convention_id as id from change where tx = number and convention_id is not null) touched
      left join lateral (select * from scope s where s.convention_id = touched.id order by s.position desc limit 1) before on true
      -- By key, whatever the planner believes of the size of a transaction after a bulk load.
      left join lateral (select * from convention where id = touched.id limit 1) c on true;
      select array_agg(convention_id) into moved from scope
      where tx = number and public_before is not null
        and (public_before, caf_before, departments_before) is distinct from (public_after, caf_after, departments_after);
      if moved is null then return; end if;
      insert into change (tx, type, id, version, operation, convention_id, department_codes, body)
        select number, 'convention', c.id, c.version, 'scope', c.id, c.department_codes,
          to_jsonb(c) - (select hidden from journaled where type = 'convention')
        from convention c where c.id = any(moved) order by c.id on conflict (tx, type, id) do nothing;
      for source in select * from journaled where type in ('amendment', 'signatory', 'axis', 'action') order by type loop
        execute format('insert into change (tx, type, id, version, operation, convention_id, body)
          select $1, $2, r.id, r.version, ''scope'', r.convention_id, to_jsonb(r) - $3
          from %I r where r.convention_id = any($4) order by r.id on conflict (tx, type, id) do nothing', source.name)
          using number, source.type, source.hidden, moved;
      end loop;
      insert into change (tx, type, id, version, operation, department_codes, body)
        select number, 'service-site', s.id, s.version, 'scope', s.department_codes,
          to_jsonb(s) - (select hidden from journaled where type = 'service-site')
        from service_site s where s.id in (select site_id from convention_site where convention_id = any(moved))
        order by s.id on conflict (tx, type, id) do nothing;
    end $$`.execute(db)
}

/** What was guarded is no other table: the rows that there are stay right without it. */
export async function down(db: Kysely<unknown>) {
  for (const name of writers)
    await sql`alter function ${sql.raw(name)} reset extra_float_digits reset standard_conforming_strings`.execute(db)
}
