/**
 * Results of documents: what the last PUT of each answers while nothing that it depends on has changed, so that the same
 * document again is answered by one statement.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create table document_result (
      source text not null constraint document_result_source references source,
      key text not null,
      convention_id uuid not null constraint document_result_convention references convention on delete cascade,
      digest bytea not null,
      depends uuid[] not null,
      state bytea not null,
      last_day date,
      tag text not null,
      result json not null,
      constraint document_result_key primary key (source, key)
    )`.execute(db)
  await sql`comment on table document_result is 'What the same document again answers: all of it unchanged, with the warnings of its last PUT.'`.execute(
    db,
  )
  await sql`comment on column document_result.digest is 'Of the document as it was sent, and of the version of the rules.'`.execute(
    db,
  )
  await sql`comment on column document_result.depends is 'What the document lists or names outside its convention.'`.execute(
    db,
  )
  await sql`comment on column document_result.last_day is 'The last day on which the warnings are those; null: whatever the day.'`.execute(
    db,
  )
  await sql`create index document_result_convention_index on document_result (convention_id)`.execute(db)
  await documentState(db)
}

/** Rows have versions; what is gone, linked or listed stands in the journal alone. */
async function documentState(db: Kysely<unknown>) {
  await sql`
    create function document_state(source text, convention_id uuid, depends uuid[]) returns bytea language sql stable as $$
      select sha256(convert_to(jsonb_build_array(
        answer_form(), (select edition from dataset where name = 'territories'),
        (select max(c.tx) from change c where c.convention_id = $2),
        (select max(greatest(l.since, l.until)) from link l where l.convention_id = $2),
        (select jsonb_agg(jsonb_build_array(o.id, o.version) order by o.id) from organization o where o.id = any($3)),
        (select jsonb_agg(jsonb_build_array(s.id, s.version) order by s.id) from service_site s where s.id = any($3)),
        (select jsonb_agg(jsonb_build_array(c.id, c.version) order by c.id) from convention c where c.id = any($3)),
        (select jsonb_agg(jsonb_build_array(k.id, k.convention_id, k.key) order by k.id, k.convention_id, k.key)
          from source_key k where k.source = $1 and k.id = any($3)))::text, 'UTF8'))
    $$`.execute(db)
  await sql`comment on function document_state is 'A digest of all that an answer to a document depends on beside the document itself.'`.execute(
    db,
  )
}
