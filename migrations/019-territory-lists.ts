/** Lists of territories: an index for each order that a reader may ask for. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`create index territory_by_name on territory (name_key, kind, code)`.execute(db)
  await sql`drop index territory_name`.execute(db)
  await sql`create index territory_by_population on territory (coalesce(population, 2147483647), kind, code)`.execute(
    db,
  )
}
