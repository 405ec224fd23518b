/**
 * Mirror of the registry, as a reader keeps one, and the check that it missed nothing: the log is judged by itself and
 * against the journal, the copy made of it against the rows.
 */
import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'

/** By position is the rule; by seq is the mistake that the check must find. */
export type Order = 'position' | 'seq'

export interface Delivered {
  position: number
  seq: number
  type: string
  id: string
  version: number
  operation: 'created' | 'updated' | 'deleted' | 'scope' | 'void'
  /** As Postgres prints it. */
  body: string
  /** Null for what is under no convention, and where the convention did not exist. */
  before: Scope | null
  after: Scope | null
}

interface Scope {
  isPublic: boolean
  caf: string
  departments: string[]
}

/** What a reader asks for: by a convention's scope; `null` stands for what is under no convention. */
export type Sees = (scope: Scope | null) => boolean

/** Type and id, and what stands there: the version and the body. */
export type Copy = Map<string, string>

const scopeOf = (when: 'before' | 'after') =>
  sql.raw(`case when s.public_${when} is not null then json_build_object('isPublic', s.public_${when},
    'caf', s.caf_${when}, 'departments', s.departments_${when}) end as ${when}`)

const changes = sql`
  select c.position::float8 as position, j.seq::float8 as seq, j.type, j.id, j.version, j.operation, j.body::text as body,
    ${scopeOf('before')}, ${scopeOf('after')}
  from commit c join change_read j using (tx) left join scope s on s.tx = j.tx and s.convention_id = j.convention_id`

/** Appends the next page to a log; false when there was none. */
export async function readOn(db: Database, log: Delivered[], order: Order, limit: number): Promise<boolean> {
  const { position, seq } = log.at(-1) ?? { position: 0, seq: 0 }
  const after =
    order === 'seq'
      ? sql`where j.seq > ${seq} order by j.seq`
      : sql`where c.position >= ${position} and (c.position, j.seq) > (${position}, ${seq}) order by c.position, j.seq`
  const { rows } = await sql<Delivered>`${changes} ${after} limit ${limit}`.execute(db)
  log.push(...rows)
  return rows.length > 0
}

/** What is wrong with a log that has been read to the end; empty when the reader got everything once, in order. */
export async function logErrors(db: Database, log: Delivered[]): Promise<string[]> {
  const name = ({ position, type, id }: Delivered) => `${position} ${type} ${id}`
  const heard = new Set(log.map(name))
  const { rows } = await sql<Delivered>`${changes} order by c.position, j.seq`.execute(db)
  const missed = rows.filter((one) => !heard.has(name(one))).map((one) => `missed ${name(one)}`)
  const doubled = log.length > heard.size ? [`${log.length - heard.size} doubled`] : []
  return [...missed, ...doubled, ...gaps(log, await linkPositions(db)), ...versionErrors(log)]
}

/** Positions of transactions that changed nothing but links of drafts, which no reader receives. */
async function linkPositions(db: Database): Promise<Set<number>> {
  const { rows } = await sql<{ position: number }>`
    select c.position::float8 as position from commit c where not exists (select from change h where h.tx = c.tx)
      and exists (select from link l where c.tx in (l.since, l.until))`.execute(db)
  return new Set(rows.map(({ position }) => position))
}

function gaps(log: Delivered[], silent: Set<number>): string[] {
  return log.flatMap(({ position }, i) => {
    let previous = log[i - 1]?.position ?? 0
    while (silent.has(previous + 1)) previous += 1
    return position <= previous + 1 ? [] : [`position ${position} after ${previous}`]
  })
}

function versionErrors(log: Delivered[]): string[] {
  const latest = new Map<string, number>()
  return log.flatMap(({ position, type, id, version, operation }) => {
    const expected = (latest.get(id) ?? 0) + (operation === 'scope' ? 0 : 1)
    latest.set(id, version)
    return version === expected ? [] : [`${position} ${type} ${id}: version ${version}, not ${expected}`]
  })
}

/** The copy that a reader keeps, up to a position, and what in the log contradicts it on the way. */
export function keepCopy(
  log: Delivered[],
  sees: Sees,
  until = Number.POSITIVE_INFINITY,
): { copy: Copy; errors: string[] } {
  const copy: Copy = new Map()
  const errors: string[] = []
  for (const delivered of log) {
    if (delivered.position > until || delivered.operation === 'void') continue
    const isOwn = delivered.before !== null || delivered.after !== null
    const before = sees(delivered.before) && (isOwn ? delivered.before !== null : true)
    const after = sees(delivered.after) && (isOwn ? delivered.after !== null : true)
    const place = `${delivered.type} ${delivered.id}`
    const content = `${delivered.version} ${delivered.body}`
    if (!before && copy.has(place)) errors.push(`${delivered.position} ${place}: held, but not in scope before`)
    if (delivered.operation === 'scope' && before && copy.get(place) !== content)
      errors.push(`${delivered.position} ${place}: was in scope, but not held as it is`)
    if (after && delivered.operation !== 'deleted') copy.set(place, content)
    else copy.delete(place)
  }
  return { copy, errors }
}

/** The rows that a reader sees now, and the position of now, in one snapshot. */
export async function snapshot(db: Database, sees: Sees): Promise<{ position: number; rows: Copy }> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const position = sql<{ head: number }>`select coalesce(max(position), 0)::float8 as head from commit`
      const { rows: heads } = await position.execute(trx)
      const { rows: tables } = await sql<{ type: string; name: string }>`
        select type, name from journaled where type <> 'key'`.execute(trx)
      const rows: Copy = new Map()
      for (const { type, name } of tables) {
        const owner = { convention: sql`r.id`, organization: sql`null`, 'service-site': sql`null` }[type]
        const read = sql<{ place: string; content: string; scope: Scope | null }>`
          select ${type} || ' ' || r.id as place,
            r.version || ' ' || (to_jsonb(r) - (select hidden from journaled where type = ${type}))::text as content,
            case when c.id is not null then json_build_object('isPublic', c.state <> 'draft', 'caf', c.caf_id,
              'departments', c.department_codes) end as scope
          from ${sql.table(name)} r left join convention c on c.id = ${owner ?? sql`r.convention_id`}`
        for (const { place, content, scope } of (await read.execute(trx)).rows) {
          if (sees(scope)) rows.set(place, content)
        }
      }
      return { position: heads[0]?.head ?? 0, rows }
    })
}

/** Where two copies differ. */
export function differences(one: Copy, other: Copy): string[] {
  const places = new Set([...one.keys(), ...other.keys()])
  return [...places].filter((place) => one.get(place) !== other.get(place))
}
