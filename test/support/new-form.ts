/** Throw-away migration: axes get a colour, so that answers have a second form. */
import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'

export async function addColourToAxes(db: Database): Promise<void> {
  await sql`alter table axis add column colour text`.execute(db)
  const { rows } = await sql<{ source: string }>`
    select prosrc as source from pg_proc where proname = 'answer_of_axis'`.execute(db)
  const source = (rows[0]?.source ?? '')
    .replace('"createdAt":%s', '"colour":%s,"createdAt":%s')
    .replace(
      "json_instant((body -> 'created_at'))",
      "coalesce((body -> 'colour'), 'null')::text,\n  json_instant((body -> 'created_at'))",
    )
  await sql
    .raw(
      `create or replace function answer_of_axis(body jsonb) returns text language sql stable parallel safe as $$${source}$$`,
    )
    .execute(db)
  await sql`create or replace function answer_form() returns integer language sql stable parallel safe return 2`.execute(
    db,
  )
  const path = `jsonb_build_object('parent_path', past.parent_path((e.body ->> 'parent_id')::uuid))`
  await sql`select views_of('axis', 'axis', ${path})`.execute(db)
}
