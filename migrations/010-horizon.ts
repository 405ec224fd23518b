/**
 * How far back the journal reaches once it is pruned: one row, written before the first body goes, so that no reader
 * takes a gap for the whole.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create table horizon (
      is_only boolean constraint horizon_key primary key default true constraint horizon_only check (is_only),
      position bigint not null default 0,
      retention_days integer,
      pruned_position bigint not null default 0,
      pruned_seq bigint not null default 0
    )`.execute(db)
  await sql`comment on table horizon is 'One row. Up to position bodies may be missing, by a retention of so many days; up to the place pruned they are.'`.execute(
    db,
  )
  await sql`insert into horizon default values`.execute(db)
}

export async function down(db: Kysely<unknown>) {
  await sql`drop table horizon`.execute(db)
}
