/**
 * PUT of a convention document, all stages in order: parse, identify, resolve, decide, guard, apply, report. One
 * transaction makes what the source holds equal to the document, by the smallest change; decide and apply are those of a
 * write of one resource.
 */
import type { Database } from '../../db/database.ts'
import { type Convention, conventions } from '../../domain/conventions/resource.ts'
import type { Change, Fields } from '../../engine/change-set.ts'
import { parisDay } from '../../engine/day.ts'
import { keyOf, type TerritoryRead } from '../../engine/declaration/territories.ts'
import { selectOne } from '../../engine/read/queries.ts'
import { applyPlan } from '../../engine/write/apply.ts'
import { decide } from '../../engine/write/decide/decide.ts'
import { checkBody, withoutInvalidParts } from '../../http/input/validation.ts'
import { type StoredDocument, sourceDocument } from '../document/document.ts'
import { itemsOf, keyErrors, ofType } from '../document/items.ts'
import { isUnchanged, keyChanges, writeKeys } from '../document/keys.ts'
import { ConventionDocument, type SyncResult, WARNINGS_MAX } from '../document/schema.ts'
import { withTodaysCommunes } from './communes.ts'
import { refuseDuplicate } from './duplicates.ts'
import { guard } from './guards.ts'
import { countOwn, identify, othersIn } from './identify.ts'
import { namesOf, objectsOf, outcomesOf, planned, report, selectWritten } from './outcome.ts'
import { refuseForeign, writeOverrides } from './overrides.ts'
import { sourceDocumentIn } from './precondition.ts'
import { reconcileItems, reconciler, refuseConflicts } from './reconcile.ts'
import { type PutRequest, proposalOf, type Resolved, resolve, type Sent } from './resolve.ts'
import { selectElsewhere, selectEnd, selectOutside } from './territories.ts'
import { keepResult, selectUnchanged } from './unchanged.ts'
import { changeWarnings, documentWarnings } from './warnings.ts'

export interface PutOutcome {
  isNew: boolean
  tag: string
  result: SyncResult
}

/** Makes what the source holds under the key equal to the document; to be called in a transaction. */
export async function putDocument(db: Database, request: PutRequest): Promise<PutOutcome> {
  const { source, key, precondition } = request
  const known = await selectUnchanged(db, request)
  if (!known) return writeDocument(db, request)
  await precondition?.(sourceDocumentIn(db, source, key))
  return { isNew: false, ...known }
}

async function writeDocument(db: Database, request: PutRequest): Promise<PutOutcome> {
  const { caller, source, key, dryRun, now, link } = request
  const { sent, warnings: ofCommunes } = await readDocument(db, request)
  const standing = await identify(db, { caller, source, key, ...(link !== undefined && { link }) }, sent.items)
  const { overrides, parts } = standing
  const about = { linked: parts.get('service-site'), rule: request.conflicts }
  const { items, absent, reconciliation } = reconcileItems(sent.items, overrides, about)
  const resolved = await resolve(db, request, { ...sent, items, absent }, standing)
  const { matching } = resolved
  const reconciling = reconciler(reconciliation, overrides, request.conflicts)
  const { set, plan } = await decide(db, proposalOf(request, sent, standing, resolved, reconciling))
  const names = async () => namesOf(set.changes, standing.convention && (await sourceDocument(db, source, key)))
  refuseForeign(overrides, sent.items)
  if (!standing.convention && link === undefined) await refuseDuplicate(db, caller, set.changes)
  if (reconciliation.conflicts.length > 0) refuseConflicts(reconciliation.conflicts, await names())
  await guard(set, sent.items, { held: countOwn(source, standing), maxDeletes: request.maxDeletes, names })
  const [own] = ofType(set.changes, 'convention') as [Change]
  const keys = keyChanges({ source, conventionId: own.id }, standing.keys, set.changes, matching.ids)
  const isEmpty = plan.isEmpty && isUnchanged(keys)
  const nameOf = dryRun ? await names() : undefined
  if (!isEmpty) await applyPlan(db, plan, now, () => writeKeys(db, keys))
  await writeOverrides(db, reconciliation)

  const written = isEmpty ? new Map() : await selectWritten(db, caller)
  const outcomes = outcomesOf(set.changes, written)
  const after = (isEmpty ? standing.convention : await selectOne(db, conventions, caller, own.id)) as Convention
  const others = othersIn(source, standing)
  const warnings = [
    ...ofCommunes,
    ...reconciliation.warnings,
    ...(await warningsOf(db, request, resolved, { changes: set.changes, after, others })),
  ]
  const { tag } = (await sourceDocument(db, source, key)) as StoredDocument
  const result = {
    convention: after,
    report: report(outcomes),
    objects: objectsOf(outcomes, written),
    ...(nameOf && { plan: planned(outcomes, own.id, nameOf) }),
    warnings: warnings.slice(0, WARNINGS_MAX),
  }
  if (!dryRun) await keepResult(db, { ...request, tag, result, changes: set.changes })
  return { isNew: !standing.convention, tag, result }
}

/** What was sent, in the communes of today. */
async function readDocument(db: Database, request: PutRequest) {
  const sent = parse(request)
  const { items, warnings } = await withTodaysCommunes(db, sent.items)
  return { sent: { ...sent, items }, warnings }
}

/** What was sent, and what is wrong with it by its schema. Pure. */
function parse({ body, key }: PutRequest): Sent {
  const { value, errors } = checkBody(ConventionDocument, body)
  const document = withoutInvalidParts(value, errors) as Fields | undefined
  if (!document) return { body: value, errors, items: [] }
  const items = itemsOf(document, key)
  return { body: value, errors: [...errors, ...keyErrors(document, key, items)], items }
}

async function warningsOf(
  db: Database,
  request: PutRequest,
  { drafts, listed, matching }: Resolved,
  { changes, after, others }: { changes: readonly Change[]; after: Convention; others: ReadonlyMap<string, number> },
) {
  const written = changes.filter(({ type, after: body }) => type !== 'organization' && body)
  const bodies = [
    ...written.map(({ type, place, after: body = {} }) => ({ type, pointer: place.at(''), body })),
    ...listed.map(({ place, body }) => ({ type: 'organization' as const, pointer: place.at(''), body })),
  ]
  const signing = ofType(drafts, 'signatory').map(({ after: body }) => body.organizationId as string)
  const perimeter = (after.territories as TerritoryRead[]).map(keyOf)
  return [
    ...documentWarnings(bodies, {
      period: after.period,
      outside: await selectOutside(db, signing, perimeter),
      others,
      found: matching.warnings,
      elsewhere: await selectElsewhere(db, after.cafId, perimeter),
      renewed: after.predecessorId ? await selectEnd(db, after.predecessorId) : null,
      today: parisDay(request.now),
    }),
    ...changeWarnings(changes, after),
  ]
}
