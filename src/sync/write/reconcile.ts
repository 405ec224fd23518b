/**
 * Reconciliation of a document with what people did to what its source made, pure. Each field is compared three ways:
 * `base`, what the source had sent then; `yours`, what the document sends now; `ours`, what the registry has. What the
 * document repeats stays as people left it; another value is a conflict, unless the request says who wins.
 */
import { hash } from 'node:crypto'
import { type Change, type Fields, LINKED, type Stored } from '../../engine/change-set.ts'
import { namedIds } from '../../engine/declaration/references.ts'
import type { Draft } from '../../engine/write/decide/complete.ts'
import { problem } from '../../http/errors/problems.ts'
import type { Item } from '../document/items.ts'
import { nameInDocument, toEntry } from '../document/key-mapping.ts'
import type { Warning } from '../document/schema.ts'
import type { NameOf } from './outcome.ts'
import type { Override } from './overrides.ts'

/** Who wins where both changed something: the document, or the registry; undefined refuses. */
export type ConflictRule = (typeof conflictRules)[number] | undefined
export const conflictRules = ['overwrite', 'keep'] as const

/** What overrides make of a document. */
export interface Reconciliation {
  conflicts: Conflict[]
  /** What the document and the registry agree on again. */
  settled: Override[]
  /** What the registry keeps on request, with what the document sends instead as its base. */
  acknowledged: Override[]
  /** What stays as people left it. */
  warnings: Warning[]
}

interface Conflict {
  override: Override
  pointer: string
  yours: unknown
  change?: Change
  /** Whether the registry's value names what the document no longer lists. */
  namesDropped?: boolean
}

const nothing = (): Reconciliation => ({ conflicts: [], settled: [], acknowledged: [], warnings: [] })

/** Whether people made a draft of the convention, which its document does not publish again. */
export const staysHidden = (
  { convention, overrides }: { convention: Fields | undefined; overrides: readonly Override[] },
  rule: ConflictRule,
): boolean =>
  rule !== 'overwrite' &&
  convention?.state === 'draft' &&
  overrides.some(({ id, field }) => id === convention.id && field === 'state')

const STAYS = {
  deleted: 'this was deleted in the registry, and stays so while the document repeats it',
  unlinked: 'this was unlinked from the convention in the registry, and stays so while the document repeats it',
  linked: 'is not listed, and stays linked: people linked it in the registry',
  value: 'the registry has another value since, by hand, and keeps it while the document repeats its own',
  named: 'stays, although the document no longer lists it: what people changed in the registry names it',
}

const kept = (pointer: string, message: string): Warning => ({ pointer, code: 'kept', message })
const nameOf = ({ type, key }: Pick<Change, 'type' | 'key'>) => `the ${type} ${JSON.stringify(key)}`

/** The items of a document without those that people deleted or unlinked and that stay so. */
export function reconcileItems(
  items: readonly Item[],
  overrides: readonly Override[],
  { linked = [], rule }: { linked: readonly Stored[] | undefined; rule: ConflictRule },
): { items: Item[]; absent: Map<string, string>; reconciliation: Reconciliation } {
  const nameOf = ({ type, key }: Pick<Item, 'type' | 'key'>) => `${type} ${key}`
  const own = overrides.filter(({ owner }) => owner === null)
  const deleted = new Map(own.flatMap((one) => (one.field === null ? [[nameOf(one), one] as const] : [])))
  const links = own.filter(({ field }) => field === LINKED)
  const reconciliation = nothing()
  const isLinked = ({ id }: Override) => linked.some((site) => site.id === id)
  const unlinked = new Map(links.flatMap((one) => (one.base && !isLinked(one) ? [[nameOf(one), one] as const] : [])))
  const absent = new Map<string, string>()
  for (const item of items) {
    const name = nameOf(item)
    const [override, unlinking] = [deleted.get(name), unlinked.get(name)]
    const outcome = override && reconcileDeleted(item, override, rule)
    if (outcome) add(reconciliation, outcome)
    if (unlinking) reconciliation.warnings.push(kept(item.pointer, STAYS.unlinked))
    const stays = unlinking ?? (outcome && outcome.warnings.length > 0 ? override : undefined)
    if (stays) absent.set(name, stays.id)
  }
  const listed = new Set(items.map(nameOf))
  const dropped = [...deleted].flatMap(([name, override]) => (listed.has(name) ? [] : [override]))
  // Whether it is linked is what the source had made of it again, or what the document makes of it.
  const agreed = links.filter((one) => [one.base, listed.has(nameOf(one))].includes(isLinked(one)))
  reconciliation.settled.push(...dropped, ...agreed)
  return { items: items.filter((item) => !absent.has(nameOf(item))), absent, reconciliation }
}

