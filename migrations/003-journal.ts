/**
 * The journal: one row in `change` for each resource and transaction, one row in `commit` for each transaction, and
 * its position taken at COMMIT under one lock, so that positions follow the order in which commits become visible.
 * A table joins it by one line: select journal('action', 'action', 'hidden', 'columns').
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await tables(db)
  await currentTransaction(db)
  await stamp(db)
  await recordChange(db)
  await takePosition(db)
  await attach(db)
}

async function tables(db: Kysely<unknown>) {
  await sql`
    create table commit (
      tx bigint generated always as identity primary key,
      position bigint constraint commit_position unique,
      at timestamptz,
      chain bytea,
      actor text,
      request_id text,
      source text
    )`.execute(db)
  await sql`comment on table commit is 'One row for each transaction that changed a resource; position, at and chain are given at COMMIT.'`.execute(
    db,
  )
  await sql`create index commit_at on commit (at, position)`.execute(db)
  await sql`
    create table change (
      tx bigint not null constraint change_commit references commit,
      seq bigint generated always as identity (cache 1),
      type text not null,
      id uuid not null,
      version integer not null,
      operation text not null constraint change_operation check (operation in ('created', 'updated', 'deleted', 'scope', 'void')),
      convention_id uuid,
      department_codes text[],
      body jsonb not null,
      constraint change_key primary key (tx, type, id)
    )`.execute(db)
  await sql`comment on table change is 'The journal: each resource as it stood after each transaction; void is created and deleted at once.'`.execute(
    db,
  )
  await sql`create unique index change_order on change (tx, seq)`.execute(db)
  await sql`create index change_history on change (type, id, version)`.execute(db)
  await sql`create index change_convention on change (convention_id, tx)`.execute(db)
  await sql`
    create table scope (
      tx bigint not null constraint scope_commit references commit,
      convention_id uuid not null,
      position bigint not null,
      public_before boolean, public_after boolean,
      caf_before uuid, caf_after uuid,
      departments_before text[], departments_after text[],
      constraint scope_key primary key (tx, convention_id)
    )`.execute(db)
  await sql`comment on table scope is 'Who could see a convention before and after a transaction; null where it did not exist.'`.execute(
    db,
  )
  await sql`create index scope_latest on scope (convention_id, position desc)`.execute(db)
  await sql`
    create table journaled (
      type text primary key,
      name text not null constraint journaled_name unique,
      hidden text[] not null
    )`.execute(db)
  await sql`comment on table journaled is 'The tables of the journal and their columns that are not of the body.'`.execute(
    db,
  )
}

/** The number of this transaction in commit, made by its first change. */
async function currentTransaction(db: Kysely<unknown>) {
  await sql`
    create function known_tx() returns bigint language sql stable as $$
      select nullif(nullif(current_setting('registry.tx', true), ''), 'taken')::bigint
    $$`.execute(db)
  await sql`
    create function current_tx() returns bigint language plpgsql as $$
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
    create function stamp() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        new.tx := current_tx(); new.version := 1;
        new.created_at := date_trunc('milliseconds', now()); new.updated_at := new.created_at;
      elsif to_jsonb(new) - tg_argv = to_jsonb(old) - tg_argv then
        new.tx := old.tx; new.version := old.version; new.created_at := old.created_at; new.updated_at := old.updated_at;
      else
        new.tx := current_tx(); new.version := old.version + (old.tx <> new.tx)::int;
        new.created_at := old.created_at;
        new.updated_at := greatest(date_trunc('milliseconds', now()), old.updated_at);
      end if;
      return new;
    end $$`.execute(db)
}

async function recordChange(db: Kysely<unknown>) {
  await sql`
    create function record_change() returns trigger language plpgsql as $$
    declare
      kind text := tg_argv[0];
      body jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
      number bigint;
    begin
      -- A change of hidden columns alone leaves the stamp of an earlier transaction.
      if tg_op = 'UPDATE' and (body ->> 'tx')::bigint is distinct from known_tx() then return null; end if;
      number := current_tx();
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

async function takePosition(db: Kysely<unknown>) {
  await sql`
    create function take_position() returns trigger language plpgsql as $$
    declare
      last record;
      place bigint;
      moment timestamptz;
      digest bytea;
    begin
      perform pg_advisory_xact_lock(4242);
      -- Each statement from here on sees all that was committed before the lock was given.
      select c.position, c.at, c.chain into last from commit c where c.position is not null order by c.position desc limit 1;
      place := coalesce(last.position, 0) + 1;
      moment := greatest(clock_timestamp(), last.at + interval '1 microsecond');
      perform record_scope(new.tx, place);
      select sha256(convert_to(coalesce(string_agg(jsonb_build_array(c.type, c.id, c.version, c.operation, c.body)::text, chr(10)
        order by c.seq), ''), 'UTF8')) into digest from change c where c.tx = new.tx;
      update commit set position = place, at = moment, chain = link_of_chain(last.chain, place, moment, new, digest)
        where tx = new.tx;
      perform set_config('registry.tx', 'taken', true);
      return null;
    end $$`.execute(db)
  await sql`
    create function link_of_chain(previous bytea, place bigint, moment timestamptz, c commit, digest bytea)
    returns bytea language sql stable as $$
      select sha256(coalesce(previous, '') || convert_to(jsonb_build_array(place,
        to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), c.actor, c.request_id, c.source)::text, 'UTF8') || digest)
    $$`.execute(db)
  await sql`comment on function link_of_chain is 'sha256 of the previous link, the JSON of [position, at, actor, request, source], and the sha256 of this transaction''s changes: a line of JSON [type, id, version, operation, body] for each, by seq.'`.execute(
    db,
  )
  await sql`
    create function record_scope(number bigint, place bigint) returns void language plpgsql as $$
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
  await sql`
    create constraint trigger take_position after insert on commit deferrable initially deferred
    for each row execute function take_position()`.execute(db)
  await sql`alter table commit enable always trigger take_position`.execute(db)
}

/** Columns every journaled table has beside its body: tx (the transaction of its version) is always hidden. */
async function attach(db: Kysely<unknown>) {
  await sql`
    create function refuse_truncate() returns trigger language plpgsql as $$
    begin
      raise exception 'table % is journaled and cannot be truncated', tg_table_name using errcode = 'feature_not_supported';
    end $$`.execute(db)
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
  for (const name of ['commit', 'change', 'scope']) {
    await sql`create trigger refuse_truncate before truncate on ${sql.table(name)} execute function refuse_truncate()`.execute(
      db,
    )
    await sql`alter table ${sql.table(name)} enable always trigger refuse_truncate`.execute(db)
  }
}

export async function down(db: Kysely<unknown>) {
  await sql`drop function journal, refuse_truncate cascade`.execute(db)
  await sql`drop table scope, change, journaled`.execute(db)
  await sql`drop function take_position cascade`.execute(db)
  await sql`drop function link_of_chain`.execute(db)
  await sql`drop table commit`.execute(db)
  await sql`drop function record_scope, record_change, stamp, current_tx, known_tx`.execute(db)
}
