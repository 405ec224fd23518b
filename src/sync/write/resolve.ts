/** Resolution of the names in a document: its organizations are matched, its objects become drafts with ids for keys. */
import { v7 as uuidv7 } from 'uuid'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import { type Organization, organizations } from '../../domain/organizations/resource.ts'
import type { Change, Fields, Named, Place, Stored } from '../../engine/change-set.ts'
import { isNamedElsewhere } from '../../engine/declaration/references.ts'
import { definitionOf } from '../../engine/declaration/resource.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { bodyOf, complete, type Draft, selectTerritoryNames } from '../../engine/write/decide/complete.ts'
import type { Proposal } from '../../engine/write/decide/decide.ts'
import { mapInTurns } from '../../engine/write/turns.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import { invalidBody } from '../../http/errors/problems.ts'
import { type Item, isPublicDocument, ofType, resolvedBody } from '../document/items.ts'
import { documentLists, pointerInDocument } from '../document/key-mapping.ts'
import { sourceKeyOf } from '../document/stored.ts'
import type { DocumentLink } from './duplicates.ts'
import { type DocumentStanding, type Identified, identifyItems, type NewId, partTypes } from './identify.ts'
import { missingNames, withOfficialNames } from './official.ts'
import { type Listed, lockMatching, type Matching, matchOrganizations } from './organizations.ts'
import { type Precondition, sourceDocumentIn } from './precondition.ts'
import { type ConflictRule, type reconciler, staysHidden } from './reconcile.ts'
import { assertCoordinates } from './rights.ts'

export interface PutRequest {
  caller: Caller
  source: string
  key: string
  body: unknown
  dryRun: boolean
  now: Date
  newId?: NewId
  /** How many objects it may delete; left out: as many as do not look like an accident. */
  maxDeletes?: number
  /** What it means under a new key, where such a convention is there already. */
  link?: DocumentLink
  /** Who wins where people and the document changed the same. */
  conflicts?: ConflictRule
  precondition?: Precondition
}

/** A document as it was sent. */
export interface Sent {
  body: unknown
  errors: BodyError[]
  /** Without its faulty parts; empty when the document cannot be read. */
  items: Item[]
  /** The ids of listed objects that people deleted or unlinked, and that stay so, by type and key. */
  absent?: ReadonlyMap<string, string>
}

export interface Resolved {
  drafts: readonly Draft[]
  /** The organizations as they were sent, and what they mean. */
  listed: readonly Listed[]
  matching: Matching
  /** What may be named by key or, of others, by id. */
  known: ReadonlyMap<string, Named>
  errors: BodyError[]
}

/**
 * Resolves the names of a document. Throws a 403 when its Caf is not the caller's, then what the precondition throws,
 * then a 422 when the document cannot be read. Who is refused so waits for no organization.
 */
export async function resolve(
  db: Database,
  request: PutRequest,
  sent: Sent,
  standing: DocumentStanding,
): Promise<Resolved> {
  const { caller, source, key, newId = () => uuidv7(), precondition } = request
  const { listed, errors } = await completeListed(db, ofType(sent.items, 'organization'), sent.errors)
  const matcher = {
    caller,
    source,
    keys: standing.keys,
    newId,
    isPublic: isPublicDocument(sent.items) && !staysHidden(standing, request.conflicts),
  }
  const found = await matchOrganizations(db, matcher, listed)
  const identified = identifyItems(sent.items, source, standing, {
    newId,
    organizationOf: (name) => found.ids.get(name) ?? name,
  })
  const namesBy = (matching: Matching) => namesIn(sent, identified, standing, matching)
  assertCoordinates(caller, await draftsOf(identified.slice(0, 1), namesBy(found)))
  await precondition?.(sourceDocumentIn(db, source, key))
  if (sent.items.length === 0) throw invalidBody(sent.errors)
  const matching = await lockMatching(db, matcher, listed, found)
  const names = namesBy(matching)
  const resolved = await draftsOf(identified, names)
  assertCoordinates(caller, resolved)
  const drafts = resolved.map(({ draft }) => draft)
  const duplicates = resolved.flatMap(({ errors }) => errors)
  const known = knownOf(drafts, source, standing, matching, names)
  return { drafts, listed, matching, known, errors: [...errors, ...matching.errors, ...duplicates] }
}

