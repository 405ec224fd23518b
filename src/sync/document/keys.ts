/**
 * Keys of a source: its names for the resources that it holds, and those by which its documents name actions of its
 * other conventions.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Change } from '../../engine/change-set.ts'
import { definitionOf } from '../../engine/declaration/resource.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { refreshDerivedOfOrganizations } from '../../engine/write/rows.ts'
import { KEY_MAX } from '../../http/schema/schemas.ts'
import { type Item, namesUsed, ofType } from './items.ts'

/** Whether keys of this type count in the whole source, and not in their document only. */
export const countsInSource = (type: ResourceType): boolean => definitionOf(type).visibility !== 'convention'

export interface KeyMap {
  /** The id that a key of the source means; undefined when it means none. */
  idOf(type: ResourceType, key: string): string | undefined
  /** The organizations that the document listed before, by key. */
  listed: ReadonlyMap<string, string>
}

/** What the keys of a document mean: that of the document itself, those of its items and those that it names. */
export async function selectKeys(db: Database, source: string, key: string, items: readonly Item[]): Promise<KeyMap> {
  const keysOf = (type: ResourceType) => ofType(items, type).map((one) => one.key)
  const wanted: Partial<Record<ResourceType, string[]>> = {
    convention: [key, ...namesUsed(items, 'convention')],
    organization: [...keysOf('organization'), ...namesUsed(items, 'organization')],
    'service-site': keysOf('service-site'),
  }
  const pairs = Object.entries(wanted).flatMap(([type, keys]) => [...new Set(keys)].map((one) => [type, one] as const))
  const { rows } = await sql<{ type: string; key: string; id: string }>`
    select k.type, k.key, k.id from unnest(${pairs.map(([type]) => type)}::text[], ${pairs.map(([, one]) => one)}::text[]) wanted (type, key)
      join source_key k on k.source = ${source} and k.type = wanted.type and k.key = wanted.key and k.convention_id is null
    union all
    select 'listed', d.key, d.organization_id from document_organization d
      join source_key k on k.source = d.source and k.type = 'convention' and k.convention_id is null and k.id = d.convention_id
    where d.source = ${source} and k.key = ${key}`.execute(db)
  const actions = await selectActionNames(db, source, namesUsed(items, 'action'))
  const ids = new Map(rows.map((row) => [`${row.type} ${row.key}`, row.id]))
  return {
    idOf: (type, name) => (type === 'action' ? actions.get(name) : ids.get(`${type} ${name}`)),
    listed: new Map(rows.flatMap((row) => (row.type === 'listed' ? [[row.key, row.id]] : []))),
  }
}

/**
 * Every action of a source that a name may mean, `<convention key>/<action key>`: rows of `source_key` called `meant`. Keys
 * may hold slashes, so that a name can be read in several ways; then it means none of them.
 */
export const readings = (source: RawBuilder<unknown>, name: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  generate_series(greatest(char_length(${name}) - 1 - ${KEY_MAX}::int, 1), least(char_length(${name}) - 2, ${KEY_MAX}::int)) at
    join source_key around on substr(${name}, at + 1, 1) = '/' and around.source = ${source} and around.type = 'convention'
      and around.convention_id is null and around.key = left(${name}, at)
    join source_key meant on meant.source = around.source and meant.type = 'action' and meant.convention_id = around.id
      and meant.key = substr(${name}, at + 2)`

/** The ids of actions of a source by their names. */
async function selectActionNames(db: Database, source: string, names: string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const { rows } = await sql<{ name: string; id: string }>`
    select n.name, (array_agg(m.id))[1] as id
    from unnest(${names}::text[]) n (name), lateral (select meant.id from ${readings(sql`${source}`, sql`n.name`)}) m
    group by n.name having count(*) = 1`.execute(db)
  return new Map(rows.map(({ name, id }) => [name, id]))
}

/** What changes of the keys of a source. */
export interface KeyChanges {
  source: string
  conventionId: string
  /** What is called by a key that it did not have. */
  keyed: { type: ResourceType; key: string; id: string }[]
  /** The organizations that the document lists, by key; undefined when they are those of before. */
  listed: ReadonlyMap<string, string> | undefined
}

/** Compares the keys of a document with those of before. Pure. */
export function keyChanges(
  names: Pick<KeyChanges, 'source' | 'conventionId'>,
  before: KeyMap,
  changes: readonly Change[],
  organizations: ReadonlyMap<string, string>,
): KeyChanges {
  const isKept = ({ before: stored, key }: Change) =>
    stored?.sources.some((own) => own.source === names.source && own.key === key)
  const written = changes.filter(({ type, operation }) => type !== 'organization' && operation !== 'delete')
  const added = written.filter((change) => !isKept(change)).map(({ type, key = '', id }) => ({ type, key, id }))
  const meant = [...organizations].filter(([key, id]) => before.idOf('organization', key) !== id)
  const isSame =
    before.listed.size === organizations.size && [...organizations].every(([key, id]) => before.listed.get(key) === id)
  const keyed = [...added, ...meant.map(([key, id]) => ({ type: 'organization' as const, key, id }))]
  return { ...names, keyed, listed: isSame ? undefined : organizations }
}

export const isUnchanged = ({ keyed, listed }: KeyChanges): boolean => keyed.length === 0 && listed === undefined

/** Writes the keys of a source, after what they mean. */
export async function writeKeys(db: Database, { source, conventionId, keyed, listed }: KeyChanges): Promise<void> {
  if (keyed.length > 0) {
    const rows = keyed.map((one) => ({
      source,
      ...one,
      convention_id: countsInSource(one.type) ? null : conventionId,
    }))
    await sql`insert into source_key (source, type, convention_id, key, id)
      select source, type, convention_id, key, id from jsonb_populate_recordset(null::source_key, ${JSON.stringify(rows)}::jsonb)
      on conflict (source, type, convention_id, key) do update set id = excluded.id`.execute(db)
  }
  if (listed) await writeListed(db, { source, conventionId, listed })
  if (listed || keyed.some(({ type }) => type === 'organization')) await refreshDerivedOfOrganizations(db, conventionId)
}

async function writeListed(
  db: Database,
  {
    source,
    conventionId,
    listed,
  }: Pick<KeyChanges, 'source' | 'conventionId'> & { listed: ReadonlyMap<string, string> },
) {
  const rows = [...listed].map(([key, id]) => ({ convention_id: conventionId, source, key, organization_id: id }))
  await sql`delete from document_organization where convention_id = ${conventionId} and source = ${source}
    and key <> all(${rows.map(({ key }) => key)})`.execute(db)
  await sql`insert into document_organization select * from jsonb_populate_recordset(null::document_organization, ${JSON.stringify(rows)}::jsonb)
    on conflict (convention_id, source, key) do update set organization_id = excluded.organization_id`.execute(db)
}
