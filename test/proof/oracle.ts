/**
 * What readers must have received, worked out a second time and in another way than the registry does it: the journal
 * is replayed position by position, and what each reader sees of the whole is compared before and after. Neither the
 * scopes that the registry noted nor the rows that it journaled for their sake are looked at.
 */
import { sql } from 'kysely'
import { resources } from '../../src/domain/resources.ts'
import type { ResourceType } from '../../src/engine/resource-types.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import { type Delivered, markOf, type Plan } from './reader.ts'
import { rowsOf, type Stage } from './stage.ts'

export interface Expected extends Pick<Delivered, 'type' | 'resourceId' | 'version' | 'operation' | 'mark'> {
  /** The convention whose draft hides it; undefined of what is always public. */
  under: string | undefined
}

/** By position, then by type and id: all that a reader must receive. */
export type Script = Map<number, Map<string, Expected>>

export interface Journal {
  /** The script of each plan. */
  scripts: Script[]
  /** The chain of each position, and when the world could see it. */
  commits: Map<number, { chain: string; at: string }>
  /** Of each convention the positions at which it was hidden or shown; that it went changes nothing. */
  shown: Map<string, { position: number; isHidden: boolean }[]>
  /** How many rows of resources it holds. */
  changes: number
  /** What is wrong with the journal itself. */
  errors: string[]
}

interface Stored {
  position: number
  type: ResourceType
  id: string
  version: number
  operation: 'created' | 'updated' | 'deleted'
  body: Row
  departments: string[] | null
}

interface Thing {
  type: ResourceType
  id: string
  version: number
  row: Row
  departments: string[]
  mark: string
}

type World = Map<string, Thing>

export const nameOf = ({ type, id }: { type: string; id: string }) => `${type} ${id}`

export async function readJournal({ db }: Stage, plans: readonly Plan[]): Promise<Journal> {
  const commits = await rowsOf(
    db,
    sql<{ position: number; chain: string; at: string }>`
    select position::float8 as position, encode(chain, 'hex') as chain,
      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from commit where position is not null order by commit.position`,
  )
  const stored = await rowsOf(
    db,
    sql<Stored>`
    select c.position::float8 as position, h.type, h.id, h.version, h.operation, h.body, h.department_codes as departments
    from commit c join change h using (tx)
    where h.type <> 'key' and h.operation in ('created', 'updated', 'deleted') order by c.position, h.seq`,
  )
  const errors = commits.flatMap(({ position }, i) =>
    position === i + 1 ? [] : [`position ${position} stands where ${i + 1} should`],
  )
  const scripts = plans.map((): Script => new Map())
  const play = startReplay(plans)
  for (const [position, rows] of Map.groupBy(stored, (row) => row.position)) {
    const { expected, wrong } = play(rows)
    errors.push(...wrong)
    expected.forEach((delivered, i) => void scripts[i]?.set(position, delivered))
  }
  const shown: Journal['shown'] = new Map()
  for (const { position, type, id, operation, body } of stored) {
    if (type !== 'convention' || operation === 'deleted') continue
    shown.set(id, [...(shown.get(id) ?? []), { position, isHidden: body.state === 'draft' }])
  }
  const byPosition = new Map(commits.map(({ position, ...commit }) => [position, commit]))
  return { scripts, commits: byPosition, shown, changes: stored.length, errors }
}

/** Plays one transaction after the other: what each plan must be told of it. */
function startReplay(plans: readonly Plan[]) {
  const world: World = new Map()
  const under = new Map<string, Set<string>>()
  return (rows: readonly Stored[]) => {
    const touched = new Set(rows.map(nameOf))
    for (const { type, id, body } of rows) {
      if (type === 'convention') for (const name of under.get(id) ?? []) touched.add(name)
      for (const above of conventionsOf(type, id, body)) {
        const names = under.get(above) ?? new Set()
        under.set(above, names.add(nameOf({ type, id })))
      }
    }
    const before = [...touched].map((name) => ({
      name,
      was: world.get(name),
      seen: plans.map((plan) => sees(plan, world, name)),
    }))
    const wrong = rows.flatMap((row) => apply(world, row))
    const expected = plans.map(() => new Map<string, Expected>())
    for (const { name, was, seen } of before) {
      const now = world.get(name)
      const deleted = rows.find((row) => nameOf(row) === name)
      plans.forEach((plan, i) => {
        const isSeen = sees(plan, world, name)
        const isNews = now !== undefined && isSeen && !(seen[i] && was?.version === now.version)
        const [thing, operation] = isNews ? ([now, 'upsert'] as const) : ([was, now ? 'left' : 'delete'] as const)
        if (!thing || (!isNews && (isSeen || !seen[i]))) return
        const { type, id: resourceId, mark, row } = thing
        const [under] = type === 'service-site' ? [] : conventionsOf(type, resourceId, row)
        const version = (now ?? deleted ?? thing).version
        expected[i]?.set(name, { type, resourceId, version, operation, mark: isNews ? mark : null, under })
      })
    }
    return { expected, wrong }
  }
}

function apply(world: World, { position, type, id, version, operation, body, departments }: Stored): string[] {
  const name = nameOf({ type, id })
  const expected = (world.get(name)?.version ?? 0) + 1
  if (operation === 'deleted') world.delete(name)
  else {
    const mark = markOf(resources[type].toBody(body))
    world.set(name, { type, id, version, row: body, departments: departments ?? [], mark })
  }
  return version === expected ? [] : [`position ${position}: ${name} has version ${version}, not ${expected}`]
}

/** The ids of the conventions by which a resource is seen. */
function conventionsOf(type: ResourceType, id: string, row: Row): string[] {
  if (type === 'organization') return []
  if (type === 'convention') return [id]
  return type === 'service-site' ? (row.convention_ids as string[]) : [row.convention_id as string]
}

function sees({ filter, isKeyed }: Plan, world: World, name: string): boolean {
  const thing = world.get(name)
  if (!thing || (filter.types && !filter.types.split(',').includes(thing.type))) return false
  const { type, id, row } = thing
  if (type === 'organization') return true
  const isSite = type === 'service-site'
  const ids = conventionsOf(type, id, row)
  const inSight = ids
    .map((one) => world.get(`convention ${one}`))
    .filter((one) => one !== undefined)
    .filter((one) => one.row.state !== 'draft' || (isKeyed && !isSite))
  if (!isSite && inSight.length === 0) return false
  const codes = [...(isSite ? thing.departments : []), ...inSight.flatMap((one) => one.departments)]
  return (
    (filter.conventionId === undefined || ids.includes(filter.conventionId)) &&
    (filter.source === undefined ||
      (row.sources as { source: string }[]).some(({ source }) => source === filter.source)) &&
    (filter.cafId === undefined || inSight.some((one) => one.row.caf_id === filter.cafId)) &&
    (filter.departmentCode === undefined || codes.includes(filter.departmentCode))
  )
}