/** The organizations of a document with the names of their territories; one without a name or kind is refused already. */
async function completeListed(db: Database, sent: Item[], said: readonly BodyError[]) {
  const entries = await withOfficialNames(db, sent)
  const items = entries.map(({ item }) => item)
  const drafts = items.map((item): Draft => {
    const place = placeOf(item, (id) => id)
    return {
      type: 'organization',
      id: '',
      key: item.key,
      place,
      after: bodyOf(organizations, item.input),
      lost: new Set(),
    }
  })
  const facts = { territories: await selectTerritoryNames(db, drafts), named: new Map(), siblings: () => [] }
  const completed = drafts.map((draft) => complete(draft, facts))
  const listed = completed.flatMap(({ change: { key = '', place, after } }, i): Listed[] =>
    after?.name && after.kind
      ? [
          {
            key,
            place,
            emptied: emptiedIn(sent[i] as Item),
            unsent: entries[i]?.unsent ?? [],
            body: after as unknown as Organization,
          },
        ]
      : [],
  )
  return { listed, errors: [...missingNames(items, said), ...completed.flatMap(({ errors }) => errors)] }
}

const emptiedIn = ({ input }: Item) =>
  Object.keys(input).filter((field) => input[field] === null || [input[field]].flat().length === 0)

interface Names {
  /** The id that a name means; the name itself when it is no key. */
  idOf(to: ResourceType, name: string): string
  /** The name by which the document means an id. */
  nameOf(id: string): string
  /** Ids of organizations that are refused already: what names them is not reported again. */
  refused: ReadonlyMap<string, string>
}

function namesIn(
  { items, absent = new Map() }: Sent,
  identified: readonly Identified[],
  { keys }: DocumentStanding,
  { ids }: Matching,
): Names {
  const named = identified.filter(({ type }) => !carriedTypes.has(type))
  const inside = new Map([...absent, ...named.toReversed().map(({ type, key, id }) => [`${type} ${key}`, id] as const)])
  const incomplete = ofType(items, 'organization').filter(({ key }) => !ids.has(key))
  const refused = new Map(incomplete.map(({ key }) => [key, `${key} is refused`]))
  // What the source lists is named by its key alone: an id is that of what others made.
  const ownIds = new Set(identified.filter(({ type }) => listedTypes.has(type)).map(({ id }) => id))
  const names = new Map<string, string>()
  return {
    refused,
    idOf(to, name) {
      const own = to === 'organization' ? (ids.get(name) ?? refused.get(name)) : inside.get(`${to} ${name}`)
      const id =
        own ?? (listedTypes.has(to) ? undefined : keys.idOf(to, name)) ?? (ownIds.has(name) ? `id ${name}` : name)
      names.set(id, name)
      return id
    },
    nameOf: (id) => names.get(id) ?? id,
  }
}

/** Types of which a document names only what other documents list, so that no key of its own is meant. */
const carriedTypes: ReadonlySet<ResourceType> = new Set(partTypes.filter(isNamedElsewhere))

/** Types of which a document names only what it lists, or what others made under the convention. */
const listedTypes: ReadonlySet<ResourceType> = new Set(partTypes.filter((type) => !isNamedElsewhere(type)))

const placeOf = ({ type, pointer }: Item, nameOf: Place['nameOf']): Place => ({
  at: (field) => (field === '' ? pointer : pointer + pointerInDocument(type, field)),
  nameOf,
})

/** The items as drafts, the convention first, each with what its lists name twice. */
function draftsOf(identified: readonly Identified[], names: Names): Promise<{ draft: Draft; errors: BodyError[] }[]> {
  const own = identified[0]?.id
  return mapInTurns(identified, (item) => {
    const { body, errors } = resolvedBody(item, names.idOf)
    const { type, key } = item
    const { id, before } = replaced(item, body)
    const isWithin = definitionOf(type).visibility === 'convention'
    const after = { ...body, id, ...(isWithin && { conventionId: own }) }
    const draft = {
      type,
      id,
      key,
      place: placeOf(item, names.nameOf),
      after,
      lost: new Set<string>(),
      ...(before && { before }),
    }
    return { draft, errors }
  })
}

