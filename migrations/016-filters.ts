/**
 * Filters and orders of lists: an index for each that a large table cannot do without, and the functions on which these
 * indexes stand.
 */
import { type Kysely, sql } from 'kysely'

const tables = ['organization', 'convention', 'amendment', 'signatory', 'axis', 'action', 'service_site']

export async function up(db: Kysely<unknown>) {
  await functions(db)
  await filters(db)
  await orders(db)
}

async function functions(db: Kysely<unknown>) {
  await sql`
    create function communes_of_site(commune text, stops jsonb) returns text[] language sql immutable parallel safe return
      (select coalesce(array_agg(distinct code), '{}')
        from (select commune union all select stop ->> 'communeCode' from jsonb_array_elements(stops) stop) places (code)
        where code is not null)`.execute(db)
  await sql`comment on function communes_of_site is 'The communes in which a service site is, or stops.'`.execute(db)
  // Of core functions alone and by the collation "C": the order is the same on every server, whatever its ICU.
  await sql`
    create function reading_key(value text) returns text language sql immutable strict parallel safe return
      left(btrim(regexp_replace(lower(replace(replace(replace(replace(
        regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g'),
        'œ', 'oe'), 'Œ', 'OE'), 'æ', 'ae'), 'Æ', 'AE') collate "C"), '[[:space:][:punct:]’‘«»–—…°]+', ' ', 'g')), 300)`.execute(
    db,
  )
  await sql`comment on function reading_key is 'Sorts text as people read it: without accents, case and punctuation, by its first 300 characters.'`.execute(
    db,
  )
}

async function filters(db: Kysely<unknown>) {
  const lists = {
    convention: ['themes', 'department_codes'],
    organization: ['department_codes'],
    action: ['themes', 'audiences'],
    service_site: ['types', 'themes', 'audiences', 'department_codes'],
    amendment: ['kinds'],
  }
  for (const [table, columns] of Object.entries(lists))
    for (const column of columns)
      await sql`create index ${sql.id(`${table}_${column}`)} on ${sql.table(table)} using gin (${sql.ref(column)})`.execute(
        db,
      )
  await sql`create index action_status_index on action (status, id)`.execute(db)
  await sql`create index action_without_axis on action (id) where axis_ids = '{}'`.execute(db)
  await sql`create index action_without_lead on action (id) where lead_id is null`.execute(db)
  await sql`create index action_without_site on action (id) where service_site_ids = '{}'`.execute(db)
  await sql`create index service_site_communes on service_site using gin (communes_of_site(commune_code, stops))`.execute(
    db,
  )
  await sql`create index service_site_itinerant on service_site (id) where itinerant`.execute(db)
  await sql`create index service_site_accessible on service_site (accessible, id)`.execute(db)
}

/** Read backwards for the opposite order. */
async function orders(db: Kysely<unknown>) {
  for (const table of tables)
    for (const column of ['created_at', 'updated_at'])
      await sql`create index ${sql.id(`${table}_${column}`)} on ${sql.table(table)} (${sql.ref(column)}, id)`.execute(
        db,
      )
  const texts = { convention: 'title', organization: 'name', axis: 'title', action: 'title', service_site: 'name' }
  for (const [table, column] of Object.entries(texts))
    await sql`create index ${sql.id(`${table}_reading_order`)} on ${sql.table(table)}
      (reading_key(${sql.ref(column)}) collate "C", id)`.execute(db)
  await sql`create index convention_first_day on convention (coalesce(from_day, 'infinity'), id)`.execute(db)
  await sql`create index convention_last_day on convention (coalesce(to_day, 'infinity'), id)`.execute(db)
  await sql`create index action_first_day on action (coalesce(first_day(starts_on), 'infinity'), id)`.execute(db)
  await sql`create index action_last_day on action (coalesce(last_day(ends_on), 'infinity'), id)`.execute(db)
  await sql`create index action_code on action (sort_key, id)`.execute(db)
}
