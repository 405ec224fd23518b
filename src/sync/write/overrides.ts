/**
 * Overrides of a document: what people changed or deleted of what its source made. Each field is compared three ways:
 * `base`, what the source had sent then; `yours`, what the document sends now; `ours`, what the registry has. What the
 * document repeats stays as people left it; another value is a conflict, unless the request says who wins.
 */
import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Change, Fields } from '../../engine/change-set.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { insertionOf, type OverrideRow } from '../../engine/write/overrides.ts'
import { problem } from '../../http/errors/problems.ts'
import { type Item, ofType } from '../document/items.ts'
import { nameInDocument, toEntry } from '../document/key-mapping.ts'
import type { Warning } from '../document/schema.ts'
import type { NameOf } from './outcome.ts'

/** Who wins where both changed something: the document, or the registry; undefined refuses. */
export type ConflictRule = 'overwrite' | 'keep' | undefined

export interface Override extends OverrideRow {
  type: ResourceType
  /** The source to which it was handed over. */
  owner: string | null
}

/** What overrides make of a document. */
export interface Reconciliation {
  conflicts: readonly Conflict[]
  /** What the document and the registry agree on again. */
  settled: readonly Override[]
  /** What stays as people left it, with what the document sends instead as its new base. */
  kept: readonly Kept[]
}

interface Kept {
  override: Override
  base: unknown
  pointer: string
  isAcknowledged: boolean
  /** Whether it is of an object that the document no longer lists. */
  isDropped?: true
}

interface Conflict {
  override: Override
  pointer: string
  yours: unknown
  change?: Change
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
  return rows
}

/** Whether people made a draft of the convention, which its document does not publish again. */
export const staysHidden = (
  { convention, overrides }: { convention: Fields | undefined; overrides: readonly Override[] },
  rule: ConflictRule,
): boolean =>
  rule !== 'overwrite' &&
  convention?.state === 'draft' &&
  overrides.some(({ id, field }) => id === convention.id && field === 'state')

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

/** The items of a document without those that people deleted and that stay so. */
export function reconcileItems(
  items: readonly Item[],
  overrides: readonly Override[],
  rule: ConflictRule,
): { items: Item[]; reconciliation: Reconciliation } {
  const deleted = new Map(
    overrides.flatMap((one) =>
      one.field === null && one.owner === null ? [[`${one.type} ${one.key}`, one] as const] : [],
    ),
  )
  const outcome = {
    conflicts: [] as Conflict[],
    settled: [] as Override[],
    kept: [] as Reconciliation['kept'][number][],
  }
  const remaining = items.filter((item) => {
    const override = deleted.get(`${item.type} ${item.key}`)
    if (!override) return true
    const base = digestOf(item.input)
    const isRepeated = override.base === base
    if (rule === 'overwrite') outcome.settled.push(override)
    else if (item.type !== 'convention' && (isRepeated || rule === 'keep'))
      outcome.kept.push({ override, base, pointer: item.pointer, isAcknowledged: !isRepeated })
    else
      outcome.conflicts.push({ override, pointer: item.pointer, yours: item.type === 'convention' ? null : item.input })
    return !outcome.kept.some((one) => one.override === override)
  })
  const listed = new Set(items.map(({ type, key }) => `${type} ${key}`))
  const dropped = [...deleted].flatMap(([name, override]) => (listed.has(name) ? [] : [override]))
  return { items: remaining, reconciliation: { ...outcome, settled: [...outcome.settled, ...dropped] } }
}

const digestOf = ({ id: _, version: __, ...input }: Fields) => hash('sha256', JSON.stringify(input), 'hex')

/** What becomes of the fields of an object that people changed. Pure. */
function reconcileFields(
  change: Change,
  overrides: readonly Override[],
  rule: ConflictRule,
): Reconciliation & { values: Fields } {
  const { before = {}, after = {}, place } = change as { before?: Fields; after?: Fields; place: Change['place'] }
  const outcome = {
    conflicts: [] as Conflict[],
    settled: [] as Override[],
    kept: [] as Reconciliation['kept'][number][],
  }
  const values: Fields = {}
  for (const override of overrides) {
    const field = override.field as string
    const [yours, ours] = [after[field], before[field]]
    const pointer = place.at(`/${field}`)
    const isRepeated = isSame(yours, override.base)
    if (isSame(yours, ours) || isSame(ours, override.base) || (rule === 'overwrite' && !isRepeated))
      outcome.settled.push(override)
    else if (isRepeated || rule === 'keep') {
      values[field] = ours
      outcome.kept.push({ override, base: yours, pointer, isAcknowledged: !isRepeated })
    } else outcome.conflicts.push({ override, pointer, yours, change })
  }
  return { ...outcome, values }
}

