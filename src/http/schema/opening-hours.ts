/**
 * Opening hours in the syntax of OpenStreetMap, as the package of that name reads them. The package throws strings,
 * writes to the console and needs milliseconds for each text. So results are cached, each check of a body has a budget,
 * and a worker does the reading (`input/body-checks.ts`): the thread of the service only looks results up.
 */
import OpeningHours, { type nominatim_object } from 'opening_hours'

export const OPENING_HOURS_MAX = 255

/** A text that can be read takes a millisecond or two, another one twenty. */
export const READ_PER_BODY = 1_000
const UNREADABLE_PER_BODY = 25
/** Twice as many are remembered at most. */
const REMEMBERED = 10_000

/** A text, and whether it can be read. */
export type ReadHours = [text: string, isReadable: boolean]

/** The opening hours of one body. */
export interface HoursCheck {
  /**
   * Whether a text can be read. True of what is too long, which the rule on lengths refuses; of what is left in
   * `unread`; and of all that follows so many unreadable texts that the body is refused anyway.
   */
  isReadable(text: string): boolean
  /** Texts of which nothing is known, in their order. */
  readonly unread: readonly string[]
}

/** A check that reads what is not known yet, as many texts as one body may have. */
export const readingHours = (): HoursCheck => hoursCheck(READ_PER_BODY)

/** A check that reads nothing by itself. */
export const knownHours = (): HoursCheck => hoursCheck(0)

function hoursCheck(budget: number): HoursCheck {
  const unread: string[] = []
  let reads = 0
  let unreadable = 0
  return {
    unread,
    isReadable(text) {
      if (text.length > 2 * OPENING_HOURS_MAX) return true
      let isReadable = young.get(text) ?? old.get(text)
      if (isReadable === undefined) {
        if (unreadable >= UNREADABLE_PER_BODY) return true
        if (reads++ >= budget) {
          unread.push(text)
          return true
        }
        isReadable = canRead(text)
        remember(text, isReadable)
      }
      if (!isReadable) unreadable++
      return isReadable
    },
  }
}

/** Keeps what was read elsewhere. */
export function rememberHours(read: readonly ReadHours[]): void {
  for (const [text, isReadable] of read) remember(text, isReadable)
}

/** Reads texts, as many as one body may have; what was not read is left out. */
export function readHours(texts: readonly string[]): ReadHours[] {
  const check = readingHours()
  for (const text of texts) check.isReadable(text)
  return texts.flatMap((text): ReadHours[] => {
    const isReadable = young.get(text) ?? old.get(text)
    return isReadable === undefined ? [] : [[text, isReadable]]
  })
}

/** What was read lately: a second generation takes over when the first is full. */
let young = new Map<string, boolean>()
let old = new Map<string, boolean>()

function remember(value: string, isReadable: boolean): void {
  if (young.size >= REMEMBERED) {
    old = young
    young = new Map()
  }
  young.set(value, isReadable)
}

const canRead = (value: string) => parseHours(value) !== undefined

/**
 * What the package makes of a text; undefined when it cannot be read. With a state the public holidays are those of
 * France, and those that this part of it has by itself; it may be empty. No coordinates are given: of hours that depend
 * on the sun it reckons with one that rises at 6 and sets at 20 o'clock.
 */
export function parseHours(value: string, state?: string): OpeningHours | undefined {
  const { warn, error } = console
  console.warn = console.error = () => {}
  try {
    return new OpeningHours(value, state === undefined ? null : placeIn(state))
  } catch {
    return undefined
  } finally {
    console.warn = warn
    console.error = error
  }
}

const placeIn = (state: string) => ({ address: { country_code: 'fr', state } }) as nominatim_object
