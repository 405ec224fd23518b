/**
 * The row of a resource at a position is found by its version: the row that made one stands until the next version is
 * made. To compare each version with all others took a time that grew with the square of their number.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await entries(
    db,
    `h.operation in ('created', 'updated') and not exists (
      select from change l join commit lc on lc.tx = l.tx
      where l.type = h.type and l.id = h.id and l.version = h.version + 1 and l.operation <> 'scope' and lc.position <= past_position())`,
  )
}

async function entries(db: Kysely<unknown>, isLatest: string) {
  await sql`
    create or replace view past.entry as
    select h.type, h.id, h.convention_id, h.department_codes, h.body
    from change h join commit c on c.tx = h.tx
    where c.position <= past_position() and ${sql.raw(isLatest)}`.execute(db)
}

export async function down(db: Kysely<unknown>) {
  await entries(
    db,
    `h.operation not in ('deleted', 'void') and not exists (
      select from change l join commit lc on lc.tx = l.tx
      where l.type = h.type and l.id = h.id and (l.version, l.tx) > (h.version, h.tx) and lc.position <= past_position())`,
  )
}
