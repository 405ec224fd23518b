/**
 * Overrides: what people changed or deleted of what a source made. The value that the source had sent stays beside the
 * row, so that its next document is compared with that: what it repeats is no change.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create table override (
      source text not null constraint override_source references source,
      type text not null,
      convention_id uuid constraint override_convention references convention on delete cascade,
      key text not null,
      id uuid not null,
      field text,
      base json,
      constraint override_key unique nulls not distinct (source, id, convention_id, field)
    )`.execute(db)
  await sql`comment on table override is 'Fields that people changed of what a source made, each with the value that the source had sent; without a field, what they deleted, or what was handed over.'`.execute(
    db,
  )
  await sql`comment on column override.convention_id is 'Null for conventions and service sites, whose keys count in the source.'`.execute(
    db,
  )
  await sql`comment on column override.base is 'As the source sent it; of a deleted object a digest of what the source was last told to keep deleted. Not jsonb: members keep their order.'`.execute(
    db,
  )
  await sql`create index override_document on override (source, convention_id)`.execute(db)
  await sql`create index override_within on override (convention_id) where convention_id is not null`.execute(db)
}
