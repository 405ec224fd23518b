/**
 * Sources and keys: the keys under which sources sync resources, what organizations get of them, and the API keys with
 * which callers write.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    create table source (
      name text constraint source_name_pk primary key constraint source_name check (name ~ '^[a-z0-9-]{1,50}$'),
      created_at timestamptz not null default date_trunc('milliseconds', now()),
      organization_id uuid constraint source_organization references organization on delete set null
    )`.execute(db)
  await sql`comment on column source.organization_id is 'Whose source it is: that of the key that first used it; null for administrators.'`.execute(
    db,
  )
  await sql`create index source_organization_index on source (organization_id)`.execute(db)
  await sql`
    create table source_key (
      source text not null constraint source_key_source references source,
      type text not null,
      convention_id uuid constraint source_key_convention references convention on delete cascade,
      key text not null constraint source_key_length check (char_length(key) between 1 and 200)
        constraint source_key_form check (key not in ('.', '..')),
      id uuid not null,
      constraint source_key_unique unique nulls not distinct (source, type, convention_id, key)
    )`.execute(db)
  await sql`comment on table source_key is 'Keys of conventions, organizations and sites count in the source (convention_id is null), the others in their convention.'`.execute(
    db,
  )
  await sql`create index source_key_id on source_key (id)`.execute(db)
  await sql`create index source_key_within on source_key (convention_id) where convention_id is not null`.execute(db)
  await sql`create index source_key_name on source_key (source, type, key)`.execute(db)
  await sql`
    create table document_organization (
      convention_id uuid not null constraint document_organization_convention references convention on delete cascade,
      source text not null constraint document_organization_source references source,
      key text not null,
      organization_id uuid not null constraint document_organization_organization references organization on delete cascade,
      constraint document_organization_key primary key (convention_id, source, key)
    )`.execute(db)
  await sql`comment on table document_organization is 'The organizations that a document lists: its GET gives them back.'`.execute(
    db,
  )
  await sql`create index document_organization_index on document_organization (organization_id)`.execute(db)
  await sql`create index document_organization_name on document_organization (source, key)`.execute(db)
  await sql`
    create trigger record_link after insert or update or delete on document_organization
    for each row execute function record_link()`.execute(db)
  await sql`alter table document_organization enable always trigger record_link`.execute(db)
  await settleOrganizations(db)
  await keys(db)
}

/**
 * The sources of an organization are those whose public conventions list it, by their keys: a draft leaves no trace. What
 * was brought once stays, until a public convention lists another organization by the same key.
 */
async function settleOrganizations(db: Kysely<unknown>) {
  await sql`
    create function listing(convention_id uuid) returns table (id uuid, source text, key text, name jsonb) language sql stable as $$
      select d.organization_id, d.source, d.key, jsonb_build_array(jsonb_build_object('source', d.source, 'key', d.key))
      from document_organization d join convention c on c.id = d.convention_id
      where d.convention_id = $1 and c.state <> 'draft'
    $$`.execute(db)
  await sql`comment on function listing is 'The organizations that a public convention lists, by key, with the name that it gives them in their sources.'`.execute(
    db,
  )
  await sql`
    create function settle_organizations(convention_id uuid) returns void language plpgsql as $$
    declare
      ids uuid[] := array(
        select o.id from listing($1) l join organization o on o.id = l.id and not o.sources @> l.name
        union
        select o.id from listing($1) l join organization o on o.id <> l.id and o.sources @> l.name);
    begin
      perform 1 from organization where id = any(ids) order by id for no key update;
      update organization o set sources = d.sources
      from (
        select o.id, (
          select coalesce(jsonb_agg(jsonb_build_object('source', source, 'key', key) order by place, source, key), '[]')
          from (
            select s.source, s.key, s.place
            from rows from (jsonb_to_recordset(o.sources) as (source text, key text)) with ordinality s (source, key, place)
            where not exists (select from listing($1) l where l.id <> o.id and (l.source, l.key) = (s.source, s.key))
            union all
            select l.source, l.key, null from listing($1) l where l.id = o.id and not o.sources @> l.name
            order by place, source, key limit 200) named) as sources
        from organization o where o.id = any(ids)
      ) d
      where o.id = d.id and o.sources <> d.sources;
    end $$`.execute(db)
  await sql`comment on function settle_organizations is 'Brings the sources of organizations up to date, as far as they follow from what a convention lists.'`.execute(
    db,
  )
}

async function keys(db: Kysely<unknown>) {
  await sql`
    create table api_key (
      id uuid constraint api_key_pk primary key default uuidv7(),
      version integer not null, tx bigint not null, created_at timestamptz not null, updated_at timestamptz not null,
      organization_id uuid constraint api_key_organization references organization on delete restrict,
      role text not null default 'admin' constraint api_key_role check (role in ('reader', 'contributor', 'editor', 'admin')),
      name text not null constraint api_key_name check (char_length(name) between 1 and 300),
      prefix text not null,
      hash bytea not null constraint api_key_hash unique,
      former_hash bytea constraint api_key_former_hash unique,
      former_until timestamptz,
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz,
      constraint api_key_of_organization check (organization_id is not null or role = 'admin' or revoked_at is not null)
    )`.execute(db)
  await sql`comment on column api_key.former_hash is 'Of the secret before the last rotation, which works until former_until.'`.execute(
    db,
  )
  await sql`create index api_key_organization_index on api_key (organization_id)`.execute(db)
  await sql`select journal('key', 'api_key', 'hash', 'former_hash', 'last_used_at')`.execute(db)
}
