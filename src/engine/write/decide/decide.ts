/**
 * Decision: the middle stages of every write, the same for one resource and for a whole document: resolve references,
 * complete bodies, check the state after the write, plan. Throws a 422 with all errors, else a 409 that names what is in
 * the way. Nothing is written.
 */
import type { Caller } from '../../../auth/caller.ts'
import type { Database } from '../../../db/database.ts'
import type { BodyError } from '../../../http/errors/field-errors.ts'
import type { Change, ChangeSet, Fields, Finding, Named, Standing, Stored, View } from '../../change-set.ts'
import { LINKED, touches, viewOf } from '../../change-set.ts'
import { type NamedId, namedIds } from '../../declaration/references.ts'
import type { ResourceType } from '../../resource-types.ts'
import { mapInTurns } from '../turns.ts'
import { findingsIn, lostFields, namesToCheck, throwFindings } from './checks.ts'
import { complete, type Draft, isOpening, selectTerritoryNames, territoriesOf } from './complete.ts'
import { cycleErrors } from './cycles.ts'
import { selectNamed } from './names.ts'
import { type Plan, planOf } from './plan.ts'
import { departmentsOf } from './territories.ts'
import { refuseUsers, selectUsers, type UsersOf } from './users.ts'

/** What was sent, resolved to resources, and what stands around them. */
export interface Proposal {
  caller: Caller
  now: Date
  /** As it was sent, and what is wrong with it so far. */
  body: unknown
  errors: BodyError[]
  conventionId: string | undefined
  drafts: readonly Draft[]
  /** Changes that need no completion: deletions, organizations of a document, links. */
  prepared?: readonly Change[]
  link?: readonly string[]
  /** What no source had made, and the source takes over. */
  adopted?: ReadonlySet<string>
  unlink?: readonly string[]
  /** What is named within what was sent. */
  known?: ReadonlyMap<string, Named>
  /** Types whose references `known` alone resolves, without a query. */
  knownTypes?: ReadonlySet<ResourceType>
  standing: Standing & { statusDue: string | null }
  /** Where people changed what a source made: what it had made, by which what it sends is completed, ... */
  sourced?: (draft: Draft) => Stored | undefined
  /** ... and the values of this change that stay as people set them. */
  reconcile?: (change: Change) => Fields
  /** What must not be named any more. */
  gone?: UsersOf & { subject: string; errorsOf?: Parameters<typeof refuseUsers>[2] }
  /** The owner of service sites that are created. */
  ownerId: string | null
  /** The source that writes. */
  source?: string
}

interface Decided {
  set: ChangeSet
  view: View
  plan: Plan
}

/** Decides on what was asked. Throws a 422, else a 409; locks the organizations that are named. */
export async function decide(db: Database, proposal: Proposal): Promise<Decided> {
  const { conventionId, prepared = [], link = [], unlink = [], standing } = proposal
  const named = await resolve(db, proposal)
  const { changes, errors } = await completeAll(db, proposal, named)
  const set = {
    conventionId,
    changes: [...prepared.filter(stays), ...changes, ...prepared.filter((one) => !stays(one))],
    link,
    unlink,
  }
  const view = viewOf(set, standing, named)
  const findings = [...findingsIn(view), ...(await cyclesIn(db, changes))]
  const all = [...proposal.errors, ...errors]
  throwFindings(
    proposal.body,
    all,
    findings.filter(({ against }) => !against),
  )
  await refuseHiding(db, proposal.caller, view.changeOf(conventionId))
  throwFindings(proposal.body, [], findings)
  if (proposal.gone)
    refuseUsers(proposal.gone.subject, await selectUsers(db, proposal.caller, proposal.gone), proposal.gone.errorsOf)
  const departments = await departmentsOf(db, set.changes.flatMap(territoriesWritten))
  const context = { departments, ownerId: proposal.ownerId, source: proposal.source, standing, now: proposal.now }
  return { set, view, plan: planOf(set, view, context) }
}

const stays = ({ operation }: Change) => operation !== 'delete'

