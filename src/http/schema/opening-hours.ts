/**
 * Whether a text is in the OpenStreetMap `opening_hours` syntax, as the package of that name reads it. The package
 * throws strings, writes to the console and needs milliseconds for a strange text, so it is asked behind a guard:
 * answers are remembered, and one body may ask it only so often.
 */
import OpeningHours from 'opening_hours'

export const OPENING_HOURS_MAX = 255

/** A text that can be read takes a millisecond or two, another one twenty. */
export const QUESTIONS_PER_BODY = 1_000
const UNREADABLE_PER_BODY = 25
const REMEMBERED = 10_000

const known = new Map<string, boolean>()
let questions = 0
let unreadable = 0

/** To be called before each body that is checked. */
export function allowQuestions(): void {
  questions = QUESTIONS_PER_BODY
  unreadable = UNREADABLE_PER_BODY
}

/** Whether the body that was checked has more hours than are read at once. Those that were read are remembered. */
export const areQuestionsSpent = (): boolean => questions < 0

/**
 * Whether it can be read. What is too long is left to the rule on lengths; what is not read any more is not called
 * wrong, for the body is refused anyway.
 */
export function isOpeningHours(value: string): boolean {
  if (value.length > 2 * OPENING_HOURS_MAX) return true
  const remembered = known.get(value)
  if (remembered !== undefined) return remembered
  if (unreadable <= 0 || questions-- <= 0) return true
  const readable = canRead(value)
  if (!readable) unreadable--
  if (known.size >= REMEMBERED) known.clear()
  known.set(value, readable)
  return readable
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
