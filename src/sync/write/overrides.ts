/**
 * Overrides as rows: what people changed, deleted, linked or unlinked of what a source made, each with what the source
 * had sent (`base`), and what was handed over to another source. reconcile.ts says what they make of a document.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { LINKED } from '../../engine/change-set.ts'
import { definitionOf } from '../../engine/declaration/resource.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { bodyOf } from '../../engine/write/decide/complete.ts'
import { insertionOf, type OverrideRow } from '../../engine/write/overrides.ts'
import { problem } from '../../http/errors/problems.ts'
import { type Item, ofType } from '../document/items.ts'

export interface Override extends OverrideRow {
  type: ResourceType
  /** The source to which it was handed over. */
  owner: string | null
}

/** The overrides of what a document means, read once its convention and sites are locked. */
export async function selectOverrides(
  db: Database,
  source: string,
  conventionId: string | undefined,
  items: readonly Item[],
): Promise<Override[]> {
  const keysOf = (type: ResourceType) => ofType(items, type).map(({ key }) => key)
  const { rows } = await sql<Override>`
    select o.*, (select k.source from source_key k where k.id = o.id and o.field is null and k.source <> ${source} limit 1) as owner
    from override o where o.source = ${source} and (o.convention_id = ${conventionId ?? null}
      or o.convention_id is null and (o.type, o.key) in (
        select 'convention', unnest(${keysOf('convention')}::text[]) union all
        select 'service-site', unnest(${keysOf('service-site')}::text[])))`.execute(db)
  return rows.map((row) => ({ ...row, base: baseOf(row) }))
}

/** What the source had sent, in the form of today: it may be kept since before its field got another member. */
function baseOf({ type, field, base }: Override): unknown {
  if (field === null || field === LINKED) return base
  return bodyOf(definitionOf(type), { [field]: base })[field]
}

/** Throws a 409 that names the owner of what was handed over to another source. */
export function refuseForeign(overrides: readonly Override[], items: readonly Item[]): void {
  const errors = overrides.flatMap(({ type, key, owner }) => {
    const item = owner === null ? undefined : items.find((one) => one.type === type && one.key === key)
    if (!item) return []
    const message = `${JSON.stringify(key)} belongs to the source ${owner}, which alone writes it.`
    return [{ pointer: item.pointer, code: 'other-source', message } as const]
  })
  if (errors.length === 0) return
  const owners = [...new Set(overrides.flatMap(({ owner }) => owner ?? []))]
  throw problem('other-source', `Another source owns what the document writes: ${owners.join(', ')}.`, { errors })
}

/** The source to which a convention was handed over; undefined when it was not, or is out of the caller's sight. */
export async function selectNewOwner(
  db: Database,
  caller: Caller,
  source: string,
  key: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ owner: string }>`
    select k.source as owner from override o join source_key k on k.id = o.id and k.source <> o.source join convention t on t.id = o.id
    where o.source = ${source} and o.type = 'convention' and o.key = ${key} and o.field is null
      and ${visible(caller, 'own') ?? sql`true`} limit 1`.execute(db)
  return rows[0]?.owner
}

interface Settlement {
  /** What the document and the registry agree on again. */
  settled: readonly Override[]
  /** What the registry keeps, with what the source sends now as its new base. */
  acknowledged: readonly Override[]
}

/** Forgets what is settled, and remembers what the source sends now where the registry keeps its own. */
export async function writeOverrides(db: Database, { settled, acknowledged }: Settlement): Promise<void> {
  const gone = [...settled, ...acknowledged]
  if (gone.length === 0) return
  await sql`delete from override o using json_populate_recordset(null::override, ${JSON.stringify(gone)}::json) g
    where o.source = g.source and o.id = g.id and o.convention_id is not distinct from g.convention_id and o.field is not distinct from g.field`.execute(
    db,
  )
  await insertionOf(acknowledged.map(({ owner: _, ...row }) => row)).execute(db)
}
