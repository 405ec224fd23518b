/**
 * Finds the organizations that a document lists among those of the registry. They are shared by all: a document
 * creates one that is missing and fills what is unknown where the caller may; it never changes a known value, a
 * difference is a warning.
 */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { mayWriteOrganization } from '../auth/policy.ts'
import { isAdmin } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { organizations, selectKeyHolders } from '../domain/organizations/queries.ts'
import type { Organization } from '../domain/organizations/schema.ts'
import { nameKey } from '../domain/territories/names.ts'
import { departmentsOf } from '../domain/territories/queries.ts'
import { keyOf } from '../domain/territories/references.ts'
import type { Row } from '../engine/resource.ts'
import { bounds } from '../engine/schema.ts'
import { rowOf } from '../engine/write/rows.ts'
import type { BodyFault } from '../http/errors/field-errors.ts'
import type { NewId } from './identify.ts'
import type { Entry } from './items.ts'
import type { Warning } from './schema.ts'

/** An organization as the document lists it. */
interface Listed {
  pointer: string
  key: string
  body: Organization
  departmentCodes: string[]
}

export interface OrganizationPlan {
  /** The organization that each key of the document means. */
  ids: Map<string, string>
  /** The organizations that were found or are created, by id. */
  bodies: Map<string, Organization>
  created: { key: string; row: Row }[]
  updated: { key: string; id: string; row: Row; fields: string[] }[]
  unchanged: number
  /** Keys of this source that meant another organization before. */
  moved: { key: string; from: string }[]
  faults: BodyFault[]
  warnings: Warning[]
}

/** Who writes a document. */
interface DocumentWriter {
  caller: Caller
  source: string
  newId: NewId
}

interface Candidate {
  body: Organization
  nameKey: string
}

/** Kinds of which one territory has one only: the territory finds them whatever their name. */
const kindsOfTerritories = new Set(['commune', 'epci', 'departement', 'region'])

/**
 * What has to be written so that the registry knows the organizations of a document. Where something has, all that
 * create or fill organizations take turns from here to their commit, so that none is created twice.
 */
export async function lockOrganizations(
  db: Database,
  document: DocumentWriter,
  entries: Entry[],
): Promise<OrganizationPlan> {
  const territories = entries.flatMap(({ body }) => (body as Organization).territory ?? [])
  const departments = await departmentsOf(db, territories)
  const listed = entries.filter(isComplete).map(({ pointer, key, body }): Listed => {
    const { territory } = body as Organization
    const departmentCodes = (territory && departments.get(keyOf(territory))) ?? []
    return { pointer, key, body: body as Organization, departmentCodes }
  })
  let plan = await planOrganizations(db, document, listed, false)
  if (plan.created.length + plan.updated.length + plan.moved.length > 0) {
    await sql`select pg_advisory_xact_lock(hashtext('organizations'))`.execute(db)
    plan = await planOrganizations(db, document, listed, true)
  }
  for (const { key, id } of entries) if (!plan.ids.has(key)) plan.ids.set(key, id)
  return plan
}

/** One without a name or kind has been refused already: it is looked for nowhere, and referred to all the same. */
const isComplete = ({ body }: Entry) => Boolean(body.name && body.kind)

async function planOrganizations(
  db: Database,
  { caller, source, newId }: DocumentWriter,
  listed: Listed[],
  isLocked: boolean,
): Promise<OrganizationPlan> {
  const { candidates, known } = await selectCandidates(db, source, listed, isLocked)
  const closed = await selectClosed(db, caller, candidates)
  const plan: OrganizationPlan = {
    ids: new Map(),
    bodies: new Map(),
    created: [],
    updated: [],
    unchanged: 0,
    moved: [],
    faults: [],
    warnings: [],
  }
  const met = new Map<string, string>()
  for (const entry of listed) {
    const before = known.get(entry.key)
    const found = findMatch(entry.body, candidates) ?? candidates.find(({ body }) => body.id === before)
    const body = found
      ? fill(plan, source, entry, found.body, closed.has(found.body.id))
      : create(plan, source, entry, newId)
    const other = met.get(body.id)
    if (other !== undefined) {
      const message = `is the same organization as the entry ${JSON.stringify(other)}: list it once`
      plan.faults.push({ pointer: entry.pointer, code: 'duplicate', message })
    }
    if (before !== undefined && before !== body.id) {
      plan.moved.push({ key: entry.key, from: before })
      const message = `the key ${JSON.stringify(entry.key)} meant organization ${before} and means ${body.id} from now on`
      plan.warnings.push({ pointer: `${entry.pointer}/key`, code: 'key-moved', message })
    }
    met.set(body.id, entry.key)
    plan.ids.set(entry.key, body.id)
    plan.bodies.set(body.id, body)
    // The next entries of the document may mean it too, by what this one told.
    if (found) found.body = body
    else candidates.push({ body, nameKey: nameKey(body.name) })
  }
  return plan
}

