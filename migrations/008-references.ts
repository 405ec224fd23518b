/**
 * References in lists, which no foreign key can hold: `refer` refuses an id that does not exist, `release` refuses to
 * delete a row that a list still names. Whichever of two transactions comes second waits, then is refused. What a
 * draft names of another Caf it lets go.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await refer(db)
  await release(db)
  await clearReferences(db)
  const organizations = [
    ['action', 'partner_ids', 'action_partners'],
    ['action', 'funder_ids', 'action_funders'],
    ['service_site', 'funder_ids', 'service_site_funders'],
  ] as const
  for (const [table, column, constraint] of organizations) {
    await attach(db, 'refer', table, constraint, [constraint, column, 'organization', 'id'])
  }
  await attach(db, 'refer', 'action', 'action_axes', ['action_axes', 'axis_ids', 'axis', 'id'])
  await attach(db, 'refer', 'action', 'action_service_sites', [
    'action_service_sites',
    'service_site_ids',
    'convention_site',
    'site_id',
  ])
  await attach(db, 'release', 'organization', 'organization_in_use', [
    'organization_in_use',
    'id',
    'action.partner_ids',
    'action.funder_ids',
    'service_site.funder_ids',
  ])
  await attach(db, 'release', 'axis', 'axis_in_use', ['axis_in_use', 'id', 'action.axis_ids'])
  await attach(db, 'release', 'convention_site', 'service_site_in_use', [
    'service_site_in_use',
    'site_id',
    'action.service_site_ids',
  ])
}

/**
 * Arguments: constraint, column of ids, table and column that they refer to. Rows under a convention refer within it.
 * The rows are locked before they are looked for: a deletion under way is waited for, then seen.
 */
async function refer(db: Kysely<unknown>) {
  await sql`
    create function refer() returns trigger language plpgsql as $$
    declare
      within text := case when tg_argv[2] = 'organization' then '' else ' and t.convention_id = n.convention_id' end;
      ids text := format('select distinct r as id%s from written n, unnest(n.%I) r',
        case when within = '' then '' else ', n.convention_id' end, tg_argv[1]);
      missing uuid;
    begin
      execute format('select 1 from %I t where t.%I = any(array(select n.id from (%s) n)) order by t.%2$I for key share',
        tg_argv[2], tg_argv[3], ids);
      execute format('select n.id from (%s) n where not exists (select from %I t where t.%I = n.id%s) limit 1',
        ids, tg_argv[2], tg_argv[3], within) into missing;
      if missing is not null then
        raise foreign_key_violation using constraint = tg_argv[0], message = 'a list names what does not exist', detail = missing::text;
      end if;
      return null;
    end $$`.execute(db)
}

/** Arguments: constraint, own id, then each table.column that may name it. Deleting a convention deletes all under it. */
async function release(db: Kysely<unknown>) {
  await sql`
    create function release() returns trigger language plpgsql as $$
    declare
      gone uuid := (to_jsonb(old) ->> tg_argv[1])::uuid;
      owner uuid := (to_jsonb(old) ->> 'convention_id')::uuid;
      place text;
      used boolean;
    begin
      if owner is not null and not exists (select from convention where id = owner) then return null; end if;
      foreach place in array tg_argv[2:] loop
        execute format('select exists (select from %I where %I @> array[$1] and ($2 is null or (to_jsonb(%1$I) ->> ''convention_id'')::uuid = $2))',
          split_part(place, '.', 1), split_part(place, '.', 2)) into used using gone, owner;
        if used then raise restrict_violation using constraint = tg_argv[0], message = 'still named by a list'; end if;
      end loop;
      return null;
    end $$`.execute(db)
}

/**
 * Drafts of other Cafs stand in nobody's way: they are unseen there, and nobody could change them. The journal marks
 * these changes, because nobody asked for them.
 */
async function clearReferences(db: Kysely<unknown>) {
  await sql`
    create function clear_references(convention_id uuid, action_ids uuid[]) returns void language plpgsql as $$
    begin
      perform set_config('registry.clearing', 'on', true);
      update convention n set predecessor_id = nullif(n.predecessor_id, x.id), merged_into_id = nullif(n.merged_into_id, x.id)
        from convention x where x.id = $1 and (n.predecessor_id = x.id or n.merged_into_id = x.id)
          and n.state = 'draft' and n.caf_id <> x.caf_id;
      update action a set carried_from_id = null
        from action o, convention x, convention n
        where a.carried_from_id = o.id and (o.convention_id = $1 or o.id = any($2))
          and x.id = o.convention_id and n.id = a.convention_id and n.state = 'draft' and n.caf_id <> x.caf_id;
      perform set_config('registry.clearing', 'off', true);
    end $$`.execute(db)
  await sql`comment on function clear_references is 'Lets drafts of other Cafs name no more this convention, what is under it, and these actions.'`.execute(
    db,
  )
}

async function attach(db: Kysely<unknown>, name: 'refer' | 'release', table: string, trigger: string, args: string[]) {
  const call = sql`execute function ${sql.raw(name)}(${sql.join(args.map((value) => sql.lit(value)))})`
  const on = sql.table(table)
  if (name === 'release') {
    await sql`create trigger ${sql.id(trigger)} after delete on ${on} for each row ${call}`.execute(db)
    return
  }
  const inserted = sql.id(`${trigger}_inserted`)
  const updated = sql.id(`${trigger}_updated`)
  await sql`create trigger ${inserted} after insert on ${on} referencing new table as written for each statement ${call}`.execute(
    db,
  )
  await sql`create trigger ${updated} after update on ${on} referencing new table as written for each statement ${call}`.execute(
    db,
  )
}
