/**
 * Territories: the official geographic code as one table, and the edition of it that is loaded. Texts compare by bytes
 * (collate "C") so that a key range finds the names with a prefix whatever the locale of the server.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create table dataset (
      name text constraint dataset_key primary key,
      edition text not null,
      loaded_at timestamptz not null default now()
    )`.execute(db)
  await sql`comment on table dataset is 'What reference data is loaded, in which edition.'`.execute(db)
  await sql`
    create table territory (
      kind text collate "C" not null,
      code text collate "C" not null,
      name text not null,
      name_key text collate "C" not null,
      siren text,
      population integer,
      population_year integer,
      department_codes text[] not null,
      region_codes text[] not null,
      member_codes text[] not null,
      former_codes text[] not null,
      constraint territory_key primary key (kind, code),
      constraint territory_code check (case kind
        when 'commune' then code ~ '^([0-9]{2}|2[AB])[0-9]{3}$'
        when 'epci' then code ~ '^[0-9]{9}$'
        when 'departement' then code ~ '^([0-9]{2}|2[AB]|97[0-9]|98[0-9])$'
        when 'region' then code ~ '^[0-9]{2}$'
        else false end),
      constraint territory_siren check (siren ~ '^[0-9]{9}$'),
      constraint territory_population check (population >= 0)
    )`.execute(db)
  await sql`comment on column territory.name_key is 'The name without accents, case and punctuation: nameKey() of the service.'`.execute(
    db,
  )
  await sql`create index territory_name on territory (name_key)`.execute(db)
  await sql`create index territory_departments on territory using gin (department_codes)`.execute(db)
  await sql`create index territory_former_codes on territory using gin (former_codes)`.execute(db)
}
