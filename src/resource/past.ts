/**
 * Resources as they stood at an instant, read from the journal. A version is shown to those who may see the thing now
 * and might have seen it then; of what is deleted, to those who could see it when it went.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { isAdmin, seen } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { invalidParameters } from '../http/problems.ts'
import type { Resource, Row } from './resource.ts'

type Condition = RawBuilder<boolean>

/** The last position that the world could see at an instant; 0 before the first. A 400 for an instant to come. */
export async function positionAt(db: Database, instant: string, now: Date): Promise<number> {
  if (Date.parse(instant) > now.getTime()) {
    const message = 'asOf must not be later than now.'
    throw invalidParameters([{ parameter: 'asOf', code: 'future', message }])
  }
  const { rows } = await sql<{ position: string | null }>`
    select max(position) as position from commit where at <= ${instant}::timestamptz`.execute(db)
  return Number(rows[0]?.position ?? 0)
}

/** The body of a resource at a position; undefined when it was not there, or not in sight then or now. */
export async function selectOneAt<Body>(
  db: Database,
  resource: Resource<Body>,
  caller: Caller,
  id: string,
  position: number,
) {
  const bodies = await selectAt(db, resource, caller, sql<boolean>`h.id = ${id}::uuid`, position)
  return bodies[0]
}

/** The bodies of those of the ids that were there and in sight, by id. */
export async function selectByIdsAt<Body>(
  db: Database,
  resource: Resource<Body>,
  caller: Caller,
  ids: string[],
  position: number,
) {
  const bodies = await selectAt(db, resource, caller, sql<boolean>`h.id = any(${ids}::uuid[])`, position)
  return new Map(bodies.map((body) => [(body as { id: string }).id, body]))
}

/** All of a kind that a convention had at a position, by id. */
export async function selectOfConventionAt<Body>(
  db: Database,
  resource: Resource<Body>,
  caller: Caller,
  conventionId: string,
  position: number,
) {
  return selectAt(db, resource, caller, sql<boolean>`h.convention_id = ${conventionId}::uuid`, position)
}

async function selectAt<Body>(
  db: Database,
  resource: Resource<Body>,
  caller: Caller,
  condition: Condition,
  position: number,
): Promise<Body[]> {
  const { rows } = await sql<{ body: Row }>`
    select body from (
      select distinct on (h.id) h.id, h.body, h.operation, h.convention_id
      from change h join commit c on c.tx = h.tx
      where h.type = ${resource.type} and ${condition} and h.operation <> 'void' and c.position <= ${position}
      order by h.id, c.position desc
    ) h where h.operation <> 'deleted' and ${inSight(resource, caller, position)} order by h.id`.execute(db)
  return rows.map(({ body }) => resource.toBody(body))
}

/** Whether the convention of a row `h` of the journal was in sight at its position, and is now. */
export function inSight({ visibility }: Resource, caller: Caller, position: number | RawBuilder<unknown>): Condition {
  if (visibility === 'always' || isAdmin(caller)) return sql<boolean>`true`
  const then = wasSeen(seen(caller, sql`s.public_after`, sql`s.caf_after`), sql`and s.position <= ${position}`)
  // A convention that is gone is in sight for those who saw it when it went.
  const last = seen(caller, sql`coalesce(s.public_after, s.public_before)`, sql`coalesce(s.caf_after, s.caf_before)`)
  return sql<boolean>`${then} and ${wasSeen(last, sql``)}`
}

const wasSeen = (condition: Condition, until: RawBuilder<unknown>) => sql<boolean>`coalesce((
  select ${condition} from scope s where s.convention_id = h.convention_id ${until} order by s.position desc limit 1), false)`
