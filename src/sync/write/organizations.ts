/**
 * Organizations of a document, matched with those of the registry. They are shared by all: a document creates one that
 * is missing and fills what is unknown where the caller may; it never changes a known value, a difference is a warning.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { mayCompleteOrganization } from '../../auth/policy.ts'
import { isAdmin } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { type Organization, organizations } from '../../domain/organizations/resource.ts'
import { identitiesOf, isTerritory } from '../../domain/organizations/rules.ts'
import { selectKeyHolders } from '../../domain/organizations/writes.ts'
import { nameKey } from '../../domain/territories/names.ts'
import type { Change, Fields, Place, Stored } from '../../engine/change-set.ts'
import { bounds } from '../../engine/schema.ts'
import { lockIdentities, organizationRows } from '../../engine/write/locks.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import type { KeyMap } from '../document/keys.ts'
import type { Warning } from '../document/schema.ts'
import type { NewId } from './identify.ts'

/** An organization as the document lists it. */
export interface Listed {
  key: string
  place: Place
  /** The fields that the document empties: null, or an empty list. */
  emptied: readonly string[]
  /** The fields that it does not say, and that the official code or the registry knows. */
  unsent: readonly string[]
  body: Organization
}

export interface Matching {
  /** The organization that each key of the document means. */
  ids: ReadonlyMap<string, string>
  /** One for each that is listed: created, filled or kept. */
  changes: readonly Change[]
  /** Whether keys of this source meant other organizations before. */
  isMoved: boolean
  errors: readonly BodyError[]
  warnings: readonly Warning[]
}

interface Matcher {
  caller: Caller
  source: string
  /** Whether the document is public: organizations have the sources of what is public only. */
  isPublic: boolean
  keys: KeyMap
  newId: NewId
}

/** What has to be written so that the registry knows the organizations of a document, as far as is known without a lock. */
export const matchOrganizations = async (
  db: Database,
  matcher: Matcher,
  listed: readonly Listed[],
): Promise<Matching> => match(matcher, listed, await selectCandidates(db, matcher, listed, false))

/**
 * The same, where something has to be written, once no other transaction can create or fill any of these organizations until
 * the end of the transaction: so that none is created twice.
 */
export async function lockMatching(
  db: Database,
  matcher: Matcher,
  listed: readonly Listed[],
  found: Matching,
): Promise<Matching> {
  if (!found.isMoved && found.changes.every(({ operation }) => operation === 'keep')) return found
  const bodies: Fields[] = [...listed.map(({ body }) => body), ...found.changes.map(({ after = {} }) => after)]
  await lockIdentities(db, bodies.flatMap(identitiesOf))
  return match(matcher, listed, await selectCandidates(db, matcher, listed, true))
}

interface Candidates {
  all: Stored[]
  /** Those that the caller may not write: a document may reference them, but fills nothing in. */
  readOnly: Set<string>
}

function match(
  { source, keys, newId, isPublic }: Matcher,
  listed: readonly Listed[],
  { all, readOnly }: Candidates,
): Matching {
  const standing = new Map(all.map((one) => [one.id, one]))
  const known = new Map(standing)
  const index = new Map(all.toReversed().flatMap((one) => lookups(one).map((lookup) => [lookup, one.id])))
  const ids = new Map<string, string>()
  const changes = new Map<string, Change>()
  let isMoved = false
  const errors: BodyError[] = []
  const warnings: Warning[] = []
  for (const { key, place, body, emptied, unsent } of listed) {
    const before = keys.idOf('organization', key)
    const lookup = lookups(body).find((one) => index.has(one))
    // The source's own key comes after what is common to all.
    const found = known.get((lookup && index.get(lookup)) ?? before ?? '')
    const id = found?.id ?? newId('organization', key)
    const other = changes.get(id)
    const message = `is the same organization as the entry ${JSON.stringify(other?.key)}: list it once`
    if (other) errors.push({ pointer: place.at(''), code: 'duplicate', message })
    const filled =
      found && fill(found, body, { source, key, place, emptied, unsent, isPublic, isReadOnly: readOnly.has(found.id) })
    const after = filled?.after ?? { ...body, id, sources: isPublic ? [{ source, key }] : [] }
    warnings.push(...(filled?.warnings ?? []))
    if (before !== undefined && before !== id) {
      isMoved = true
      const words = `the key ${JSON.stringify(key)} meant organization ${before} and means ${id} from now on`
      warnings.push({ pointer: place.at('/key'), code: 'key-moved', message: words })
    }
    const operation = !filled ? 'create' : filled.fields.length > 0 ? 'update' : 'keep'
    const stored = standing.get(id)
    const fields = filled?.fields ?? []
    ids.set(key, id)
    changes.set(id, {
      operation,
      type: 'organization',
      id,
      key,
      place,
      after,
      fields,
      lost: new Set(),
      ...(stored && { before: stored }),
    })
    // The next entries of the document may mean it too, by what this one says of it.
    known.set(id, { version: 0, ...after, id } as unknown as Stored)
    for (const one of lookups(after)) if (!index.has(one)) index.set(one, id)
  }
  return { ids, changes: [...changes.values()], isMoved, errors, warnings }
}