function reconcileDeleted(item: Item, override: Override, rule: ConflictRule): Reconciliation {
  const base = digestOf(item.input)
  const isRepeated = override.base === base
  const isConvention = item.type === 'convention'
  if (rule === 'overwrite' && (isConvention || !isRepeated)) return { ...nothing(), settled: [override] }
  if (!isConvention && (isRepeated || rule === 'keep')) {
    const acknowledged = isRepeated ? [] : [{ ...override, base }]
    return { ...nothing(), acknowledged, warnings: [kept(item.pointer, STAYS.deleted)] }
  }
  return { ...nothing(), conflicts: [{ override, pointer: item.pointer, yours: isConvention ? null : item.input }] }
}

const digestOf = ({ id: _, version: __, ...input }: Fields) => hash('sha256', JSON.stringify(input), 'hex')

const isSame = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

function add(sum: Reconciliation, { conflicts, settled, acknowledged, warnings }: Reconciliation): void {
  sum.conflicts.push(...conflicts)
  sum.settled.push(...settled)
  sum.acknowledged.push(...acknowledged)
  sum.warnings.push(...warnings)
}

/**
 * The reconciliation of a document, object by object: `staying` first, for what is no longer listed, then each change
 * as it is completed.
 * @param begun what became of its items, to which all else is added
 */
export function reconciler(begun: Reconciliation, overrides: readonly Override[], rule: ConflictRule) {
  const fields = overrides.filter(({ field }) => field !== null && field !== LINKED)
  const byObject = Map.groupBy(fields, ({ id }) => id)
  const linkedByHand = new Set(overrides.flatMap(({ id, field, base }) => (field === LINKED && !base ? [id] : [])))
  /** Those whose values name what the document drops: people cannot keep them, unless that stays too. */
  const contested = new Set<Override>()

  /** Whether an object stays by itself that is no longer listed. */
  function staysAlone(change: Change): boolean {
    if (linkedByHand.has(change.id)) {
      begun.warnings.push(kept(change.place.at(''), `${nameOf(change)} ${STAYS.linked}`))
      return true
    }
    const own = byObject.get(change.id)
    const outcome = own && reconcileDropped(change, own, rule)
    if (outcome) add(begun, outcome)
    return outcome !== undefined && outcome.warnings.length > 0
  }

  /** What the values of people name of what is dropped, with the overrides that do. */
  const namedByHand = (drafts: readonly Draft[], dropped: ReadonlyMap<string, Change>) =>
    drafts.flatMap(({ id, before = {}, after }) =>
      (byObject.get(id) ?? []).flatMap((override) => {
        const [ours, yours] = [idsIn(before, override), idsIn(after, override)]
        return ours.flatMap((one) => {
          const change = yours.includes(one) ? undefined : dropped.get(one)
          return change ? [{ override, change }] : []
        })
      }),
    )

  return {
    /** The ids of what stays of what the document no longer lists. */
    staying(dropped: readonly Change[], drafts: readonly Draft[]): Set<string> {
      const byId = new Map(dropped.map((change) => [change.id, change]))
      const staying = new Set(dropped.filter(staysAlone))
      const stay = (change: Change) => {
        if (staying.has(change)) return
        staying.add(change)
        begun.warnings.push(kept(change.place.at(''), `${nameOf(change)} ${STAYS.named}`))
      }
      for (const { override, change } of namedByHand(drafts, byId)) {
        if (rule === 'keep') stay(change)
        else if (!staying.has(change)) contested.add(override)
      }
      for (const { type, before = {} } of staying)
        for (const { id } of namedIds(type, before)) {
          const change = byId.get(id)
          if (change) stay(change)
        }
      return new Set([...staying].map(({ id }) => id))
    },
    /** What stood when the source wrote last: the values that people changed are those that it had sent. */
    sourced({ id, before }: Draft): Stored | undefined {
      const own = byObject.get(id)
      return own && before && { ...before, ...Object.fromEntries(own.map(({ field, base }) => [field, base])) }
    },
    /** The values of a change that stay as people set them. */
    reconcile(change: Change): Fields {
      const own = byObject.get(change.id) ?? []
      const outcome = reconcileFields(change, own, { rule, contested })
      add(begun, outcome)
      return outcome.values
    },
  }
}

