/**
 * Places: where service sites and their stops are, one row for each, as points on a sphere that an index walks from the
 * nearest on. A trigger derives them from the sites, so the journal has nothing of them.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`create extension if not exists cube`.execute(db)
  await sphere(db)
  await table(db)
  await fill(db)
}

/** Of our own: `earthdistance` may be created by superusers only, and takes the radius of the equator for that of the earth. */
async function sphere(db: Kysely<unknown>) {
  await sql`
    create function on_sphere(latitude double precision, longitude double precision) returns cube
    language sql immutable strict parallel safe return
      cube(array[cos(radians(latitude)) * cos(radians(longitude)), cos(radians(latitude)) * sin(radians(longitude)), sin(radians(latitude))])`.execute(
    db,
  )
  await sql`comment on function on_sphere is 'A place in degrees of WGS 84 as a point on a sphere of radius 1.'`.execute(
    db,
  )
  await sql`
    create function chord_of(meters double precision) returns double precision
    language sql immutable strict parallel safe return 2 * sin(least(meters / 6371008.8, pi()) / 2)`.execute(db)
  await sql`comment on function chord_of is 'The straight line through the unit sphere between places that are so many meters apart on earth, by its mean radius.'`.execute(
    db,
  )
  await sql`
    create function meters_of(chord double precision) returns double precision
    language sql immutable strict parallel safe return 2 * 6371008.8 * asin(least(1, chord / 2))`.execute(db)
  await sql`comment on function meters_of is 'The inverse of chord_of.'`.execute(db)
}

async function table(db: Kysely<unknown>) {
  await sql`
    create table site_place (
      site_id uuid constraint site_place_site references service_site on delete cascade,
      number integer,
      latitude double precision not null,
      longitude double precision not null,
      on_sphere cube not null generated always as (on_sphere(latitude, longitude)) stored,
      constraint site_place_key primary key (site_id, number)
    )`.execute(db)
  await sql`comment on table site_place is 'Where a service site is (number 0) and where it stops (numbers from 1, in the order of its stops), as far as that is known; derived.'`.execute(
    db,
  )
  await sql`create index site_place_on_sphere on site_place using gist (on_sphere)`.execute(db)
  await sql`create index site_place_in_degrees on site_place (latitude, longitude) include (site_id)`.execute(db)
}

async function fill(db: Kysely<unknown>) {
  const places = sql`
    select id, number, latitude, longitude from (
      select id, 0 as number, latitude, longitude from sites
      union all select id, number, (stop ->> 'latitude')::double precision, (stop ->> 'longitude')::double precision
      from sites, jsonb_array_elements(stops) with ordinality stop (stop, number)) places
    where latitude is not null`
  const { rows } = await sql<{ home: string }>`select current_schema() as home`.execute(db)
  await sql`
    create function keep_places() returns trigger language plpgsql
    security definer set search_path = ${sql.id(rows[0]?.home ?? 'public')}, pg_temp as $$
    begin
      if tg_op = 'UPDATE' then
        if (new.latitude, new.longitude, new.stops) is not distinct from (old.latitude, old.longitude, old.stops) then
          return null;
        end if;
        delete from site_place where site_id = new.id;
      end if;
      with sites as (select new.*)
      insert into site_place (site_id, number, latitude, longitude) ${places};
      return null;
    end $$`.execute(db)
  await sql`
    create trigger keep_places after insert or update on service_site
    for each row execute function keep_places()`.execute(db)
  await sql`
    with sites as (select * from service_site)
    insert into site_place (site_id, number, latitude, longitude) ${places}`.execute(db)
}