/** What becomes of an object that people changed and its document no longer lists, which sends null of each field. Pure. */
function reconcileDropped(change: Change, overrides: readonly Override[], rule: ConflictRule): Reconciliation {
  const before: Fields = change.before ?? {}
  const changed = overrides.filter(({ field, base }) => !isSame(before[field as string], base))
  const pointer = change.place.at('')
  if (rule === 'overwrite') return { conflicts: [], settled: [], kept: [] }
  if (rule === 'keep' || changed.every(({ base }) => isSame(base, null))) {
    const kept = changed.map((override) => ({ override, base: null, pointer, isDropped: true as const }))
    return { conflicts: [], settled: [], kept: kept.map((one) => ({ ...one, isAcknowledged: rule === 'keep' })) }
  }
  const conflicts = changed.map((override) => ({
    override,
    pointer,
    yours: null,
    change,
  }))
  return { conflicts, settled: [], kept: [] }
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/**
 * The reconciliation of a document, object by object as each is completed.
 * @returns `reconcile`, which gives the values of a change that stay, `stays`, whether an object stays that is no longer
 *   listed, and all that was found so far
 */
export function reconciler(overrides: readonly Override[], rule: ConflictRule) {
  const byObject = Map.groupBy(
    overrides.filter(({ field }) => field !== null),
    ({ id }) => id,
  )
  const found: Reconciliation[] = []
  return {
    found,
    reconcile: (change: Change): Fields | undefined => {
      const own = byObject.get(change.id)
      if (!own) return undefined
      const { values, ...reconciliation } = reconcileFields(change, own, rule)
      found.push(reconciliation)
      return values
    },
    stays(dropped: Change): boolean {
      const own = byObject.get(dropped.id)
      if (!own) return false
      const reconciliation = reconcileDropped(dropped, own, rule)
      found.push(reconciliation)
      return reconciliation.kept.length > 0
    },
  }
}

/** Throws a 409 that lists every conflict, with the three values by the keys of the document. */
export function refuseConflicts(conflicts: readonly Conflict[], nameOf: NameOf): void {
  if (conflicts.length === 0) return
  const many = conflicts.length === 1 ? 'one change' : `${conflicts.length} changes`
  const detail = `The document contradicts ${many} that people made of what its source had sent: conflicts=overwrite takes the document's values, conflicts=keep the registry's.`
  throw problem('source-conflict', detail, {
    members: { conflicts: conflicts.map((conflict) => shown(conflict, nameOf)) },
  })
}

function shown({ override, pointer, yours, change }: Conflict, nameOf: NameOf) {
  const { type, key, id, field, base } = override
  const about = { pointer, type, key, id }
  if (field === null || !change) return { ...about, field: null, base: null, yours, ours: null }
  const name = nameInDocument(type, field)
  const named = (value: unknown) => toEntry(type, { ...change.before, [field]: value }, nameOf)[name]
  return { ...about, field: name, base: named(base), yours: named(yours), ours: named(change.before?.[field]) }
}

/** What stays as people left it, as warnings. */
export const keptWarnings = ({ kept }: Pick<Reconciliation, 'kept'>): Warning[] =>
  kept.map(({ override: { type, key, field }, pointer, isDropped }) => ({
    pointer,
    code: 'kept',
    message: isDropped
      ? `the document no longer lists the ${type} ${JSON.stringify(key)}, which stays: people changed its ${field} in the registry`
      : field === null
        ? 'this was deleted in the registry, and stays so while the document repeats it'
        : 'the registry has another value since, by hand, and keeps it while the document repeats its own',
  }))

/** Several parts of a reconciliation as one. */
export const merged = (parts: readonly Reconciliation[]): Reconciliation => ({
  conflicts: parts.flatMap(({ conflicts }) => conflicts),
  settled: parts.flatMap(({ settled }) => settled),
  kept: parts.flatMap(({ kept }) => kept),
})

/** Forgets what is settled, and remembers what the source sends now where the registry keeps its own. */
export async function writeOverrides(db: Database, { settled, kept }: Reconciliation): Promise<void> {
  const acknowledged = kept.filter(({ isAcknowledged }) => isAcknowledged)
  const gone = [...settled, ...acknowledged.map(({ override }) => override)]
  if (gone.length === 0) return
  await sql`delete from override o using json_populate_recordset(null::override, ${JSON.stringify(gone)}::json) g
    where o.source = g.source and o.id = g.id and o.convention_id is not distinct from g.convention_id and o.field is not distinct from g.field`.execute(
    db,
  )
  const rows = acknowledged.map(({ override: { owner: _, ...row }, base }) => ({ ...row, base }))
  await insertionOf(rows).execute(db)
}