/** The ids that the value of a field holds. */
const idsIn = (body: Fields, { field }: Override) => [body[field as string] ?? []].flat() as unknown[] as string[]

/** What becomes of the fields of an object that people changed. */
function reconcileFields(
  change: Change,
  overrides: readonly Override[],
  { rule, contested }: { rule: ConflictRule; contested: ReadonlySet<Override> },
): Reconciliation & { values: Fields } {
  const { before = {}, after = {}, place } = change as { before?: Fields; after?: Fields; place: Change['place'] }
  const outcome = { ...nothing(), values: {} as Fields }
  for (const override of overrides) {
    const { field, base } = override as { field: string; base: unknown }
    const [yours, ours] = [after[field], before[field]]
    const pointer = place.at(`/${field}`)
    const isRepeated = isSame(yours, base)
    const namesDropped = contested.has(override)
    const isOverwritten = rule === 'overwrite' && (!isRepeated || namesDropped)
    if (isSame(yours, ours) || isSame(ours, base) || isOverwritten) outcome.settled.push(override)
    else if (!namesDropped && (isRepeated || rule === 'keep')) {
      outcome.values[field] = ours
      outcome.warnings.push(kept(pointer, STAYS.value))
      if (!isRepeated) outcome.acknowledged.push({ ...override, base: yours })
    } else outcome.conflicts.push({ override, pointer, yours, change, namesDropped })
  }
  return outcome
}

/** What becomes of an object that people changed and its document no longer lists, which sends null of each field. */
function reconcileDropped(change: Change, overrides: readonly Override[], rule: ConflictRule): Reconciliation {
  const before: Fields = change.before ?? {}
  const changed = overrides.filter(({ field, base }) => !isSame(before[field as string], base))
  const pointer = change.place.at('')
  if (rule === 'overwrite') return nothing()
  if (rule === undefined && changed.some(({ base }) => !isSame(base, null)))
    return { ...nothing(), conflicts: changed.map((override) => ({ override, pointer, yours: null, change })) }
  const names = changed.map(({ field }) => field).join(', ')
  const message = `the document no longer lists ${nameOf(change)}, which stays: people changed its ${names} in the registry`
  return {
    ...nothing(),
    acknowledged: rule === 'keep' ? changed.map((override) => ({ ...override, base: null })) : [],
    warnings: changed.length > 0 ? [kept(pointer, message)] : [],
  }
}

/** Throws a 409 that lists every conflict, with the three values by the keys of the document. */
export function refuseConflicts(conflicts: readonly Conflict[], nameOf: NameOf): void {
  if (conflicts.length === 0) return
  const many = conflicts.length === 1 ? 'one change' : `${conflicts.length} changes`
  const naming = conflicts.filter(({ namesDropped }) => namesDropped).map(({ pointer }) => pointer)
  const dropped =
    naming.length > 0 ? ` People named there what it no longer lists: ${naming.slice(0, 10).join(', ')}.` : ''
  const detail = `The document contradicts ${many} that people made of what its source had sent: conflicts=overwrite takes the document's values, conflicts=keep the registry's.${dropped}`
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
