/**
 * Journal triggers on the tables of resources: they stamp each row with its version and record it in `change`. A table
 * joins the journal by one line: select journal('action', 'action', 'hidden', 'columns').
 *
 * The triggers run as the owner of the tables, so that the role that serves can be kept from writing the journal. Names
 * and numbers mean the same to them whatever the caller has set: no temporary table stands in the way of theirs, and
 * no setting rounds what is compared and kept. src/db/roles.ts grants what the serving role may do.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  const { rows } = await sql<{ home: string }>`select current_schema() as home`.execute(db)
  const home = sql.id(rows[0]?.home ?? 'public')
  await currentTransaction(db, home)
  await stamp(db)
  await recordChange(db, home)
  await recordLink(db, home)
  await attach(db)
}

type Home = ReturnType<typeof sql.id>

/** The number of this transaction in commit, made by its first change. */
async function currentTransaction(db: Kysely<unknown>, home: Home) {
  await sql`
    create function known_tx() returns bigint language sql stable as $$
      select nullif(nullif(current_setting('registry.tx', true), ''), 'taken')::bigint
    $$`.execute(db)
  await sql`
    create function current_tx() returns bigint language plpgsql
    security definer set search_path = ${home}, pg_temp as $$
    declare number bigint := known_tx();
    begin
      if number is null then
        -- Under another level what the commit trigger reads of others would be old.
        if current_setting('transaction_isolation') <> 'read committed' then
          raise exception 'the registry is written under READ COMMITTED only' using errcode = 'invalid_transaction_state';
        end if;
        -- After "set constraints all immediate" a change would be in no digest.
        if current_setting('registry.tx', true) = 'taken' then
          raise exception 'the transaction has taken its position' using errcode = 'invalid_transaction_state';
        end if;
        insert into commit (actor, request_id, source) values (
          nullif(current_setting('registry.actor', true), ''), nullif(current_setting('registry.request', true), ''),
          nullif(current_setting('registry.source', true), '')) returning tx into number;
        perform set_config('registry.tx', number::text, true);
      -- Anybody can change a setting; without a position and in sight is the own transaction alone.
      elsif not exists (select from commit c where c.tx = number and c.position is null) then
        raise exception 'the journal goes on under a number of its own' using errcode = 'invalid_transaction_state';
      end if;
      return number;
    end $$`.execute(db)
}

/** Version and instant: a version is raised once a transaction, and only when something of the body differs. */
async function stamp(db: Kysely<unknown>) {
  await sql`
    create function stamp() returns trigger language plpgsql
    set extra_float_digits = 1 set standard_conforming_strings = on as $$
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

async function recordChange(db: Kysely<unknown>, home: Home) {
  await sql`
    create function record_change() returns trigger language plpgsql
    security definer set search_path = ${home}, pg_temp set extra_float_digits = 1 set standard_conforming_strings = on as $$
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
      insert into change as c (tx, type, id, version, operation, convention_id, department_codes, cleared, body)
      values (number, kind, (body ->> 'id')::uuid,
        (body ->> 'version')::int + (tg_op = 'DELETE' and (body ->> 'tx')::bigint <> number)::int,
        case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
        case when kind = 'convention' then (body ->> 'id')::uuid else (body ->> 'convention_id')::uuid end,
        case when body ? 'department_codes' then array(select jsonb_array_elements_text(body -> 'department_codes')) end,
        coalesce(current_setting('registry.clearing', true) = 'on', false), body - tg_argv[1:])
      on conflict (tx, type, id) do update set version = excluded.version, body = excluded.body,
        department_codes = excluded.department_codes, cleared = excluded.cleared,
        operation = case when c.operation <> 'created' then excluded.operation
          when excluded.operation = 'deleted' then 'void' else 'created' end;
      return null;
    end $$`.execute(db)
}

async function recordLink(db: Kysely<unknown>, home: Home) {
  await sql`
    create function record_link() returns trigger language plpgsql
    security definer set search_path = ${home}, pg_temp set extra_float_digits = 1 set standard_conforming_strings = on as $$
    declare
      number bigint := current_tx();
      gone jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    begin
      -- What began and ended in one transaction was never there.
      delete from link l where l.convention_id = old.convention_id and l.name = tg_table_name and l.row = gone and l.since = number and l.until is null;
      update link l set until = number where l.convention_id = old.convention_id and l.name = tg_table_name and l.row = gone and l.until is null;
      if tg_op <> 'DELETE' then
        insert into link (name, convention_id, row, since) values (tg_table_name, new.convention_id, to_jsonb(new), number);
      end if;
      return null;
    end $$`.execute(db)
}

/** Columns every journaled table has beside its body: tx (the transaction of its version) is always hidden. */
async function attach(db: Kysely<unknown>) {
  await sql`
    create function journal(type text, name text, variadic hidden text[] default '{}') returns void language plpgsql as $$
    declare
      columns text[] := array['tx'] || hidden;
      arguments text := (select string_agg(quote_literal(c), ', ') from unnest(columns) c);
      trigger text;
    begin
      insert into journaled values (type, name, columns);
      execute format('create trigger stamp before insert or update on %I for each row execute function stamp(%s)', name, arguments);
      execute format('create trigger record_change after insert or update or delete on %I for each row execute function record_change(%L, %s)',
        name, type, arguments);
      execute format('create trigger refuse_truncate before truncate on %I execute function refuse_truncate()', name);
      foreach trigger in array array['stamp', 'record_change', 'refuse_truncate'] loop
        execute format('alter table %I enable always trigger %I', name, trigger);
      end loop;
    end $$`.execute(db)
  await sql`revoke execute on function journal from public`.execute(db)
}
