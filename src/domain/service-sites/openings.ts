/**
 * Openings: when hours in the OpenStreetMap syntax are open, by the clock and the public holidays of their place. The
 * package reckons with the local time of the process: it is given dates whose local time is the time of the place. A new
 * text takes it milliseconds, so this runs in a worker (`hours.ts`), which keeps what it has read.
 */
import { LRUCache } from 'lru-cache'
import type { opening_hours as OpeningHours } from 'opening_hours'
import { firstDay, lastDay } from '../../engine/partial-date.ts'
import { parseHours } from '../../http/schema/opening-hours.ts'
import { type LocalClock, localClock } from './local-clock.ts'

/** The hours of a site or of one of its stops. */
export interface Hours {
  text: string
  /** The département whose clock and holidays they follow; null: those of Paris. */
  department: string | null
  /** The first and the last day on which they count. */
  startsOn: string | null
  endsOn: string | null
}

/** An interval in which something is open, as instants; null: for longer than is looked at. */
export interface Opening {
  opensAt: string | null
  closesAt: string | null
  timeZone: string
}

const READ_MAX = 5_000
const DAY_MS = 86_400_000
/** How far is looked ahead, and behind for the beginning of what is open now. */
const AHEAD_MS = 366 * DAY_MS
const BEHIND_MS = DAY_MS
/** So many changes are looked at: hours may say that they do not count on thousands of days. */
const CHANGES_MAX = 200

/** Of each of the hours, whether they are open at an instant. Those that say so only by appointment are not. */
export function openAt({ hours, instant }: { hours: readonly Hours[]; instant: string }): boolean[] {
  return hours.map((one) => {
    const clock = localClock(one.department)
    const local = clock.toLocal(Date.parse(instant))
    return counts(one, local) && evaluated(() => read(one, clock)?.getState(local) ?? false, false)
  })
}

/** Of each of the hours the interval in which they are open at an instant, or else the next one; null when none is known. */
export function nextOpenings({ hours, instant }: { hours: readonly Hours[]; instant: string }): (Opening | null)[] {
  // Many sites of a place have the same hours.
  const known = new Map<string, Opening | null>()
  return hours.map((one) => {
    const key = JSON.stringify(one)
    const opening = known.get(key) ?? evaluated(() => nextOpening(one, Date.parse(instant)), null)
    known.set(key, opening)
    return opening
  })
}

/** Hours that can be read may still throw: the package knows the school holidays of some places and years only. */
function evaluated<T>(evaluate: () => T, unknown: T): T {
  try {
    return evaluate()
  } catch {
    return unknown
  }
}

function nextOpening(hours: Hours, now: number): Opening | null {
  const clock = localClock(hours.department)
  const reader = read(hours, clock)
  if (!reader) return null
  const first = dayStart(firstDay(hours.startsOn))
  const end = dayStart(lastDay(hours.endsOn), 1)
  const today = clock.toLocal(now)
  const from = later(new Date(today.getTime() - BEHIND_MS), first)
  const until = earlier(new Date(later(today, first).getTime() + AHEAD_MS), end)
  const iterator = reader.getIterator(from)
  for (let changes = 0; changes < CHANGES_MAX && iterator.getDate() < until; changes++) {
    const opens = iterator.getDate()
    const isOpen = iterator.getState()
    const closes = iterator.advance(until) ? iterator.getDate() : null
    if (isOpen && (closes === null || closes > today)) {
      const isBegun = opens > from || first?.getTime() === opens.getTime()
      const closing = earliest(closes, end)
      return {
        opensAt: isBegun ? clock.toInstant(opens) : null,
        closesAt: closing && closing <= until ? clock.toInstant(closing) : null,
        timeZone: clock.timeZone,
      }
    }
    if (closes === null) return null
  }
  return null
}

/** Whether hours count on the day of a local time. */
function counts({ startsOn, endsOn }: Hours, local: Date): boolean {
  const first = dayStart(firstDay(startsOn))
  const end = dayStart(lastDay(endsOn), 1)
  return (!first || local >= first) && (!end || local < end)
}

/** The beginning of a day in local time, or of so many days later. */
function dayStart(day: string | null, later = 0): Date | undefined {
  if (day === null) return undefined
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later)
}

const later = (one: Date, other: Date | undefined) => (other && other > one ? other : one)
const earlier = (one: Date, other: Date | undefined) => (other && other < one ? other : one)
const earliest = (one: Date | null, other: Date | undefined) => (one ? earlier(one, other) : (other ?? null))

const readers = new LRUCache<string, { reader: OpeningHours | undefined }>({ max: READ_MAX })

/** Undefined when the text cannot be read: the registry refuses such texts, but may have taken some before. */
function read({ text }: Hours, { holidays }: LocalClock): OpeningHours | undefined {
  const key = `${holidays} ${text}`
  let entry = readers.get(key)
  if (!entry) {
    entry = { reader: parseHours(text, holidays) }
    readers.set(key, entry)
  }
  return entry.reader
}
