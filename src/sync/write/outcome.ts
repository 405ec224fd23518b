/**
 * Outcome of a write of a document: what became of each object, as the journal says, and what is answered from that:
 * counts, the list of objects, the plan of a dry run.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { seenConvention } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { type Change, type Fields, LINKED } from '../../engine/change-set.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import type { StoredDocument } from '../document/document.ts'
import { documentLists, nameInDocument, toEntry } from '../document/key-mapping.ts'
import type { PlannedChange, SyncedObject, SyncReport } from '../document/schema.ts'

export interface Outcome {
  change: Change
  operation: SyncedObject['operation']
}

/** Gives the key by which a document names an id, or the id. */
export type NameOf = (id: string) => string

/** A row that this transaction wrote to the journal. */
interface Written {
  type: ResourceType
  id: string
  version: number
  operation: 'create' | 'update' | 'delete'
  /** Not under a draft that the caller does not see. */
  isSeen: boolean
}

/** What this transaction has written so far, by id, and whether the caller sees it. */
export async function selectWritten(db: Database, caller: Caller): Promise<Map<string, Written>> {
  const { rows } = await sql<Written>`select type, id, version,
      case operation when 'created' then 'create' when 'updated' then 'update' else 'delete' end as operation,
      not exists (select from convention c where c.id = h.convention_id and not ${seenConvention(caller)}) as "isSeen"
    from change h where tx = known_tx() and operation in ('created', 'updated', 'deleted') order by seq`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

/**
 * What became of each change: what the journal does not say was not written, but for links of a draft, which do not show
 * in their sites.
 */
export const outcomesOf = (changes: readonly Change[], written: ReadonlyMap<string, Written>): Outcome[] =>
  changes.map((change) => ({ change, operation: written.get(change.id)?.operation ?? linkOutcome(change) }))

const linkOutcome = ({ operation, fields }: Change) =>
  fields.includes(LINKED) || operation === 'delete' ? 'update' : 'unchanged'

export function report(outcomes: readonly Outcome[]): SyncReport {
  const count = (type?: ResourceType) => {
    const among = outcomes.filter(({ change }) => type === undefined || change.type === type)
    const of = (operation: Outcome['operation']) => among.filter((one) => one.operation === operation).length
    return { created: of('create'), updated: of('update'), deleted: of('delete'), unchanged: of('unchanged') }
  }
  const lists = Object.entries(documentLists).map(([name, type]) => [name, count(type)])
  return { ...count(), byType: { conventions: count('convention'), ...Object.fromEntries(lists) } }
}

/** The objects of a document, then what else was written with them, but for drafts that the caller does not see. */
export function objectsOf(outcomes: readonly Outcome[], written: ReadonlyMap<string, Written>): SyncedObject[] {
  const own = new Set(outcomes.map(({ change }) => change.id))
  const beside = [...written.values()].filter(({ id, isSeen }) => isSeen && !own.has(id))
  return [
    ...outcomes.map(({ change: { type, key = null, id, before }, operation }) => {
      const version = written.get(id)?.version ?? before?.version ?? 1
      return { type, key, id, version, operation }
    }),
    ...beside.map(({ type, id, version, operation }) => ({ type, key: null, id, version, operation })),
  ]
}

/** How a document names ids: by its own keys, by those of before, or as it was sent. */
export function namesOf(changes: readonly Change[], before?: StoredDocument): NameOf {
  const keys = new Map(changes.flatMap(({ id, key }) => (key === undefined ? [] : [[id, key]])))
  const sent = changes[0]?.place
  return (id) => keys.get(id) ?? before?.keys.get(id) ?? sent?.nameOf(id) ?? id
}

/** What would be done to each object; what would be created has no id yet. */
export const planned = (
  outcomes: readonly Outcome[],
  conventionId: string | undefined,
  nameOf: NameOf,
): PlannedChange[] =>
  outcomes.map(({ change, operation }) => ({
    operation,
    type: change.type,
    key: change.key ?? null,
    id: operation === 'create' ? null : change.id,
    changes: operation === 'update' ? fieldChanges(change, conventionId, nameOf) : [],
  }))

function fieldChanges(change: Change, conventionId: string | undefined, nameOf: NameOf): PlannedChange['changes'] {
  const { type, after, fields } = change
  const before: Fields = change.before ?? {}
  const [old, now] = [toEntry(type, before, nameOf), toEntry(type, after ?? before, nameOf)]
  const links = linksOf(before, after !== undefined, conventionId)
  const changed = fields.map((field) => {
    const name = nameInDocument(type, field)
    if (field === LINKED) return { field, old: links.old.map(nameOf), new: links.now.map(nameOf) }
    return { field: name, old: old[name] ?? before[field] ?? null, new: now[name] ?? after?.[field] ?? null }
  })
  const unlinked = after ? [] : [{ field: LINKED, old: links.old.map(nameOf), new: links.now.map(nameOf) }]
  return [...changed, ...unlinked]
}

/** The conventions that link a service site, before and after: it is listed now, or is so no longer. */
function linksOf(
  { conventionIds = [] }: Fields,
  isListed: boolean,
  conventionId = '',
): { old: string[]; now: string[] } {
  const old = conventionIds as string[]
  const others = old.filter((id) => id !== conventionId)
  return { old, now: isListed ? [...others, conventionId] : others }
}
