/**
 * The OpenStreetMap `opening_hours` syntax, as the package of that name reads it. The package throws strings, writes
 * to the console and needs milliseconds for each text, so answers are remembered, one body has a budget, and the
 * service reads in a worker (`input/body-checks.ts`): its own thread only looks up what that has read.
 */
import OpeningHours from 'opening_hours'

export const OPENING_HOURS_MAX = 255

/** A text that can be read takes a millisecond or two, another one twenty. */
export const READ_PER_BODY = 1_000
const UNREADABLE_PER_BODY = 25
/** Twice as many are remembered at most. */
const REMEMBERED = 10_000

/** A text, and whether it can be read. */
export type ReadHours = [text: string, isReadable: boolean]

let young = new Map<string, boolean>()
let old = new Map<string, boolean>()
let readsHere = true
let budget = 0
let unreadableBudget = 0
let unread: string[] = []

/** From now on this thread reads nothing by itself; what it does not know is left in `unreadHours`. */
export function leaveReadingToWorkers(): void {
  readsHere = false
}

/** To be called before each body that is checked. */
export function beginBody(): void {
  budget = READ_PER_BODY
  unreadableBudget = UNREADABLE_PER_BODY
  unread = []
}

/** The texts of the body that was checked of which nothing is known yet. */
export const unreadHours = (): readonly string[] => unread

/** Keeps what was read elsewhere. */
export function rememberHours(read: readonly ReadHours[]): void {
  for (const [text, isReadable] of read) remember(text, isReadable)
}

/** Reads texts, as many as one body may have. */
export function readHours(texts: readonly string[]): ReadHours[] {
  beginBody()
  const answers = texts.map((text): ReadHours => [text, isOpeningHours(text)])
  const left = new Set(unread)
  return answers.filter(([text]) => !left.has(text))
}

/**
 * Whether it can be read. What is too long is left to the rule on lengths; what is not read any more is not called
 * wrong, for the body is refused anyway.
 */
export function isOpeningHours(value: string): boolean {
  if (value.length > 2 * OPENING_HOURS_MAX) return true
  const known = young.get(value) ?? old.get(value)
  if (known !== undefined) return known
  if (readsHere && unreadableBudget <= 0) return true
  if (!readsHere || budget-- <= 0) {
    unread.push(value)
    return true
  }
  const isReadable = canRead(value)
  if (!isReadable) unreadableBudget--
  remember(value, isReadable)
  return isReadable
}

function remember(value: string, isReadable: boolean): void {
  if (young.size >= REMEMBERED) {
    old = young
    young = new Map()
  }
  young.set(value, isReadable)
}

function canRead(value: string): boolean {
  const { warn, error } = console
  console.warn = console.error = () => {}
  try {
    // No place is given: hours that depend on the sun or on holidays are read, not computed.
    new OpeningHours(value, null)
    return true
  } catch {
    return false
  } finally {
    console.warn = warn
    console.error = error
  }
}
