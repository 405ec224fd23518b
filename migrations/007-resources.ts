/**
 * Tables of the resources: a row is a resource, lists of objects are jsonb and lists of ids arrays. Every rule that the
 * database can hold is a named constraint. `journal` lists the columns that are not of the body. A row that others
 * refer to cannot be deleted: `on delete restrict`, whose error (23001) differs from that of a wrong reference (23503).
 */
import { type Kysely, sql } from 'kysely'

/** What every resource has; tx is the transaction of its present version. */
const common = sql.raw(`
  id uuid primary key default uuidv7(),
  version integer not null,
  tx bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  sources list_200 not null default '[]'`)

export async function up(db: Kysely<unknown>) {
  await organization(db)
  await convention(db)
  await amendment(db)
  await signatory(db)
  await axis(db)
  await action(db)
  await serviceSite(db)
}

async function organization(db: Kysely<unknown>) {
  await sql`
    create table organization (${common},
      kind text not null,
      name title_text not null,
      short_name label_text,
      siren text constraint organization_siren_valid check (valid_siren(siren)) constraint organization_siren unique,
      siret text constraint organization_siret_valid check (siret ~ '^[0-9]{14}$'),
      identifiers list_20 not null default '[]',
      territory jsonb,
      department_codes text[] not null default '{}',
      website url_text, email email_text, phone phone_text,
      name_key text not null,
      territory_key text generated always as ((territory ->> 'kind') || ':' || (territory ->> 'code')) stored,
      constraint organization_siret_of_siren check (left(siret, 9) = siren)
    )`.execute(db)
  await sql`create index organization_territory on organization (territory_key, kind, name_key)`.execute(db)
  await sql`create index organization_name on organization (name_key)`.execute(db)
  await sql`create index organization_kind on organization (kind, id)`.execute(db)
  await sql`create index organization_sources on organization using gin (sources jsonb_path_ops)`.execute(db)
  await sql`select journal('organization', 'organization', 'name_key', 'territory_key')`.execute(db)
}

async function convention(db: Kysely<unknown>) {
  await sql`
    create table convention (${common},
      title title_text not null,
      reference label_text,
      state text not null constraint convention_state check (state in ('draft', 'signed', 'terminated')),
      status text not null default 'draft' constraint convention_status check (status in ('draft', 'upcoming', 'active', 'expired', 'terminated')),
      starts_on partial_date, ends_on partial_date,
      period jsonb not null default '{"from": null, "to": null}',
      signed_on partial_date, terminated_on partial_date,
      caf_id uuid not null constraint convention_caf references organization on delete restrict,
      territories list_500 not null default '[]',
      themes codes not null default '{}',
      summary prose_text,
      needs list_100 not null default '[]',
      governance list_100 not null default '[]',
      documents list_100 not null default '[]',
      predecessor_id uuid constraint convention_predecessor references convention on delete restrict,
      successor_ids uuid[] not null default '{}',
      merged_into_id uuid constraint convention_merged_into references convention on delete restrict,
      from_day date generated always as (coalesce(first_day(starts_on), first_day(signed_on))) stored,
      to_day date generated always as (last_day(period ->> 'to')) stored,
      terminated_day date generated always as (last_day(terminated_on)) stored,
      status_due date,
      department_codes text[] not null default '{}',
      territory_keys text[] generated always as (keys_of_territories(territories)) stored,
      constraint convention_ends_after_start check (last_day(ends_on) >= first_day(starts_on)),
      constraint convention_not_own_predecessor check (predecessor_id <> id),
      constraint convention_not_own_merger check (merged_into_id <> id)
    )`.execute(db)
  await sql`create index convention_caf_index on convention (caf_id, id)`.execute(db)
  await sql`create index convention_predecessor_index on convention (predecessor_id)`.execute(db)
  await sql`create index convention_merged_into_index on convention (merged_into_id)`.execute(db)
  await sql`create index convention_status_index on convention (status, id)`.execute(db)
  await sql`create index convention_territories on convention using gin (territory_keys)`.execute(db)
  await sql`select journal('convention', 'convention', 'from_day', 'to_day', 'status_due', 'terminated_day', 'department_codes', 'territory_keys')`.execute(
    db,
  )
}

