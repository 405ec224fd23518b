/**
 * Commit order: `record_scope` repeats every resource that is under a convention, by the column that says so. Before, it
 * listed their types, so one that was left out would have stayed with readers of a convention that became a draft.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
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
      insert into change (tx, type, id, version, operation, convention_id, department_codes)
        select number, 'convention', c.id, c.version, 'scope', c.id, c.department_codes
        from convention c where c.id = any(moved) order by c.id on conflict (tx, type, id) do nothing;
      for source in select * from journaled j where exists (select from pg_attribute a
          where a.attrelid = j.name::regclass and a.attname = 'convention_id' and not a.attisdropped) order by type loop
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
}
