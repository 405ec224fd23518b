/** Index of overrides by the row that people changed: who deletes one drops its overrides. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`create index override_id on override (id)`.execute(db)
}