/**
 * The organization of a signatory is fixed: a key that means another one now is another signatory, and the one that was
 * is no longer listed.
 */
function replaced({ type, id, before }: Identified, { organizationId }: Fields): Pick<Identified, 'id' | 'before'> {
  const isAnother = type === 'signatory' && before && before.organizationId !== organizationId
  return isAnother ? { id: uuidv7(), before: undefined } : { id, before }
}

function knownOf(
  drafts: readonly Draft[],
  source: string,
  { parts }: DocumentStanding,
  matching: Matching,
  names: Names,
) {
  const about = { draft: false, seen: true }
  const others = [...parts].flatMap(([type, bodies]) =>
    bodies.filter((body) => sourceKeyOf(source, body) === undefined).map(({ id }) => ({ ...about, type, id })),
  )
  const listed = drafts.filter(({ type }) => listedTypes.has(type)).map(({ type, id }) => ({ ...about, type, id }))
  const refused = [...names.refused.values()].map((id) => ({ ...about, type: 'organization' as const, id }))
  const matched = matching.changes.map(({ id, after = {} }) => {
    const { kind, name } = after as { kind: string; name: string }
    return { ...about, type: 'organization' as const, id, kind, name }
  })
  return new Map([...others, ...listed, ...refused, ...matched].map((one): [string, Named] => [one.id, one]))
}

/** What a document asks for, as a decision. */
export function proposalOf(
  { caller, now, source }: PutRequest,
  sent: Sent,
  standing: DocumentStanding,
  resolved: Resolved,
  reconciling: ReturnType<typeof reconciler>,
): Proposal {
  const { drafts, matching, known, errors } = resolved
  const { convention, statusDue, parts } = standing
  const own = drafts[0] as Draft
  const ids = new Set(drafts.map(({ id }) => id))
  const unlisted = [...parts].flatMap(([type, bodies]) => bodies.flatMap((body) => deletion(type, body, source, ids)))
  const staying = reconciling.staying(unlisted, drafts)
  const dropped = unlisted.filter(({ id }) => !staying.has(id))
  const linked = new Set((parts.get('service-site') ?? []).map(({ id }) => id))
  const sites = ofType(dropped, 'service-site').map(({ id }) => id)
  return {
    caller,
    now,
    source,
    body: sent.body,
    errors: [...sent.errors, ...errors],
    conventionId: own.id,
    drafts,
    prepared: [...matching.changes, ...dropped],
    link: ofType(drafts, 'service-site').flatMap(({ id }) => (linked.has(id) ? [] : [id])),
    unlink: sites,
    known,
    knownTypes: listedTypes,
    ...reconciling,
    adopted: new Set(standing.isTakenOver ? drafts.map(({ id }) => id) : []),
    standing: { convention, parts, counts: new Map(), statusDue },
    gone: {
      subject: 'What the document no longer lists',
      gone: dropped.filter(({ type }) => type !== 'service-site'),
      ...(convention && { leaving: { conventionId: convention.id, siteIds: sites } }),
      except: [...ids, ...dropped.map(({ id }) => id)],
      errorsOf: (each) => dropped.flatMap((change) => namedDrop(change, each[change.id] ?? 0)),
    },
    ownerId: own.after.cafId as string,
  }
}

/** What the source made and no longer lists. */
function deletion(type: ResourceType, before: Stored, source: string, listed: ReadonlySet<string>): Change[] {
  const key = sourceKeyOf(source, before)
  if (key === undefined || listed.has(before.id)) return []
  const place = { at: () => `/${listOf(type)}`, nameOf: (id: string) => id }
  return [{ operation: 'delete', type, id: before.id, key, place, before, fields: [], lost: new Set() }]
}

const listOf = (type: ResourceType) => Object.entries(documentLists).find(([, listed]) => listed === type)?.[0] ?? ''

/** Which thing is missing from its list, and how many name it. */
function namedDrop({ type, key, id }: Change, count: number): BodyError[] {
  if (count === 0) return []
  const list = listOf(type)
  const by = count === 1 ? 'one resource' : `${count} resources`
  const message = `${list} no longer lists ${JSON.stringify(key)} (${id}), which is named by ${by}.`
  return [{ pointer: `/${list}`, code: 'in-use', message }]
}
