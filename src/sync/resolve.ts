/**
 * What the references of a document mean: a key of the document or of its source, or else the id of something that
 * it may name. Everything is asked for at once, whatever the size of the document.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { ResourceType } from '../resource/resource.ts'
import { type Entry, ofType } from './entries.ts'
import type { Held } from './held.ts'
import { toResource } from './references.ts'

/** Conventions, and the conventions of actions, that a document names, and whether they are drafts. */
export type Drafts = Set<string>

export interface Resolver {
  idOf(to: ResourceType, key: string): string | undefined
  /** The ids among those it gave that are drafts, or under one. */
  drafts: Drafts
}

interface Scope {
  source: string
  conventionId: string
  entries: Entry[]
  /** The organizations that the document lists. */
  listed: Map<string, string>
  held: Held
}

interface Found {
  name: string
  id: string
  draft: boolean
}

export async function selectResolver(db: Database, scope: Scope): Promise<Resolver> {
  const names = namesUsed(scope.entries)
  const found = {
    organization: await selectOrganizations(db, scope.source, names('organization')),
    convention: await selectConventions(db, scope.source, names('convention')),
    action: await selectActions(db, scope.source, scope.conventionId, names('action')),
  }
  const outside = new Map(
    Object.entries(found).map(([type, rows]) => [type, new Map(rows.map(({ name, id }) => [name, id]))]),
  )
  const inside = new Map<string, Map<string, string>>([['organization', scope.listed]])
  for (const type of ['amendment', 'axis', 'service-site'] as const) {
    // An id comes after all keys: what others made has none in this source.
    const ids = (scope.held.get(type) ?? []).map(({ id }) => [id, id] as const)
    inside.set(type, new Map([...ids, ...ofType(scope.entries, type).map(({ key, id }) => [key, id] as const)]))
  }
  const all = Object.values(found).flat()
  return {
    idOf: (to, key) => inside.get(to)?.get(key) ?? outside.get(to)?.get(key),
    drafts: new Set(all.filter(({ draft }) => draft).map(({ id }) => id)),
  }
}

/** The keys and ids by which the document names things of each type. */
function namesUsed(entries: Entry[]) {
  const used = new Map<ResourceType, Set<string>>()
  for (const { type, given } of entries) {
    toResource(type, given, (to, key) => {
      used.set(to, (used.get(to) ?? new Set()).add(key))
      return undefined
    })
  }
  return (type: ResourceType) => [...(used.get(type) ?? [])]
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const ids = (names: string[]) => names.filter((name) => UUID.test(name))

async function selectOrganizations(db: Database, source: string, names: string[]): Promise<Found[]> {
  if (names.length === 0) return []
  const { rows } = await sql<Found>`
    select id::text as name, id, false as draft from organization where id = any(${ids(names)}::uuid[])
    union all
    select key, id, false from source_key where source = ${source} and type = 'organization' and key = any(${names})`.execute(
    db,
  )
  return rows
}

async function selectConventions(db: Database, source: string, names: string[]): Promise<Found[]> {
  if (names.length === 0) return []
  const { rows } = await sql<Found>`
    select id::text as name, id, state = 'draft' as draft from convention where id = any(${ids(names)}::uuid[])
    union all
    select k.key, c.id, c.state = 'draft' from source_key k join convention c on c.id = k.id
    where k.source = ${source} and k.type = 'convention' and k.key = any(${names})`.execute(db)
  return rows
}

async function selectActions(db: Database, source: string, conventionId: string, names: string[]): Promise<Found[]> {
  if (names.length === 0) return []
  const { rows } = await sql<Found>`
    select a.id::text as name, a.id, c.state = 'draft' as draft from action a join convention c on c.id = a.convention_id
    where a.id = any(${ids(names)}::uuid[]) and c.id <> ${conventionId}
    union all
    select o.key || '/' || k.key, k.id, c.state = 'draft'
    from source_key o join source_key k on k.source = o.source and k.convention_id = o.id and k.type = 'action'
      join convention c on c.id = o.id
    where o.source = ${source} and o.type = 'convention' and c.id <> ${conventionId} and o.key || '/' || k.key = any(${names})`.execute(
    db,
  )
  return rows
}