async function amendment(db: Kysely<unknown>) {
  await sql`
    create table amendment (${common},
      convention_id uuid not null constraint amendment_convention references convention on delete cascade,
      number integer not null constraint amendment_number_range check (number between 1 and 999),
      kinds codes not null constraint amendment_kinds check (cardinality(kinds) >= 1),
      title title_text, summary prose_text,
      signed_on partial_date, effective_on partial_date, ends_on partial_date,
      documents list_100 not null default '[]',
      constraint amendment_number unique (convention_id, number) deferrable initially deferred,
      constraint amendment_of_convention unique (convention_id, id)
    )`.execute(db)
  await sql`select journal('amendment', 'amendment')`.execute(db)
}

async function signatory(db: Kysely<unknown>) {
  await sql`
    create table signatory (${common},
      convention_id uuid not null constraint signatory_convention references convention on delete cascade,
      organization_id uuid not null constraint signatory_organization references organization on delete restrict,
      role text not null,
      amendment_id uuid, starts_on partial_date, ends_on partial_date, exit_amendment_id uuid,
      signed_on partial_date, deliberated_on partial_date,
      bound daterange not null default '(,)',
      constraint signatory_ends_after_start check (last_day(ends_on) >= first_day(starts_on)),
      constraint signatory_amendment foreign key (convention_id, amendment_id) references amendment (convention_id, id)
        on delete restrict,
      constraint signatory_exit_amendment foreign key (convention_id, exit_amendment_id) references amendment (convention_id, id)
        on delete restrict,
      constraint signatory_bound_once exclude using gist (convention_id with =, organization_id with =, bound with &&) deferrable initially deferred
    )`.execute(db)
  await sql`create index signatory_organization_index on signatory (organization_id, id)`.execute(db)
  await sql`create index signatory_amendment_index on signatory (amendment_id)`.execute(db)
  await sql`create index signatory_exit_amendment_index on signatory (exit_amendment_id)`.execute(db)
  await sql`select journal('signatory', 'signatory', 'bound')`.execute(db)
}

/** The path of numbers is the tree: it holds cycles, depth, order and numbers among siblings without any code. */
async function axis(db: Kysely<unknown>) {
  await sql`
    create table axis (${common},
      convention_id uuid not null constraint axis_convention references convention on delete cascade,
      number integer not null constraint axis_number_range check (number between 1 and 999),
      code label_text, parent_id uuid, label label_text,
      title title_text not null, description prose_text,
      parent_path integer[] not null default '{}',
      path integer[] not null generated always as (parent_path || number) stored,
      constraint axis_root check ((parent_id is null) = (parent_path = '{}')),
      constraint axis_depth check (cardinality(parent_path) <= 4),
      constraint axis_key unique (convention_id, id, path),
      constraint axis_number unique (convention_id, path) deferrable initially deferred,
      constraint axis_parent foreign key (convention_id, parent_id, parent_path) references axis (convention_id, id, path)
        on update cascade on delete restrict deferrable initially deferred
    )`.execute(db)
  await sql`create index axis_parent_index on axis (parent_id)`.execute(db)
  await sql`select journal('axis', 'axis', 'parent_path', 'path')`.execute(db)
}

