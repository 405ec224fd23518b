/**
 * Commit order: a transaction takes its position at COMMIT under one lock, so that positions follow the order in which
 * commits become visible. Under the same lock it records who can see its conventions, and chains its changes.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await chain(db)
  await recordScope(db)
  await commitLock(db)
  await takePosition(db)
}

async function chain(db: Kysely<unknown>) {
  await sql`
    create function link_of_chain(previous bytea, place bigint, moment timestamptz, c commit, digest bytea)
    returns bytea language sql stable as $$
      select sha256(coalesce(previous, '') || convert_to(jsonb_build_array(place,
        to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), c.actor, c.request_id, c.source)::text, 'UTF8') || digest)
    $$`.execute(db)
  await sql`comment on function link_of_chain is 'sha256 of the previous link, the JSON of [position, at, actor, request, source], and the sha256 of this transaction''s changes: a line of JSON [type, id, version, operation, body] for each, by seq; the body of a repetition is null.'`.execute(
    db,
  )
}

/** Where a transaction moves who may see a convention, the convention and all under it are repeated in the journal. */
async function recordScope(db: Kysely<unknown>) {
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
      insert into change (tx, type, id, version, operation, convention_id, department_codes)
        select number, 'convention', c.id, c.version, 'scope', c.id, c.department_codes
        from convention c where c.id = any(moved) order by c.id on conflict (tx, type, id) do nothing;
      for source in select * from journaled where type in ('amendment', 'signatory', 'axis', 'action') order by type loop
        execute format('insert into change (tx, type, id, version, operation, convention_id)
          select $1, $2, r.id, r.version, ''scope'', r.convention_id
          from %I r where r.convention_id = any($3) order by r.id on conflict (tx, type, id) do nothing', source.name)
          using number, source.type, moved;
      end loop;
      insert into change (tx, type, id, version, operation, department_codes)
        select number, 'service-site', s.id, s.version, 'scope', s.department_codes
        from service_site s where s.id in (select site_id from convention_site where convention_id = any(moved))
        order by s.id on conflict (tx, type, id) do nothing;
    end $$`.execute(db)
  await sql`revoke execute on function record_scope from public`.execute(db)
}

async function commitLock(db: Kysely<unknown>) {
  await sql`create function commit_lock() returns bigint language sql immutable return 4242`.execute(db)
  await sql`comment on function commit_lock is 'The key of the advisory lock under which a transaction takes its position and its instant: exclusive in take_position, shared where all commits up to now must be visible.'`.execute(
    db,
  )
}

async function takePosition(db: Kysely<unknown>) {
  const { rows } = await sql<{ home: string }>`select current_schema() as home`.execute(db)
  await sql`
    create function take_position() returns trigger language plpgsql
    security definer set search_path = ${sql.id(rows[0]?.home ?? 'public')}, pg_temp
    set extra_float_digits = 1 set standard_conforming_strings = on as $$
    declare
      last record;
      place bigint;
      moment timestamptz;
      digest bytea;
    begin
      perform pg_advisory_xact_lock(commit_lock());
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
    create constraint trigger take_position after insert on commit deferrable initially deferred
    for each row execute function take_position()`.execute(db)
  await sql`alter table commit enable always trigger take_position`.execute(db)
}