/** What finds an organization, the first one that does: SIREN; else the territory that it is; else kind, territory and name. */
function lookups(body: Fields): string[] {
  const { kind, name, siren, territory } = body as unknown as Organization
  const place = `${kind}:${territoryKey({ territory }) ?? ''}`
  const named = `${place}:${nameKey(name)}`
  return [siren ? [`siren:${siren}`] : [], isTerritory({ kind, territory }) ? [place] : [], named].flat()
}

function territoryKey({ territory }: { territory?: unknown }): string | null {
  const place = territory as Organization['territory'] | undefined
  return place ? `${place.kind}:${place.code}` : null
}

async function selectCandidates(
  db: Database,
  { caller, keys }: Matcher,
  listed: readonly Listed[],
  isLocked: boolean,
): Promise<Candidates> {
  const column = <T>(of: (one: Listed) => T) => listed.map(of)
  const held = column(({ key }) => keys.idOf('organization', key)).filter((id) => id !== undefined)
  const beside = sql`unnest(${column(({ body }) => body.kind)}::text[], ${column(({ body }) => territoryKey(body))}::text[],
    ${column(({ body }) => nameKey(body.name))}::text[], ${column(({ body }) => isTerritory(body))}::boolean[])
    as listed (kind, place, name_key, is_territory)`
  const ids = sql`array(select unnest(${held}::uuid[])
      union select id from organization where siren = any(${column(({ body }) => body.siren).filter(Boolean)}::text[])
      union select o.id from ${beside} join organization o on o.territory_key = listed.place and o.kind = listed.kind
        and (listed.is_territory or o.name_key = listed.name_key)
      union select o.id from ${beside} join organization o on listed.place is null and o.territory_key is null
        and o.kind = listed.kind and o.name_key = listed.name_key)`
  const { rows } = await organizationRows(ids, isLocked ? 'no key update' : undefined).execute(db)
  const all = rows.map((row) => organizations.toBody(row) as unknown as Stored)
  if (isAdmin(caller)) return { all, readOnly: new Set() }
  const holders = await selectKeyHolders(
    db,
    all.map(({ id }) => id),
  )
  return {
    all,
    readOnly: new Set([...holders].filter((id) => !mayCompleteOrganization(caller, { id, holdsKeys: true }))),
  }
}

interface Filling extends Omit<Listed, 'body'> {
  source: string
  isPublic: boolean
  isReadOnly: boolean
}

/** The organization as it is with what it lacked; what it got and what it knows otherwise are warnings. */
function fill(
  known: Stored,
  listed: Organization,
  { source, key, place, emptied, unsent, isPublic, isReadOnly }: Filling,
) {
  const after: Fields = { ...known }
  const fields: string[] = []
  const warnings: Warning[] = []
  for (const field of organizations.fields as (keyof Organization)[]) {
    const value = listed[field]
    const isAgreed = isUnknown(value) ? !emptied.includes(field) : isSame(field, value, known[field])
    if (isAgreed || (isUnknown(value) && isUnknown(known[field]))) continue
    const kept = inTheWay(field, value as string, after)
    if (isUnknown(kept) && isReadOnly) {
      const message = `the organization holds keys of its own and writes ${field} itself: it stays unknown`
      warnings.push({ pointer: place.at(`/${field}`), code: 'organization-closed', message })
    } else if (isUnknown(kept)) {
      after[field] = value
      fields.push(field)
      const message = `the registry did not know the ${field} of this organization, and has it from this document now`
      warnings.push({ pointer: place.at(`/${field}`), code: 'organization-filled', message })
    } else if (!unsent.includes(field)) {
      const message = `the registry has ${JSON.stringify(kept)} here and keeps it: a PATCH of the organization changes it`
      warnings.push({ pointer: place.at(`/${field}`), code: 'organization-differs', message })
    }
  }
  const isListed = known.sources.some((own) => own.source === source && own.key === key)
  if (isPublic && !isListed && known.sources.length < bounds.sources) {
    after.sources = [...known.sources, { source, key }]
    fields.push('sources')
  }
  return { after, fields, warnings }
}

/** What the registry knows instead: the value of the field, or the SIREN or SIRET that it contradicts. */
function inTheWay(field: keyof Organization, given: string, { [field]: value, siren, siret }: Fields) {
  if (field === 'siret' && isUnknown(value) && typeof siren === 'string' && !given.startsWith(siren)) return siren
  if (field === 'siren' && isUnknown(value) && typeof siret === 'string' && !siret.startsWith(given)) return siret
  return value
}

const isUnknown = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0)

/** A territory is the same whatever it is called. */
const isSame = (field: string, given: unknown, known: unknown) =>
  field === 'territory' && given && known
    ? territoryKey({ territory: given }) === territoryKey({ territory: known })
    : JSON.stringify(given) === JSON.stringify(known)