async function action(db: Kysely<unknown>) {
  await sql`
    create table action (${common},
      convention_id uuid not null constraint action_convention references convention on delete cascade,
      code label_text, title title_text not null,
      objective prose_text, description prose_text, context prose_text, expected_results prose_text,
      axis_ids uuid[] not null default '{}' constraint action_axes_length check (cardinality(axis_ids) <= 20),
      carried_from_id uuid constraint action_carried_from references action on delete restrict,
      nature text, priority text,
      themes codes not null default '{}', theme_label label_text, audiences codes not null default '{}',
      territories list_500 not null default '[]',
      status text not null constraint action_status check (status in ('planned', 'ongoing', 'completed', 'suspended', 'abandoned')),
      progress integer constraint action_progress check (progress between 0 and 100),
      recurring boolean not null,
      starts_on partial_date, ends_on partial_date,
      lead_id uuid constraint action_lead references organization on delete restrict,
      partner_ids uuid[] not null default '{}' constraint action_partners_length check (cardinality(partner_ids) <= 200),
      resources prose_text,
      funding list_200 not null default '[]', milestones list_100 not null default '[]',
      indicators list_50 not null default '[]', reviews list_100 not null default '[]',
      service_site_ids uuid[] not null default '{}' constraint action_service_sites_length check (cardinality(service_site_ids) <= 200),
      sort_key text collate "C" generated always as (natural_key(code)) stored,
      funder_ids uuid[] generated always as (uuids_at(funding, 'funderId')) stored,
      constraint action_ends_after_start check (last_day(ends_on) >= first_day(starts_on))
    )`.execute(db)
  await sql`create index action_order on action (convention_id, sort_key, id)`.execute(db)
  await sql`create index action_carried_from_index on action (carried_from_id)`.execute(db)
  await sql`create index action_lead_index on action (lead_id)`.execute(db)
  for (const column of ['axis_ids', 'partner_ids', 'funder_ids', 'service_site_ids']) {
    await sql`create index ${sql.id(`action_${column}`)} on action using gin (${sql.ref(column)})`.execute(db)
  }
  await sql`select journal('action', 'action', 'sort_key', 'funder_ids')`.execute(db)
}

async function serviceSite(db: Kysely<unknown>) {
  await sql`
    create table service_site (${common},
      name title_text not null,
      types codes not null default '{}',
      manager_id uuid constraint service_site_manager references organization on delete restrict,
      identifiers list_20 not null default '[]',
      description prose_text,
      themes codes not null default '{}', audiences codes not null default '{}',
      commune_code text constraint service_site_commune check (commune_code ~ '^([0-9]{2}|2[AB])[0-9]{3}$'),
      address place_text, postcode text constraint service_site_postcode check (postcode ~ '^[0-9]{5}$'),
      latitude double precision constraint service_site_latitude check (latitude between -90 and 90),
      longitude double precision constraint service_site_longitude check (longitude between -180 and 180),
      capacity integer constraint service_site_capacity check (capacity between 0 and 100000),
      funding list_200 not null default '[]',
      opened_on partial_date, closed_on partial_date,
      opening_hours hours_text, website url_text, email email_text, phone phone_text,
      accessible boolean,
      convention_ids uuid[] not null default '{}',
      itinerant boolean not null,
      stops list_100 not null default '[]',
      funder_ids uuid[] generated always as (uuids_at(funding, 'funderId')) stored,
      department_codes text[] generated always as (departments_of_site(commune_code, stops)) stored,
      owner_id uuid constraint service_site_owner references organization on delete set null,
      constraint service_site_place check ((latitude is null) = (longitude is null)),
      constraint service_site_closes_after_opening check (last_day(closed_on) >= first_day(opened_on))
    )`.execute(db)
  await sql`create index service_site_manager_index on service_site (manager_id)`.execute(db)
  await sql`create index service_site_commune_index on service_site (commune_code, id)`.execute(db)
  await sql`create index service_site_stops on service_site using gin (stops jsonb_path_ops)`.execute(db)
  await sql`create index service_site_conventions on service_site using gin (convention_ids)`.execute(db)
  await sql`comment on column service_site.owner_id is 'Who may write it: the organization that made it, else the Caf of the first convention that it was linked to.'`.execute(
    db,
  )
  await sql`create index service_site_owner_index on service_site (owner_id)`.execute(db)
  await sql`create index service_site_funder_ids on service_site using gin (funder_ids)`.execute(db)
  await sql`
    create table convention_site (
      convention_id uuid constraint convention_site_convention references convention on delete cascade,
      site_id uuid constraint convention_site_site references service_site on delete restrict,
      constraint convention_site_key primary key (convention_id, site_id)
    )`.execute(db)
  await sql`comment on table convention_site is 'Which conventions a service site serves; service_site.convention_ids are the public ones.'`.execute(
    db,
  )
  await sql`create index convention_site_by_site on convention_site (site_id)`.execute(db)
  await sql`
    create trigger record_link after insert or update or delete on convention_site
    for each row execute function record_link()`.execute(db)
  await sql`alter table convention_site enable always trigger record_link`.execute(db)
  await sql`select journal('service-site', 'service_site', 'funder_ids', 'department_codes', 'owner_id')`.execute(db)
}
