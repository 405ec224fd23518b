/**
 * The journal is written by its triggers alone, and these run as the owner of the tables, so that the role that serves
 * may be kept from writing it. Their search path is fixed: no table of a caller's own stands in the way of theirs.
 * What the role that serves may do is granted after the migrations (src/db/roles.ts).
 */
import { type Kysely, sql } from 'kysely'

const writers = ['current_tx()', 'record_change()', 'record_link()', 'take_position()']
/** Called by those, or by migrations. */
const inner = ['record_scope(bigint, bigint)', 'journal(text, text, text[])', 'past_of(text, text, text)']

export async function up(db: Kysely<unknown>) {
  for (const name of writers)
    await sql`
      do $$ begin
        execute format('alter function ${sql.raw(name)} security definer set search_path = %I, pg_temp', current_schema());
      end $$`.execute(db)
  for (const name of inner) await sql`revoke execute on function ${sql.raw(name)} from public`.execute(db)
}

export async function down(db: Kysely<unknown>) {
  for (const name of writers) await sql`alter function ${sql.raw(name)} security invoker reset search_path`.execute(db)
  for (const name of inner) await sql`grant execute on function ${sql.raw(name)} to public`.execute(db)
}
