/**
 * Time travel: the schema `past` has the names of the tables, each a view of its rows as they stood at the position in
 * the setting `registry.position`. A read goes back by its search path alone, so present and past are read by the same
 * statements. What generates a column of a table generates it here. In both schemas a view `action_read` and so on
 * carries the rows with their answers.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await entries(db)
  await viewsOf(db)
  await sql`select views_of('organization', 'organization')`.execute(db)
  await sql`select views_of('convention', 'convention', 'jsonb_build_object(''department_codes'', e.department_codes)')`.execute(
    db,
  )
  await sql`select views_of('amendment', 'amendment')`.execute(db)
  await signatories(db)
  await axes(db)
  await sql`select views_of('action', 'action')`.execute(db)
  await sql`select views_of('service-site', 'service_site')`.execute(db)
  await sourceKeys(db)
}

/**
 * The latest row of each resource at the position: the row that made a version stands until one makes the next. A row of
 * `scope` repeats its version. To compare each version with all others would take the square of their number.
 */
async function entries(db: Kysely<unknown>) {
  await sql`create schema past`.execute(db)
  await sql`
    create function past_position() returns bigint language sql stable parallel safe as $$
      select current_setting('registry.position')::bigint
    $$`.execute(db)
  await sql`
    create view past.entry as
    select h.type, h.id, h.convention_id, h.department_codes, h.body, h.answer, h.form
    from change h join commit c on c.tx = h.tx
    where c.position <= past_position() and h.operation in ('created', 'updated') and not exists (
      select from change l join commit lc on lc.tx = l.tx
      where l.type = h.type and l.id = h.id and l.version = h.version + 1 and l.operation <> 'scope' and lc.position <= past_position())`.execute(
    db,
  )
}

async function viewsOf(db: Kysely<unknown>) {
  await sql`
    create function views_of(type text, name text, hidden text default '''{}''') returns void language plpgsql as $$
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
      -- These stand first: a column that a table gets later is the last of its view too.
      answer text := format('rendered(%L, %%1$s.body, %%1$s.answer, %%1$s.form) as answer, answer_form() as form', type);
    begin
      execute format('create or replace view past.%I as select %s %s', name, shown, entries);
      execute format('create or replace view past.%I as select %s, %s %s', name || '_read', format(answer, 'e'), shown, entries);
      execute format('create or replace view %I as select %s, t.* from %I t join change h on h.tx = t.tx and h.type = %L and h.id = t.id',
        name || '_read', format(answer, 'h'), name, type);
    end $$`.execute(db)
  await sql`comment on function views_of is 'Makes the views of a table: its past, and its answers now and then; to be called again once its columns have changed. hidden: the jsonb of columns that the journal leaves out, from its row e.'`.execute(
    db,
  )
  await sql`revoke execute on function views_of from public`.execute(db)
}

async function signatories(db: Kysely<unknown>) {
  const bound = `jsonb_build_object('bound', (
    select own_days(e.body ->> 'starts_on', e.body ->> 'ends_on', joined.effective_on, joined.signed_on, left_by.effective_on, left_by.signed_on)
    from (select) one left join past.amendment joined on joined.id = (e.body ->> 'amendment_id')::uuid
      left join past.amendment left_by on left_by.id = (e.body ->> 'exit_amendment_id')::uuid))`
  await sql`select views_of('signatory', 'signatory', ${bound})`.execute(db)
}

/** Moving an axis moves those below it without a version of their own: their paths follow from all of the tree. */
async function axes(db: Kysely<unknown>) {
  await sql`
    create function past.parent_path(parent uuid) returns integer[] language sql stable as $$
      with recursive above as (
        select e.body, 1 as height from past.entry e where e.type = 'axis' and e.id = parent
        union all
        select e.body, a.height + 1 from above a join past.entry e on e.type = 'axis' and e.id = (a.body ->> 'parent_id')::uuid
      )
      select coalesce(array_agg((body ->> 'number')::integer order by height desc), '{}') from above
    $$`.execute(db)
  const path = `jsonb_build_object('parent_path', past.parent_path((e.body ->> 'parent_id')::uuid))`
  await sql`select views_of('axis', 'axis', ${path})`.execute(db)
}

async function sourceKeys(db: Kysely<unknown>) {
  await sql`
    create view past.link as
    select l.name, l.convention_id, l.row from link l join commit b on b.tx = l.since left join commit g on g.tx = l.until
    where b.position <= past_position() and (g.position is null or g.position > past_position())`.execute(db)
  await sql`
    create view past.source_key as
    select s.source, e.type, case when e.type not in ('convention', 'organization', 'service-site') then e.convention_id end as convention_id,
      s.key, e.id
    from past.entry e cross join lateral jsonb_to_recordset(e.body -> 'sources') s (source text, key text)`.execute(db)
  await sql`
    create view past.convention_site as
    select l.convention_id, (l.row ->> 'site_id')::uuid as site_id from past.link l where l.name = 'convention_site'`.execute(
    db,
  )
  await sql`
    create view past.document_organization as
    select l.convention_id, l.row ->> 'source' as source, l.row ->> 'key' as key, (l.row ->> 'organization_id')::uuid as organization_id
    from past.link l where l.name = 'document_organization'`.execute(db)
}