/** SIREN; else the territory that the kind is of; else kind, territory and name. The source's key comes after these. */
function findMatch(body: Organization, candidates: Candidate[]): Candidate | undefined {
  const sameTerritory = (other: Candidate) =>
    other.body.kind === body.kind && territoryKey(other.body) === territoryKey(body)
  const ofTerritory = kindsOfTerritories.has(body.kind) && body.territory?.kind === body.kind
  return (
    (body.siren && candidates.find((other) => other.body.siren === body.siren)) ||
    (ofTerritory && candidates.find(sameTerritory)) ||
    candidates.find((other) => sameTerritory(other) && other.nameKey === nameKey(body.name)) ||
    undefined
  )
}

const territoryKey = ({ territory }: Pick<Organization, 'territory'>) =>
  territory && `${territory.kind}:${territory.code}`

async function selectCandidates(db: Database, source: string, listed: Listed[], isLocked: boolean) {
  const keys = listed.map(({ key }) => key)
  const held = await sql<{ key: string; id: string }>`select key, id from source_key
    where source = ${source} and type = 'organization' and key = any(${keys})`.execute(db)
  const present = (values: (string | null | undefined)[]) => values.filter((value) => typeof value === 'string')
  const sirens = present(listed.map(({ body }) => body.siren))
  const territories = present(listed.map(({ body }) => territoryKey(body)))
  const names = listed.map(({ body }) => nameKey(body.name))
  const ids = held.rows.map(({ id }) => id)
  const { rows } = await sql<Row>`select * from organization
    where siren = any(${sirens}) or id = any(${ids}::uuid[]) or name_key = any(${names})
      or (territory_key = any(${territories}) and kind = any(${[...kindsOfTerritories]}))
    order by id ${isLocked ? sql`for no key update` : sql``}`.execute(db)
  const candidates = rows.map((row) => ({ body: organizations.toBody(row), nameKey: row.name_key as string }))
  return { candidates, known: new Map(held.rows.map(({ key, id }) => [key, id])) }
}

/** Those that the caller may not write: a document names them, and fills nothing. */
async function selectClosed(db: Database, caller: Caller, candidates: Candidate[]): Promise<Set<string>> {
  if (isAdmin(caller)) return new Set()
  const holders = await selectKeyHolders(
    db,
    candidates.map(({ body }) => body.id),
  )
  return new Set([...holders].filter((id) => !mayWriteOrganization(caller, { id, holdsKeys: true })))
}

function create(plan: OrganizationPlan, source: string, entry: Listed, newId: NewId): Organization {
  const id = newId('organization', entry.key)
  const sources = [{ source, key: entry.key }]
  plan.created.push({ key: entry.key, row: { id, sources, ...organizationRow(entry.body, entry.departmentCodes) } })
  return { ...entry.body, id, sources }
}

/** The columns of an organization beside its id and sources: those of the body and those kept for finding it. */
function organizationRow(body: Organization, departmentCodes: string[]): Row {
  return { ...rowOf(organizations, body), name_key: nameKey(body.name), department_codes: departmentCodes }
}

/** The organization as it is with what it lacked; what it knows otherwise is a warning. */
function fill(
  plan: OrganizationPlan,
  source: string,
  entry: Listed,
  known: Organization,
  isClosed: boolean,
): Organization {
  const filled: Record<string, unknown> = { ...known }
  const fields: string[] = []
  for (const field of organizations.fields as (keyof Organization)[]) {
    const given = entry.body[field]
    if (isUnknown(given) || isSame(field, given, known[field])) continue
    const kept = inTheWay(field, given as string, filled)
    if (isUnknown(kept) && isClosed) {
      const message = `the organization holds keys of its own and writes ${field} itself: it stays unknown`
      plan.warnings.push({ pointer: `${entry.pointer}/${field}`, code: 'organization-closed', message })
    } else if (isUnknown(kept)) {
      filled[field] = given
      fields.push(field)
    } else {
      const message = `the registry has ${JSON.stringify(kept)} here and keeps it: a PATCH of the organization changes it`
      plan.warnings.push({ pointer: `${entry.pointer}/${field}`, code: 'organization-differs', message })
    }
  }
  const isListed = known.sources.some((own) => own.source === source && own.key === entry.key)
  if (!isListed && known.sources.length < bounds.sources) {
    filled.sources = [...known.sources, { source, key: entry.key }]
    fields.push('sources')
  }
  const body = filled as Organization
  const departments = fields.includes('territory') ? entry.departmentCodes : known.departmentCodes
  const row = { id: known.id, sources: body.sources, ...organizationRow(body, departments) }
  if (fields.length > 0) plan.updated.push({ key: entry.key, id: known.id, row, fields })
  else plan.unchanged += 1
  return body
}

/** What the registry knows instead: the value of the field, or the SIREN or SIRET that it contradicts. */
function inTheWay(field: keyof Organization, given: string, { [field]: value, siren, siret }: Record<string, unknown>) {
  if (field === 'siret' && isUnknown(value) && typeof siren === 'string' && !given.startsWith(siren)) return siren
  if (field === 'siren' && isUnknown(value) && typeof siret === 'string' && !siret.startsWith(given)) return siret
  return value
}

const isUnknown = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0)

/** A territory is the same whatever it is called. */
function isSame(field: keyof Organization, given: unknown, known: unknown) {
  if (field === 'territory' && given && known) {
    return (
      territoryKey({ territory: given as Organization['territory'] }) ===
      territoryKey({ territory: known as Organization['territory'] })
    )
  }
  return JSON.stringify(given) === JSON.stringify(known)
}
