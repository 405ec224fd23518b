/** Idempotency: answers to writes that named an Idempotency-Key, kept for a day. They commit with the write itself. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create table idempotent_answer (
      caller text not null,
      method text not null,
      path text not null,
      key text not null,
      fingerprint bytea not null,
      status integer not null,
      headers jsonb not null,
      body text,
      at timestamptz not null default now(),
      constraint idempotent_answer_key primary key (caller, method, path, key)
    )`.execute(db)
  await sql`comment on table idempotent_answer is 'One answer for each API key, method, path with query and Idempotency-Key; the fingerprint is of the body.'`.execute(
    db,
  )
  await sql`create index idempotent_answer_at on idempotent_answer (at)`.execute(db)
}
