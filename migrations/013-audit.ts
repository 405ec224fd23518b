/** Audit: refused attempts, gathered by caller and operation; writes are read from the journal. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create table refusal (
      id bigint generated always as identity constraint refusal_pk primary key,
      at timestamptz not null default clock_timestamp(),
      actor text,
      address text,
      operation_id text not null,
      status integer not null,
      count integer not null,
      first_at timestamptz not null,
      last_at timestamptz not null
    )`.execute(db)
  await sql`comment on table refusal is 'Refused attempts, those of a few seconds in one row: of a key, else from an address, of IPv6 the first 64 bits; of neither when too many were refused to tell them apart.'`.execute(
    db,
  )
  await sql`create index refusal_at on refusal (at, id)`.execute(db)
  await sql`create index refusal_actor on refusal (actor, at)`.execute(db)
}
