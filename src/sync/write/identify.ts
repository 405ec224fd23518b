/** Identification: the stored convention of a document, what is stored under it, and which of it each item is. */
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Caller } from '../../auth/caller.ts'
import { assertAllowed, mayCoordinate } from '../../auth/policy.ts'
import { canSee } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { conventions } from '../../domain/conventions/resource.ts'
import { resources } from '../../domain/resources.ts'
import { serviceSites } from '../../domain/service-sites/resource.ts'
import type { Stored } from '../../engine/change-set.ts'
import { isPart, type Resource } from '../../engine/declaration/resource.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { isId } from '../../engine/write/decide/names.ts'
import { lockConventions, lockSites, lockSource } from '../../engine/write/locks.ts'
import { selectParts, whole } from '../../engine/write/standing.ts'
import { type Item, isPublicDocument, namesUsed, ofType } from '../document/items.ts'
import { documentLists } from '../document/key-mapping.ts'
import { countsInSource, type KeyMap, selectKeys } from '../document/keys.ts'
import { sourceKeyOf, unknownKey } from '../document/stored.ts'
import { assertUnowned, type DocumentLink, NO_LINK, notLinked, takenOver } from './duplicates.ts'
import { type Override, selectOverrides } from './overrides.ts'

/** Gives the id of what is created. The key of what counts in its document is `<key of the convention>/<key>`. */
export type NewId = (type: ResourceType, key: string) => string

export interface DocumentStanding {
  keys: KeyMap
  /** Undefined when the document creates it. */
  convention: Stored | undefined
  /** Whether it is one that no source had, and its objects become those of the document that describes them. */
  isTakenOver: boolean
  statusDue: string | null
  /** All that is under the convention, its linked service sites included, whoever made it. */
  parts: ReadonlyMap<ResourceType, readonly Stored[]>
  /** The service sites that the source holds under keys of the document, linked or not. */
  sites: ReadonlyMap<string, Stored>
  /** What people changed or deleted of what the source made. */
  overrides: readonly Override[]
}

/** Types of what is under a convention or linked to it. */
export const partTypes = Object.values<Resource>(resources).flatMap((one) => (isPart(one) ? [one.type] : []))

/**
 * Reads what a document means, under the locks of its source, of all conventions that it names and of its service
 * sites. A 403 when the source or the convention belongs to others, a 404 when the caller does not see it.
 */
export async function identify(
  db: Database,
  { caller, source, key, link }: { caller: Caller; source: string; key: string; link?: DocumentLink },
  items: readonly Item[],
): Promise<DocumentStanding> {
  await lockSource(db, caller, source)
  const keys = await selectKeys(db, source, key, items)
  const meant = (type: 'convention' | 'action') =>
    namesUsed(items, type).flatMap((name) => keys.idOf(type, name) ?? (isId(name) ? name : []))
  const known = keys.idOf('convention', key)
  const own = known ?? (link === NO_LINK ? undefined : link)
  const locked =
    own || meant('convention').length + meant('action').length > 0
      ? await lockConventions(db, caller, {
          own,
          named: meant('convention'),
          actions: meant('action'),
          carried: true,
          closed: isPublicDocument(items) ? dropped(source, own, items) : 'all',
        })
      : []
  const row = locked.find(({ id }) => id === own)
  const convention = row && (conventions.toBody(row) as unknown as Stored)
  if (own && !known && !row?.is_seen) throw notLinked(own)
  if (convention) {
    const cafId = convention.cafId as string
    if (!canSee(caller, { isPublic: convention.state !== 'draft', cafId })) throw unknownKey(source, key)
    assertAllowed(mayCoordinate(caller, cafId))
    if (!known) assertUnowned(convention)
  }
  const sites = await lockOwnSites(db, keys, items)
  const overrides = await selectOverrides(db, source, own, items)
  const parts = convention ? await selectParts(db, convention.id, whole(partTypes)) : new Map()
  const isTakenOver = convention !== undefined && !known
  return {
    keys,
    convention,
    isTakenOver,
    statusDue: (row?.status_due ?? null) as string | null,
    parts,
    sites,
    overrides,
  }
}

/** The actions of a source that its document no longer lists. */
const dropped = (source: string, own: string | undefined, items: readonly Item[]) =>
  sql`select id from source_key where convention_id = ${own ?? null} and source = ${source} and type = 'action'
    and key <> all(${ofType(items, 'action').map(({ key }) => key)}::text[])`

async function lockOwnSites(db: Database, keys: KeyMap, items: readonly Item[]): Promise<Map<string, Stored>> {
  const byId = new Map(ofType(items, 'service-site').map(({ key }) => [keys.idOf('service-site', key), key]))
  const rows = await lockSites(
    db,
    [...byId.keys()].filter((id) => id !== undefined),
  )
  return new Map(
    rows.map((row) => [byId.get(row.id as string) as string, serviceSites.toBody(row) as unknown as Stored]),
  )
}

/** An item with the id that it has or gets, and what it is so far. */
export interface Identified extends Item {
  id: string
  before: Stored | undefined
}

/** Which of what is stored each item is, but for organizations. Of a key that stands twice the first is meant. */
export function identifyItems(
  items: readonly Item[],
  source: string,
  { convention, isTakenOver, parts, sites }: DocumentStanding,
  { newId = () => uuidv7(), organizationOf }: { newId?: NewId | undefined; organizationOf: (key: string) => string },
): Identified[] {
  const byKey = new Map<string, Stored>()
  for (const [type, bodies] of parts) for (const body of bodies) byKey.set(`${type} ${sourceKeyOf(source, body)}`, body)
  const taken = new Set<string>()
  const storedOf = ({ type, key }: Item) => {
    if (type === 'convention') return convention
    return type === 'service-site' ? sites.get(key) : byKey.get(`${type} ${key}`)
  }
  const alike = isTakenOver ? takenOver(items, parts, organizationOf) : new Map<Item, Stored>()
  return items
    .filter(({ type }) => type !== 'organization')
    .map((item) => {
      const { type, key } = item
      const stored = storedOf(item) ?? alike.get(item)
      const before = stored && !taken.has(stored.id) ? stored : undefined
      const id = before?.id ?? newId(type, countsInSource(type) ? key : `${items[0]?.key}/${key}`)
      taken.add(id)
      return { ...item, id, before }
    })
}

/** How many objects others made under the convention, by the lists of its document. */
export function othersIn(source: string, { parts }: DocumentStanding): Map<string, number> {
  const counts = Object.entries(documentLists).map(([list, type]): [string, number] => {
    const others = (parts.get(type) ?? []).filter((body) => sourceKeyOf(source, body) === undefined)
    return [list, others.length]
  })
  return new Map(counts.filter(([, count]) => count > 0))
}

/** How many objects a source holds under the convention. */
export const countOwn = (source: string, { parts }: DocumentStanding): number =>
  [...parts.values()].flat().filter((body) => sourceKeyOf(source, body) !== undefined).length
