/**
 * The journal: one row in `change` for each resource and transaction, one row in `commit` for each transaction. Rows
 * are written by triggers alone (004), which take the position of a transaction at its COMMIT (005). A version has two
 * representations on purpose: `body` is the record, chained and immutable; `answer` is a rendering of it (006), in the
 * form whose number stands beside it, and may be made anew. Rows of `scope` repeat a version and have neither.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await commits(db)
  await changes(db)
  await scopes(db)
  await links(db)
  await horizon(db)
  await journaled(db)
  await keepWhole(db)
}

async function commits(db: Kysely<unknown>) {
  await sql`
    create table commit (
      tx bigint generated always as identity primary key,
      position bigint constraint commit_position unique,
      at timestamptz,
      chain bytea,
      actor text,
      request_id text,
      source text
    )`.execute(db)
  await sql`comment on table commit is 'One row for each transaction that changed a resource; position, at and chain are given at COMMIT.'`.execute(
    db,
  )
  await sql`create index commit_at on commit (at, position)`.execute(db)
  await sql`create index commit_actor on commit (actor, position)`.execute(db)
}

async function changes(db: Kysely<unknown>) {
  await sql`
    create table change (
      tx bigint not null constraint change_commit references commit,
      seq bigint generated always as identity (cache 1),
      type text not null,
      id uuid not null,
      version integer not null,
      operation text not null constraint change_operation check (operation in ('created', 'updated', 'deleted', 'scope', 'void')),
      convention_id uuid,
      department_codes text[],
      cleared boolean not null default false,
      body jsonb,
      answer text,
      form integer,
      constraint change_key primary key (tx, type, id),
      constraint change_body check ((body is null) = (operation = 'scope')),
      constraint change_answer check ((answer is null) = (type = 'key' or operation in ('deleted', 'void', 'scope'))),
      constraint change_form check ((form is null) = (answer is null))
    )`.execute(db)
  await sql`comment on table change is 'The journal: each resource as it stood after each transaction; void is created and deleted at once.'`.execute(
    db,
  )
  await sql`comment on column change.answer is 'The body as GET answers it; null where readers get none: of keys, of what is deleted, of repetitions.'`.execute(
    db,
  )
  await sql`comment on column change.cleared is 'Whether it was written because what it named was deleted or hidden by another Caf.'`.execute(
    db,
  )
  await sql`comment on column change.form is 'The form of the answer: where it is not the present one, readers render the body.'`.execute(
    db,
  )
  await sql`create unique index change_order on change (tx, seq)`.execute(db)
  await sql`create index change_history on change (type, id, version)`.execute(db)
  await sql`create index change_convention on change (convention_id, tx)`.execute(db)
}

async function scopes(db: Kysely<unknown>) {
  await sql`
    create table scope (
      tx bigint not null constraint scope_commit references commit,
      convention_id uuid not null,
      position bigint not null,
      public_before boolean, public_after boolean,
      caf_before uuid, caf_after uuid,
      departments_before text[], departments_after text[],
      constraint scope_key primary key (tx, convention_id)
    )`.execute(db)
  await sql`comment on table scope is 'Who could see a convention before and after a transaction; null where it did not exist.'`.execute(
    db,
  )
  await sql`create index scope_latest on scope (convention_id, position desc)`.execute(db)
  await sql`create index scope_caf on scope (caf_after)`.execute(db)
  await sql`create index scope_caf_before on scope (caf_before) where caf_before is distinct from caf_after`.execute(db)
}

/** Rows that belong to no body have no versions: the journal keeps the transactions between which each of them stood. */
async function links(db: Kysely<unknown>) {
  await sql`
    create table link (
      name text not null,
      convention_id uuid not null,
      row jsonb not null,
      since bigint not null constraint link_since references commit,
      until bigint constraint link_until references commit
    )`.execute(db)
  await sql`comment on table link is 'Rows of convention_site and document_organization, present and past, each with the transactions between which it stood.'`.execute(
    db,
  )
  await sql`create index link_convention on link (convention_id, name)`.execute(db)
  await sql`create index link_begun on link (since)`.execute(db)
  await sql`create index link_ended on link (until) where until is not null`.execute(db)
}

/** Retention writes this row before it prunes the first body, so that no reader takes a gap for the whole. */
async function horizon(db: Kysely<unknown>) {
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

async function journaled(db: Kysely<unknown>) {
  await sql`
    create table journaled (
      type text primary key,
      name text not null constraint journaled_name unique,
      hidden text[] not null
    )`.execute(db)
  await sql`comment on table journaled is 'The tables of the journal and their columns that are not of the body.'`.execute(
    db,
  )
}

async function keepWhole(db: Kysely<unknown>) {
  await sql`
    create function refuse_truncate() returns trigger language plpgsql as $$
    begin
      raise exception 'table % is journaled and cannot be truncated', tg_table_name using errcode = 'feature_not_supported';
    end $$`.execute(db)
  for (const name of ['commit', 'change', 'scope']) {
    await sql`create trigger refuse_truncate before truncate on ${sql.table(name)} execute function refuse_truncate()`.execute(
      db,
    )
    await sql`alter table ${sql.table(name)} enable always trigger refuse_truncate`.execute(db)
  }
}
