/**
 * `asOf`: the registry as it stood at an instant. A read is carried back by the search path of its transaction: there each
 * table is a view of its rows at that position, and the statements are those of the present. A read shows what the
 * caller may see now and could have seen then; of deleted resources, what they could see at the deletion.
 */
import { type Expression, sql } from 'kysely'
import { Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import { isAdmin, seen, visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { anyOf, type Condition, conjunction } from '../../db/expressions.ts'
import { inSnapshot } from '../../db/transaction.ts'
import { invalidParameters } from '../../http/errors/problems.ts'
import { instant } from '../../http/schema/schemas.ts'
import { inUtc } from '../day.ts'
import type { Resource } from '../declaration/resource.ts'
import { refuseBelowHorizon } from './horizon.ts'

/** The parameter of reads that can be asked about the past. */
export const asOfParameter = {
  asOf: Type.Optional(
    instant(
      'As the registry stood at this instant, which must not be later than now: RFC 3339 with an offset, `+` written as `%2B` (French: état à cette date).',
      '2026-03-15T08:30:00Z',
    ),
  ),
}

export interface ReadContext {
  /** Of the present, or of the past: every read through it answers what stood then. */
  db: Database
  /** The instant, as it was asked for; none in the present. */
  asOf?: string
  /** Those of the ids of a resource that are in sight of the caller now, or were when they went. */
  visibleNow(resource: Resource, ids: string[]): Promise<string[]>
}

/** A reading of the present. */
export const present = (db: Database): ReadContext => ({ db, visibleNow: async (_resource, ids) => ids })

/**
 * What `work` reads: the present, or all of it as it stood at an instant. A 400 for an instant to come, a 410 for one
 * that the journal no longer reaches.
 */
export async function readAsOf<T>(
  db: Database,
  caller: Caller,
  asOf: string | undefined,
  work: (reading: ReadContext) => Promise<T>,
): Promise<T> {
  if (asOf === undefined) return work(present(db))
  const position = await positionAt(db, asOf)
  return inSnapshot(db, async (trx) => {
    await refuseBelowHorizon(trx, position)
    const timeTravel = await startTimeTravel(trx)
    await timeTravel.seek(position)
    return work({
      db: trx,
      asOf,
      async visibleNow(resource, ids) {
        if (resource.visibility === 'always' || ids.length === 0) return ids
        const found = await selectVisibleNow(trx, timeTravel, caller, resource, ids)
        await timeTravel.seek(position)
        return found
      },
    })
  })
}

/** A commit that took its `at` shortly before may not be seen yet: it holds the lock until it is. */
const COMMIT_MS = 60_000

/** The last position that the world could see at an instant; 0 before the first. A 400 for an instant to come. */
async function positionAt(db: Database, asOf: string): Promise<number> {
  const at = sql<string>`${inUtc(asOf)}::timestamptz`
  // The clock that gives `at`: what it has not reached yet could still be written into.
  const { rows: clock } = await sql<{ to_come: boolean; recent: boolean }>`
    select ${at} > clock_timestamp() as to_come, ${at} > clock_timestamp() - ${`${COMMIT_MS} milliseconds`}::interval as recent`.execute(
    db,
  )
  if (clock[0]?.to_come) {
    const message = 'asOf must not be later than now.'
    throw invalidParameters([{ parameter: 'asOf', code: 'future', message }])
  }
  // By a statement of its own: a reader that has waited for the commits under way does not hold up the next ones.
  if (clock[0]?.recent) await sql`select pg_advisory_xact_lock_shared(commit_lock())`.execute(db)
  // `at` rises with the position: an index finds the last one at once, which `max(position)` would search for.
  const last = await db
    .selectFrom('commit')
    .select('position')
    .where('at', '<=', at)
    .where('position', 'is not', null)
    .orderBy('at', 'desc')
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
  return Number(last?.position ?? 0)
}

interface TimeTravel {
  /** What the transaction reads from now on: the state at a position, or the present. */
  seek(position: number | 'present'): Promise<void>
}

async function startTimeTravel(trx: Database): Promise<TimeTravel> {
  const { rows } = await sql<{ home: string }>`select current_setting('search_path') as home`.execute(trx)
  const home = rows[0]?.home ?? ''
  return {
    async seek(position) {
      const path = position === 'present' ? home : `past, ${home}`
      await sql`select set_config('search_path', ${path}, true), set_config('registry.position', ${String(position)}, true)`.execute(
        trx,
      )
    },
  }
}

/** A thing is in sight by its convention: as that is now or, when it is deleted, as it was at its end. */
async function selectVisibleNow(
  trx: Database,
  { seek: travel }: TimeTravel,
  caller: Caller,
  resource: Resource,
  ids: string[],
): Promise<string[]> {
  await travel('present')
  const { rows } = await sql<{ id: string; convention_id: string }>`
    select id, convention_id from unnest(${ids}::uuid[]) wanted cross join lateral (
      select id, convention_id from change where type = ${resource.type} and id = wanted limit 1) known`.execute(trx)
  const wanted = [...new Set(rows.map((row) => row.convention_id))]
  const deleted = await trx
    .selectFrom('change as h')
    .innerJoin('commit as c', 'c.tx', 'h.tx')
    .select(['h.id', 'c.position'])
    .where('h.type', '=', 'convention')
    .where('h.id', '=', anyOf(wanted))
    .where('h.operation', '=', 'deleted')
    .execute()
  const inSight = await selectVisible(trx, caller, wanted)
  for (const { id, position } of deleted) {
    await travel(Number(position) - 1)
    inSight.push(...(await selectVisible(trx, caller, [id])))
  }
  return rows.filter((row) => inSight.includes(row.convention_id)).map(({ id }) => id)
}

async function selectVisible(trx: Database, caller: Caller, conventionIds: string[]): Promise<string[]> {
  const seen = await trx
    .selectFrom('convention as t')
    .select('t.id')
    .where('t.id', '=', anyOf(conventionIds))
    .where(conjunction([visible(caller, 'own')]))
    .execute()
  return seen.map(({ id }) => id)
}

/**
 * Whether the caller may see a version, a row `name` of the journal: its convention is visible now, and was at
 * some time while that was the version. What brought an end is seen by those who saw what it ended.
 */
export function visibleVersion({ visibility }: Resource, caller: Caller, name: string): Condition {
  if (visibility === 'always' || isAdmin(caller)) return sql<boolean>`true`
  const row = (column: string) => sql.ref(`${name}.${column}`)
  const isEnd = sql`${row('operation')} = 'deleted'`
  const next = sql`(select e.position from change n join commit e on e.tx = n.tx
    where n.type = ${row('type')} and n.id = ${row('id')} and n.version > ${row('version')}
      and n.operation in ('created', 'updated', 'deleted') order by n.version limit 1)`
  const { scopes, shown } = scopesOf(caller, row('convention_id'))
  return sql<boolean>`${seenToday(caller, row('convention_id'))} and exists (select from (select position from commit where tx = ${row('tx')}) at, lateral (select ${scopes} and ${shown}
      and s.position >= (select max(s.position) ${scopes} and s.position <= at.position - (${isEnd})::int)
      and (case when ${isEnd} then s.position < at.position else s.position < ${next} is not false end) limit 1) seen)`
}

/** Who saw a convention and when, and whether the caller was among them; it outlives the convention. */
const scopesOf = (caller: Caller, conventionId: Expression<unknown>) => ({
  scopes: sql`from scope s where s.convention_id = ${conventionId}`,
  // A convention that is gone is in sight for those who saw it when it went.
  shown: seen(caller, sql`coalesce(s.public_after, s.public_before)`, sql`coalesce(s.caf_after, s.caf_before)`),
})

/** Whether the caller sees a convention today, whatever moment is read. */
export function seenToday(caller: Caller, conventionId: Expression<unknown>): Condition {
  const { scopes, shown } = scopesOf(caller, conventionId)
  return sql<boolean>`coalesce((select ${shown} ${scopes} order by s.position desc limit 1), false)`
}