/** What all references mean that have to be looked at. */
async function resolve(db: Database, proposal: Proposal): Promise<Map<string, Named>> {
  const { caller, conventionId, drafts, known = new Map<string, Named>(), standing } = proposal
  const isOpened = drafts.some(isOpening)
  const names: Pick<NamedId, 'to' | 'id' | 'isElsewhere'>[] = drafts.flatMap((draft) => [
    ...namesToCheck({ isOpened }, draft),
    // Values of before may stay, and are looked at again.
    ...(isOpened && draft.before ? namedIds(draft.type, draft.before) : []),
  ])
  const carried = isOpened ? (standing.parts.get('action') ?? []) : []
  for (const { carriedFromId } of carried)
    if (carriedFromId) names.push({ to: 'action', id: carriedFromId as string, isElsewhere: true })
  const outside = names.filter(({ to, id }) => !known.has(id) && !proposal.knownTypes?.has(to))
  return new Map([...known, ...(await selectNamed(db, caller, conventionId, outside))])
}

async function completeAll(
  db: Database,
  { drafts, standing, link = [], adopted = new Set(), source, sourced, reconcile }: Proposal,
  named: Map<string, Named>,
) {
  const asSourced = (draft: Draft): Draft => {
    const before = sourced?.(draft)
    return before ? { ...draft, before } : draft
  }
  const territories = await selectTerritoryNames(db, drafts.map(asSourced))
  const siblings = ({ type, id }: Draft): readonly Fields[] =>
    (standing.parts.get(type) ?? []).filter((one) => one.id !== id)
  const completed = await mapInTurns(drafts, (draft) => {
    const checked = new Set(namesToCheck({ isOpened: false }, draft).map(({ id }) => id))
    const lost = lostFields(draft, (id) => !checked.has(id) || named.has(id))
    const facts = { named, territories, siblings }
    const earlier = asSourced(draft)
    if (earlier === draft) return complete({ ...draft, lost }, facts)
    const { after = {} } = complete({ ...earlier, lost }, facts).change
    const kept = reconcile?.({ ...draft, lost, after, operation: 'keep', fields: [] })
    return complete({ ...draft, lost, after: { ...after, ...kept } }, facts)
  })
  return {
    changes: completed.map(({ change }) => linkedTo(adopted.has(change.id) ? adoptedBy(change, source) : change, link)),
    errors: completed.flatMap(({ errors }) => errors),
  }
}

/** A site that stands and is linked changes by that. */
function linkedTo(change: Change, link: readonly string[]): Change {
  if (!change.before || !link.includes(change.id)) return change
  return { ...change, operation: 'update', fields: [...change.fields, LINKED] }
}

/** What stands without a source belongs to this one from now on. */
function adoptedBy(change: Change, source: string | undefined): Change {
  const { before, after, fields, key } = change
  if (!before || before.sources.length > 0) return change
  return {
    ...change,
    operation: 'update',
    after: { ...after, sources: [{ source, key }] },
    fields: [...fields, 'sources'],
  }
}

/** Links that would lead, step by step, back to where they start. */
async function cyclesIn(db: Database, changes: readonly Change[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const type of ['convention', 'action'] as const) {
    const standing = changes.filter((change) => change.type === type && change.before && change.after)
    const rewritten = standing.map(({ id, before = {}, after = {}, lost }) => ({
      id,
      before,
      after: { ...after, ...Object.fromEntries([...lost].map((field) => [field, null])) },
    }))
    const errors = await cycleErrors(db, type, rewritten)
    for (const { id, place } of standing)
      findings.push(...(errors.get(id) ?? []).map((error) => ({ ...error, pointer: place.at(error.pointer) })))
  }
  return findings
}

/** What is public may not name what becomes a draft, nor an action under it. */
async function refuseHiding(db: Database, caller: Caller, own: Change | undefined): Promise<void> {
  if (!own?.before || own.before.state === 'draft' || own.after?.state !== 'draft') return
  const gone = [{ type: 'convention', id: own.id }] as const
  refuseUsers('A convention that becomes a draft', await selectUsers(db, caller, { gone, isPublic: true }))
}

const territoriesWritten = (change: Change) =>
  territoriesOf(change.type, change.after ?? {}).flatMap(({ territory, pointer }) =>
    touches(change, pointer.split('/')[1] ?? '') ? [territory] : [],
  )
