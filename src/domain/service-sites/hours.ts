/** Hours of sites and stops as they are stored, and what a worker thread says of them: which are open, and when they open. */
import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import { type Condition, conjunction } from '../../db/expressions.ts'
import { workerPool } from '../../http/limits/worker-pool.ts'
import type { Hours, nextOpenings, Opening, openAt } from './openings.ts'

/** A site or one of its stops, with its hours. */
export interface Place {
  id: string
  /** 0: the site itself, else the number of its stop. */
  number: number
  /** The stop as it is stored; null of the site itself. */
  stop: unknown
  /** Null: not known. */
  hours: string | null
  department: string | null
  starts_on: string | null
  ends_on: string | null
}

/** Sites `t` and what is at each of their places `h`. Hours count while the site is open; those of a stop on its own days of these. */
const select = sql`
  select t.id, h.number, h.stop, h.hours, department_of(coalesce(h.commune_code, t.postcode)) as department, h.starts_on, h.ends_on
  from service_site t cross join lateral (
    select 0 as number, null::jsonb as stop, t.opening_hours::text as hours, t.commune_code, first_day(t.opened_on)::text as starts_on, last_day(t.closed_on)::text as ends_on
    union all
    select number::int, stop, stop ->> 'openingHours', coalesce(stop ->> 'communeCode', t.commune_code),
      greatest(first_day(stop ->> 'startsOn'), first_day(t.opened_on))::text,
      least(last_day(stop ->> 'endsOn'), last_day(t.closed_on))::text
    from jsonb_array_elements(t.stops) with ordinality stop (stop, number)) h`

/** At most so many of the places with hours that meet conditions on the site `t` and on the number `h.number`. */
export async function selectOpenable(
  db: Database,
  where: readonly (Condition | undefined)[],
  limit: number,
): Promise<Place[]> {
  const conditions = conjunction([...where, sql<boolean>`h.hours is not null`])
  const { rows } = await sql<Place>`${select} where ${conditions} limit ${limit}`.execute(db)
  return rows
}

/** These places, in no order; those that are gone meanwhile are left out. */
export async function selectPlaces(db: Database, places: readonly Pick<Place, 'id' | 'number'>[]): Promise<Place[]> {
  const ids = places.map(({ id }) => id)
  const numbers = places.map(({ number }) => number)
  const { rows } = await sql<Place>`${select} join unnest(${ids}::uuid[], ${numbers}::int[]) wanted (id, number)
    on wanted.id = t.id and wanted.number = h.number`.execute(db)
  return rows
}

interface Worker {
  openAt: typeof openAt
  nextOpenings: typeof nextOpenings
}

const LATE = 'The opening hours could not be read in time; try again.'
const REMEMBERED = 20_000
const HOUR_MS = 3_600_000

/** Reads opening hours in a thread. */
export interface HoursReader {
  /** Those of the places with hours that are open at an instant; a 503 when it takes too long to say. */
  openPlaces(caller: Caller, places: readonly Place[], instant: string): Promise<Place[]>
  /** When each of the places opens next, or has opened if it is open; null where that is not known. */
  openingsOf(caller: Caller, places: readonly Place[], now: Date): Promise<(Opening | null)[]>
  /** Ends the threads. */
  close(): Promise<void>
}

/** A reader, whose threads start when they are first needed. */
export function hoursReader(): HoursReader {
  const pool = workerPool<Worker>(new URL('./openings.ts', import.meta.url), LATE)
  /** The next openings that were read lately: each holds until it ends, and what says nothing for an hour. */
  const known = new LRUCache<string, { from: number; until: number; next: Opening | null }>({ max: REMEMBERED })

  return {
    async openPlaces(caller, places, instant) {
      if (places.length === 0) return []
      const isOpen = await pool.run(callerOf(caller), 'openAt', { hours: places.map(hoursOf), instant })
      return places.filter((_, i) => isOpen[i])
    },
    async openingsOf(caller, places, now) {
      const time = now.getTime()
      const hours = places.map(hoursOf)
      const keys = hours.map((one) => JSON.stringify(one))
      const isFresh = (key: string) => {
        const entry = known.get(key)
        return entry !== undefined && entry.from <= time && time < entry.until
      }
      const unread = hours.filter(({ text }, i) => text !== '' && !isFresh(keys[i] ?? ''))
      if (unread.length > 0) {
        const read = await pool.run(callerOf(caller), 'nextOpenings', { hours: unread, instant: now.toISOString() })
        for (const [i, next] of read.entries()) {
          const until = next?.closesAt ? Date.parse(next.closesAt) : time + HOUR_MS
          known.set(JSON.stringify(unread[i]), { from: time, until, next })
        }
      }
      return keys.map((key) => known.get(key)?.next ?? null)
    },
    close: () => pool.close(),
  }
}

const callerOf = (caller: Caller) => (caller.kind === 'key' ? caller.id : caller.kind)

const hoursOf = ({ hours, department, starts_on: startsOn, ends_on: endsOn }: Place): Hours => ({
  text: hours ?? '',
  department,
  startsOn,
  endsOn,
})
