/** Which stored object each entry of a document is, and the ids of those that are new. */
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Database } from '../db/database.ts'
import type { Convention } from '../domain/conventions/schema.ts'
import { serviceSites } from '../domain/service-sites/queries.ts'
import type { ResourceType, Row } from '../engine/resource.ts'
import { type Entry, ofType } from './items.ts'
import { type Body, type Held, keyIn } from './stored.ts'

/**
 * Gives the id of what is created. The key of what counts in its document is `<key of the convention>/<key>`.
 */
export type NewId = (type: ResourceType, key: string) => string

/** Keys of these count in the whole source. */
const shared = new Set<ResourceType>(['convention', 'organization', 'service-site'])

/** Sets the id and the stored object of every entry but organizations; returns what gives ids. */
export function identify(
  entries: Entry[],
  stored: { source: string; convention: Convention | undefined; held: Held; sites: Map<string, Body> },
  newId: NewId = () => uuidv7(),
): NewId {
  const [own] = ofType(entries, 'convention') as [Entry]
  const byKey = new Map<string, Body>()
  for (const [type, bodies] of stored.held) {
    for (const body of bodies) byKey.set(`${type} ${keyIn(stored.source, body)}`, body)
  }
  for (const entry of entries) {
    const { type, key } = entry
    if (type === 'convention') entry.current = stored.convention as Body | undefined
    else entry.current = type === 'service-site' ? stored.sites.get(key) : byKey.get(`${type} ${key}`)
    entry.id = entry.current?.id ?? newId(type, shared.has(type) ? key : `${own.key}/${key}`)
  }
  return newId
}

/**
 * The organization of a signatory is fixed: a key that means another one now is another signatory, and the one that
 * was is no longer listed.
 */
export function replaceSignatories(entries: Entry[]): void {
  for (const entry of ofType(entries, 'signatory')) {
    if (!entry.current || entry.current.organizationId === entry.body.organizationId) continue
    entry.current = undefined
    entry.id = uuidv7()
  }
}

/** The service sites that the source holds under the keys of a document, locked until the end of the write. */
export async function selectSites(db: Database, source: string, entries: Entry[]): Promise<Map<string, Body>> {
  const keys = ofType(entries, 'service-site').map(({ key }) => key)
  if (keys.length === 0) return new Map()
  const { rows } = await sql<
    Row & { held_as: string }
  >`select k.key as held_as, s.* from service_site s join source_key k on k.id = s.id
    where k.source = ${source} and k.type = 'service-site' and k.key = any(${keys}) order by s.id for no key update of s`.execute(
    db,
  )
  return new Map(rows.map((row) => [row.held_as, serviceSites.toBody(row) as unknown as Body]))
}
