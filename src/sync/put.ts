/**
 * PUT of a convention document: one transaction makes what the source holds equal to the document, by the smallest
 * change. Everything that is wrong is told at once and then nothing is written; a dry run is rolled back.
 */
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../db/database.ts'
import { departmentsOfPerimeter } from '../domain/conventions/edits.ts'
import { conventions } from '../domain/conventions/queries.ts'
import type { Convention } from '../domain/conventions/schema.ts'
import { keyOf, type TerritoryRead } from '../domain/territories/references.ts'
import { selectOne } from '../engine/read/queries.ts'
import type { ResourceType } from '../engine/resource.ts'
import { cycleFaults } from '../engine/write/cycles.ts'
import { allFaults, type BodyFault } from '../http/errors/field-errors.ts'
import { invalidBody } from '../http/errors/problems.ts'
import { checkBody, faultless } from '../http/input/validation.ts'
import { refuseConflicts } from './conflicts.ts'
import { completeEntries } from './defaults.ts'
import { type Change, diffEntries } from './diff.ts'
import { documentTag, sourceDocument } from './document.ts'
import { identify, type NewId, replaceSignatories, selectSites } from './identify.ts'
import { type Entry, entriesOf, type Fields, fillBodies, inDocument, keyFaults, ofType } from './items.ts'
import { lockOrganizations } from './organizations.ts'
import { allChanges, planned, report } from './report.ts'
import { selectResolver } from './resolve.ts'
import { demandCaf, lockSource } from './rights.ts'
import { documentFaults } from './rules.ts'
import { ConventionDocument, type SyncResult } from './schema.ts'
import { type Held, lockConvention, othersOf, selectHeld } from './stored.ts'
import { readTerritories, selectOutside } from './territories.ts'
import { documentWarnings } from './warnings.ts'
import { writeDocument } from './write.ts'

export interface PutRequest {
  caller: Caller
  source: string
  key: string
  body: unknown
  dryRun: boolean
  now: Date
  newId?: NewId
  /** Refuses to go on unless the document is what the caller believes: it gets the present tag, or undefined. */
  precondition?: (tag: () => Promise<string | undefined>) => Promise<void>
}

export interface PutOutcome {
  isNew: boolean
  tag: string
  result: SyncResult
}

/** Makes what the source holds under the key equal to the document; to be called in a transaction. */
export async function putDocument(db: Database, request: PutRequest): Promise<PutOutcome> {
  const { source, key } = request
  await lockSource(db, request.caller, source)
  const before = await lockConvention(db, request.caller, source, key)
  const desired = await readDocument(db, request, before)
  const { entries, held, organizations } = desired
  const [convention] = ofType(entries, 'convention') as [Entry]
  const changes = diffEntries(entries, held, source)
  await refuseConflicts(db, { caller: request.caller, changes, ...desired })

  const perimeter = convention.body.territories as TerritoryRead[]
  const departmentCodes = await departmentsOfPerimeter(db, perimeter)
  const writing = { source, conventionId: convention.id, changes, departmentCodes, now: request.now, ...desired }
  const deletedSites = await writeDocument(db, writing)

  const done = allChanges(
    changes.map((change) => unlinked(change, deletedSites)),
    organizations,
  )
  const after = (await selectOne(db, conventions, request.caller, convention.id)) as Convention
  const signing = ofType(entries, 'signatory').map(({ body }) => body.organizationId as string)
  const outside = await selectOutside(db, signing, perimeter.map(keyOf))
  return {
    isNew: !before,
    tag: documentTag(await sourceDocument(db, after, source, key)),
    result: {
      convention: after,
      report: report(done, organizations.unchanged),
      ...(request.dryRun && { plan: planned(done) }),
      warnings: documentWarnings(entries, { period: after.period, organizations, outside }),
    },
  }
}

/**
 * The entries of the document as they shall be, all checked. Throws a 403 when its Caf is not the caller's, then what
 * the precondition throws, then a problem with all faults at once.
 */
async function readDocument(db: Database, request: PutRequest, before: Convention | undefined) {
  const { source, key, caller } = request
  const checkPrecondition = async () =>
    request.precondition?.(async () => before && documentTag(await sourceDocument(db, before, source, key)))
  const { value, faults } = checkBody(ConventionDocument, request.body)
  const document = faultless(value, faults) as Fields | undefined
  if (!document) {
    await checkPrecondition()
    throw invalidBody(faults)
  }
  const held: Held = before ? await selectHeld(db, before.id) : new Map()
  const others = othersOf(held, source)
  const entries = entriesOf(document, key)
  const newId = identify(
    entries,
    { source, convention: before, held, sites: await selectSites(db, source, entries) },
    request.newId,
  )
  const told = [pathFaults(document, key), keyFaults(entries), await readTerritories(db, entries)]
  told.push(fillBodies(ofType(entries, 'organization'), () => undefined))

  const resolver = await selectResolver(db, { caller, source, entries, others })
  const organizations = await lockOrganizations(db, { caller, source, newId }, ofType(entries, 'organization'))
  const parts = entries.filter(({ type }) => type !== 'organization')
  const idOf = (to: ResourceType, name: string) =>
    (to === 'organization' ? organizations.ids.get(name) : undefined) ?? resolver.idOf(to, name)
  told.push(organizations.faults, fillBodies(parts, idOf))
  for (const convention of ofType(entries, 'convention')) demandCaf(caller, convention)
  await checkPrecondition()
  await completeEntries(db, parts, organizations)
  told.push(documentFaults(entries, held, others, resolver.drafts), await circular(db, caller, entries))
  const all = allFaults(value, faults, told.flat())
  if (all.length > 0) throw invalidBody(all)
  replaceSignatories(entries)
  return { entries, held, others, organizations }
}

/** The faults of what would continue, step by step, itself. */
async function circular(db: Database, caller: Caller, entries: Entry[]): Promise<BodyFault[]> {
  const told: BodyFault[] = []
  for (const type of ['convention', 'action'] as const) {
    const standing = ofType(entries, type).filter(({ current }) => current !== undefined)
    const written = standing.map(({ id, current, body }) => ({ id, before: current as Fields, after: body }))
    const faults = await cycleFaults(db, caller, type, written)
    told.push(...standing.flatMap((one) => inDocument(one, faults.get(one.id) ?? [])))
  }
  return told
}

function pathFaults(document: Fields, key: string): BodyFault[] {
  if (document.key === undefined || document.key === key) return []
  return [
    {
      pointer: '/key',
      code: 'mismatch',
      message: `key is not that of the path, ${JSON.stringify(key)}; it may be left out.`,
    },
  ]
}

/** A site that others still link is only unlinked. */
function unlinked(change: Change, deletedSites: Set<string>): Change {
  const isKept = change.operation === 'delete' && change.type === 'service-site' && !deletedSites.has(change.id)
  return isKept ? { ...change, operation: 'update', fields: ['conventionIds'] } : change
}
