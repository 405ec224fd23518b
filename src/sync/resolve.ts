/**
 * What the references of a document mean: a key of the document or of its source, or else the id of something that
 * it may name. Everything is asked for at once, whatever the size of the document.
 */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { seenConvention } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { conventions } from '../domain/conventions/queries.ts'
import type { ResourceType } from '../engine/resource.ts'
import { type Entry, ofType } from './items.ts'
import { toResource } from './references.ts'
import type { Held } from './stored.ts'

export interface Resolver {
  /** The id that a key, or else an id, means; undefined when it means nothing that may be named. */
  idOf(to: ResourceType, key: string): string | undefined
  /** The ids, of those that are named under the convention, of drafts and of what is under one; whether he sees it. */
  drafts: Map<string, boolean>
}

interface Scope {
  caller: Caller
  source: string
  /** Of the document: the convention and all that it lists. */
  entries: Entry[]
  others: Held
}

interface Found {
  /** The key or id by which it is named. */
  name: string
  id: string
  draft: boolean
  /** Whether the caller may see it. */
  seen: boolean
}

/**
 * The resolver of a document; organizations that the document lists are not known to it. What it locks it locks by
 * then, before the organizations, so that documents that name each other's conventions do not wait in a circle.
 */
export async function selectResolver(db: Database, { caller, source, entries, others }: Scope): Promise<Resolver> {
  const [convention] = ofType(entries, 'convention') as [Entry]
  const names = namesUsed(entries)
  const linked = present([convention.current?.predecessorId, convention.current?.mergedIntoId])
  const carried = present(ofType(entries, 'action').map(({ current }) => current?.carriedFromId))
  // What is a draft and stays one may go on naming what it names, whoever sees that today.
  const isDraft = (convention.given.state ?? conventions.defaults.state) === 'draft'
  const mayName = new Set(isDraft ? [...linked, ...carried] : [])
  const carriedByOthers = present((others.get('action') ?? []).map((body) => body.carriedFromId))
  const named = await lockConventions(db, caller, source, [...names('convention'), ...linked])
  const actions = await selectActions(db, { caller, source, conventionId: convention.id }, [
    ...names('action'),
    ...carriedByOthers,
  ])
  const outside = new Map([
    ['organization', byName(await selectOrganizations(db, source, names('organization')), mayName)],
    ['convention', byName(named, mayName)],
    ['action', byName(actions, mayName)],
  ])
  const inside = new Map<ResourceType, Map<string, string>>()
  for (const type of ['amendment', 'axis', 'service-site'] as const) {
    // An id comes after all keys, and means only what others made: what the source lists no longer is dropped.
    const ids = (others.get(type) ?? []).map(({ id }) => [id, id] as const)
    const keys = ofType(entries, type).map(({ key, id }) => [key, id] as const)
    // Of a key that stands twice, which has been told, the first is meant.
    inside.set(type, new Map([...ids, ...keys.toReversed()]))
  }
  return {
    idOf: (to, key) => inside.get(to)?.get(key) ?? outside.get(to)?.get(key),
    drafts: new Map([...named, ...actions].filter(({ draft }) => draft).map(({ id, seen }) => [id, seen])),
  }
}

/** A name is a key before it is an id; what may not be named has none. */
const byName = (rows: Found[], mayName: Set<string>) =>
  new Map(
    rows
      .filter(({ id, seen }) => seen || mayName.has(id))
      .toSorted((a, b) => Number(a.name !== a.id) - Number(b.name !== b.id))
      .map(({ name, id }) => [name, id]),
  )

const present = (values: unknown[]) => values.filter((value): value is string => typeof value === 'string')

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
    select id::text as name, id, false as draft, true as seen from organization where id = any(${ids(names)}::uuid[])
    union all
    select key, id, false, true from source_key where source = ${source} and type = 'organization' and key = any(${names})`.execute(
    db,
  )
  return rows
}

/** Locked: whether one is a draft stays as it is until the document that names it is written. */
async function lockConventions(db: Database, caller: Caller, source: string, names: string[]): Promise<Found[]> {
  if (names.length === 0) return []
  const { rows } = await sql<Found>`
    select named.name, c.id, c.state = 'draft' as draft, ${seenConvention(caller)} as seen from convention c join (
      select id::text as name, id from convention where id = any(${ids(names)}::uuid[])
      union all
      select key, id from source_key where source = ${source} and type = 'convention' and key = any(${names})
    ) named on named.id = c.id order by c.id for no key update of c`.execute(db)
  return rows
}

async function selectActions(
  db: Database,
  { caller, source, conventionId }: { caller: Caller; source: string; conventionId: string },
  names: string[],
): Promise<Found[]> {
  if (names.length === 0) return []
  const named = [...ids(names).map((id) => [id, id] as const), ...(await selectActionNames(db, source, names))]
  const { rows } = await sql<Found & { id: string }>`
    select a.id, c.state = 'draft' as draft, ${seenConvention(caller)} as seen from action a join convention c on c.id = a.convention_id
    where a.id = any(${named.map(([, id]) => id)}::uuid[]) and c.id <> ${conventionId} order by c.id for share of c`.execute(
    db,
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  return named.flatMap(([name, id]) => {
    const row = found.get(id)
    return row ? [{ ...row, name }] : []
  })
}

/**
 * The ids of actions of a source by `<convention key>/<action key>`. Keys may hold slashes: a name that can be read
 * in two ways means neither of them.
 */
export async function selectActionNames(db: Database, source: string, names: string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const { rows } = await sql<{ name: string; id: string }>`
    select n.name, (array_agg(k.id))[1] as id from unnest(${names}::text[]) n (name)
      join source_key o on o.source = ${source} and o.type = 'convention' and starts_with(n.name, o.key || '/')
      join source_key k on k.source = o.source and k.type = 'action' and k.convention_id = o.id
        and k.key = substr(n.name, char_length(o.key) + 2)
    group by n.name having count(*) = 1`.execute(db)
  return new Map(rows.map(({ name, id }) => [name, id]))
}
