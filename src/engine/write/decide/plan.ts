/**
 * Plan: the rows that a change set makes and what has to be derived from them, pure. apply.ts writes it; an empty one
 * writes nothing.
 */
import { type Change, type ChangeSet, isClosed, LINKED, type Stored, touches, type View } from '../../change-set.ts'
import { parisDay } from '../../day.ts'
import type { Facts } from '../../declaration/declaration.ts'
import { definitionOf, definitions } from '../../declaration/resource.ts'
import type { ResourceType } from '../../resource-types.ts'
import type { Row } from '../../row-mapper.ts'
import { rowOf } from '../rows.ts'

export interface Plan {
  rows: ReadonlyMap<ResourceType, { insert: Row[]; update: Row[]; delete: string[] }>
  conventionId: string | undefined
  link: readonly string[]
  unlink: readonly string[]
  /** References of other Cafs' drafts to clear: to the convention with all under it, and to actions. */
  cleared: { conventionId: string | undefined; actionIds: readonly string[] }
  refresh: Refresh
  isEmpty: boolean
}

/** What follows from the rows. */
interface Refresh {
  /** Conventions whose period, status, successors or signatories' days may change. */
  conventions: string[]
  /** The Cafs before and after, where the convention changes hands. */
  cafs: { from: string; to: string } | undefined
  /** Whether linked sites without an owner now belong to the Caf of the convention. */
  claims: boolean
  /** Whether the convention appears to or vanishes from the public. */
  appears: boolean
  /** Whether it becomes public, with the sources that it brings to organizations. */
  isPublished: boolean
  /** Constraints that are deferred, to be checked before the lock of COMMIT is taken. */
  constraints: string[]
}

interface Context extends Omit<Facts, 'view'> {
  source: string | undefined
  standing: { convention: Stored | undefined; statusDue: string | null }
  now: Date
}

/** The rows that a change set makes. Pure. */
export function planOf(set: ChangeSet, view: View, context: Context): Plan {
  const types = Map.groupBy(set.changes, ({ type }) => type)
  const rows = new Map(
    [...types].map(([type, changes]) => {
      const of = (operation: Change['operation']) => changes.filter((one) => one.operation === operation)
      const row = (change: Change) => rowOfChange(change, { ...context, view })
      const released = (change: Change) => {
        const columns = definitionOf(type).releasedColumns(change, view)
        return columns ? [{ id: change.id, ...columns }] : []
      }
      return [
        type,
        {
          insert: of('create').map(row),
          update: [...of('delete').flatMap(released), ...of('update').filter(hasRow).map(row)],
          delete: of('delete').map(({ id }) => id),
        },
      ]
    }),
  )
  const refresh = refreshOf(set, view, context)
  const isWritten = set.changes.some(({ operation }) => operation !== 'keep')
  const isEmpty = !isWritten && set.link.length + set.unlink.length + refresh.conventions.length === 0
  const { conventionId, link, unlink } = set
  return { rows, conventionId, link, unlink, cleared: clearedBy(set, view), refresh, isEmpty }
}

function clearedBy({ changes, conventionId }: ChangeSet, view: View): Plan['cleared'] {
  const { before, after } = view.changeOf(conventionId) ?? {}
  const isGone = before !== undefined && (!after || isClosed(before, after))
  const actionIds = changes.flatMap(({ type, operation, id }) =>
    type === 'action' && operation === 'delete' ? [id] : [],
  )
  return { conventionId: isGone ? conventionId : undefined, actionIds }
}

/** A site that is only linked stays as it is. */
const hasRow = ({ fields }: Change) => fields.some((field) => field !== LINKED)

function rowOfChange(change: Change, context: Context & Facts): Row {
  const { operation, type, id, key, after = {}, fields } = change
  const { source } = context
  const own = definitionOf(type)
  const created = {
    ...(after.conventionId !== undefined && { convention_id: after.conventionId }),
    ...(source !== undefined && { sources: after.sources ?? [{ source, key }] }),
  }
  return {
    id,
    ...rowOf(own, after),
    ...(operation === 'create' && created),
    ...(fields.includes('sources') && { sources: after.sources }),
    ...own.derivedColumns(change, context),
  }
}

function refreshOf(set: ChangeSet, view: View, { standing, now }: Context): Refresh {
  const own = view.changeOf(set.conventionId)
  const { before, after } = own ?? {}
  const isOfDays = (change: Change) => change.operation === 'delete' || daysOf(change)
  const isDue = own !== undefined && standing.statusDue !== null && standing.statusDue <= parisDay(now)
  const isMoved = set.changes.some((change) => change.type !== 'convention' && isOfDays(change))
  const renewed = own && touches(own, 'predecessorId', 'state') ? [before?.predecessorId, after?.predecessorId] : []
  const left = own?.operation === 'delete' ? [before?.predecessorId] : []
  const isKept = own?.operation !== 'delete' && set.conventionId !== undefined
  const conventions = [
    isKept && (isMoved || isDue || (own && daysOf(own))) ? set.conventionId : null,
    ...renewed,
    ...left,
  ]
  const appears = before !== undefined && (!after || (before.state === 'draft') !== (after.state === 'draft'))
  const from = before?.cafId as string | undefined
  return {
    conventions: [...new Set(conventions.filter((id) => typeof id === 'string'))],
    cafs: from && after && from !== after.cafId ? { from, to: after.cafId as string } : undefined,
    claims: view.isPublic && (set.link.length > 0 || view.isPublished),
    appears,
    isPublished: view.isPublished,
    constraints: definitions().flatMap(({ type, deferred }) =>
      deferred && set.changes.some((change) => change.type === type && touches(change, ...deferred.fields))
        ? deferred.constraints
        : [],
    ),
  }
}

/** Whether the period, the status or the days of signatories may follow from a change. */
function daysOf(change: Change): boolean {
  const { dayFields } = definitionOf(change.type)
  return dayFields.length > 0 && touches(change, ...dayFields)
}
