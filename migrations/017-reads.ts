/**
 * Reads: beside each table a view, `action_read` and so on, of its rows with the text that GET answers, which stands in
 * the journal. The journal has two representations on purpose: `body` is the record, chained and immutable; `answer`
 * is a rendering of it, in the form whose number stands beside it, and may be made anew.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await forms(db)
  await scopes(db)
  await links(db)
  await views(db)
}

async function forms(db: Kysely<unknown>) {
  await sql`create function answer_form() returns integer language sql immutable parallel safe return 1`.execute(db)
  await sql`comment on function answer_form is 'The number of the form of answers: it grows when the answer of any resource changes, such as by a new field.'`.execute(
    db,
  )
  await sql`alter table change add column form integer`.execute(db)
  await sql`update change set form = answer_form() where answer is not null`.execute(db)
  await sql`comment on column change.form is 'The form of the answer: readers render the body anew where it is not the present one.'`.execute(
    db,
  )
  await sql`
    create function rendered(type text, body jsonb, answer text, form integer) returns text language sql stable parallel safe as $$
      select case when form = answer_form() then answer else answer_of(type, body) end
    $$`.execute(db)
  await sql`comment on function rendered is 'The answer of a row of the journal in the present form.'`.execute(db)
}

/** Rows of `scope` repeat a version whose row is there: they keep neither of its representations. */
async function scopes(db: Kysely<unknown>) {
  await sql`alter table change drop constraint change_answer, alter column body drop not null`.execute(db)
  await sql`
    create or replace function write_answer() returns trigger language plpgsql as $$
    begin
      new.answer := case when new.operation not in ('deleted', 'void', 'scope') then answer_of(new.type, new.body) end;
      new.form := case when new.answer is not null then answer_form() end;
      return new;
    end $$`.execute(db)
  await sql`
    do $$ begin
      execute format('alter function write_answer() set search_path = %I, pg_temp', current_schema());
    end $$`.execute(db)
  await sql`alter function write_answer() set extra_float_digits = 1 set standard_conforming_strings = on`.execute(db)
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
  await sql`update change set body = null where operation = 'scope'`.execute(db)
  await sql`alter table change
    add constraint change_body check ((body is null) = (operation = 'scope')),
    add constraint change_answer check ((answer is null) = (type = 'key' or operation in ('deleted', 'void', 'scope'))),
    add constraint change_form check ((form is null) = (answer is null))`.execute(db)
  await sql`
    create view change_read as
    select h.tx, h.seq, h.type, h.id, h.version, h.operation, h.convention_id,
      coalesce(h.department_codes, m.department_codes) as department_codes,
      coalesce(h.body, m.body) as body, coalesce(h.answer, m.answer) as answer, coalesce(h.form, m.form) as form
    from change h left join lateral (
      select * from change m where h.operation = 'scope' and m.type = h.type and m.id = h.id and m.version = h.version
        and m.operation in ('created', 'updated') limit 1) m on true`.execute(db)
  await sql`comment on view change_read is 'The journal with the representations of each row; those of scope are of the row that made the version.'`.execute(
    db,
  )
}

/** Who keeps an answer asks which conventions got or lost a link. */
async function links(db: Kysely<unknown>) {
  await sql`create index link_since_key on link (since)`.execute(db)
  await sql`create index link_until_key on link (until) where until is not null`.execute(db)
}

/** The answer stands first: a column that a table gets later is the last of its view too. */
async function views(db: Kysely<unknown>) {
  await sql`
    create or replace view past.entry as
    select h.type, h.id, h.convention_id, h.department_codes, h.body, h.answer, h.form
    from change h join commit c on c.tx = h.tx
    where c.position <= past_position() and h.operation in ('created', 'updated') and not exists (
      select from change l join commit lc on lc.tx = l.tx
      where l.type = h.type and l.id = h.id and l.version = h.version + 1 and l.operation <> 'scope' and lc.position <= past_position())`.execute(
    db,
  )
  await sql`
    create or replace function past_of(type text, name text, hidden text default '''{}''') returns void language plpgsql as $$
    declare
      shown text := (
        select string_agg(case
            -- By the columns of the journal, so that its indexes find them.
            when a.attname in ('id', 'convention_id') then 'e.' || a.attname
            when a.attgenerated = 's' then format('(%s)::%s%s as %I', pg_get_expr(d.adbin, d.adrelid),
              format_type(a.atttypid, a.atttypmod), case when a.attcollation not in (0, 100) then ' collate ' || a.attcollation::regcollation end, a.attname)
            else format('r.%I', a.attname) end, ', ' order by a.attnum)
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = name::regclass and a.attnum > 0 and not a.attisdropped);
      entries text := format('from past.entry e cross join lateral jsonb_populate_record(null::%I, e.body || %s) r where e.type = %L',
        name, hidden, type);
      answer text := format('rendered(%L, %%1$s.body, %%1$s.answer, %%1$s.form) as answer, answer_form() as form', type);
    begin
      execute format('create or replace view past.%I as select %s %s', name, shown, entries);
      execute format('create or replace view past.%I as select %s, %s %s', name || '_read', format(answer, 'e'), shown, entries);
      execute format('create or replace view %I as select %s, t.* from %I t join change h on h.tx = t.tx and h.type = %L and h.id = t.id',
        name || '_read', format(answer, 'h'), name, type);
    end $$`.execute(db)
  await sql`comment on function past_of is 'Makes the views of a table: its past, and both with answers; to be called again once its columns have changed. hidden: the jsonb of columns that the journal leaves out, from its row e.'`.execute(
    db,
  )
  await sql`select past_of('organization', 'organization')`.execute(db)
  await sql`select past_of('convention', 'convention', 'jsonb_build_object(''department_codes'', e.department_codes)')`.execute(
    db,
  )
  await sql`select past_of('amendment', 'amendment')`.execute(db)
  const bound = `jsonb_build_object('bound', (
    select own_days(e.body ->> 'starts_on', e.body ->> 'ends_on', joined.effective_on, joined.signed_on, left_by.effective_on, left_by.signed_on)
    from (select) one left join past.amendment joined on joined.id = (e.body ->> 'amendment_id')::uuid
      left join past.amendment left_by on left_by.id = (e.body ->> 'exit_amendment_id')::uuid))`
  await sql`select past_of('signatory', 'signatory', ${bound})`.execute(db)
  const path = `jsonb_build_object('parent_path', past.parent_path((e.body ->> 'parent_id')::uuid))`
  await sql`select past_of('axis', 'axis', ${path})`.execute(db)
  await sql`select past_of('action', 'action')`.execute(db)
  await sql`select past_of('service-site', 'service_site')`.execute(db)
}

export async function down() {}
