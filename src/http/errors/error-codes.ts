/**
 * Error codes of bodies and parameters, each with a sentence for the pages of the problems. A code
 * is a promise to programs: it stays. The compiler refuses an error whose code is not here.
 */
import type { formatRules } from '../schema/formats.ts'

type FormatCode = `invalid-${keyof typeof formatRules}`

const ofFormats: Record<FormatCode, string> = {
  'invalid-text': 'The text holds characters that one line of text does not hold.',
  'invalid-prose': 'The text holds control characters or characters that change its direction.',
  'invalid-partial-date': 'It is no year, month or day that exists between 1900 and 2199.',
  'invalid-date': 'It is no day that exists between 1900 and 2199.',
  'invalid-date-time': 'It is no instant such as 2022-03-17T08:30:00Z.',
  'invalid-uuid': 'It is no UUID.',
  'invalid-web-url': 'It is no absolute http or https address.',
  'invalid-email': 'It is no e-mail address.',
  'invalid-phone': 'It is no telephone number.',
  'invalid-opening-hours': 'It is not in the syntax of OpenStreetMap for opening hours.',
}

/** Of bodies. */
export const bodyCodes = {
  required: 'The field is required.',
  'unknown-field': 'There is no such field.',
  'read-only': 'The field stands in answers only, or is fixed once written.',
  type: 'The value is of another JSON type, or null where it must not be.',
  empty: 'The text is empty.',
  'too-short': 'The text has too few characters.',
  'too-long': 'The text has too many characters.',
  'too-small': 'The number is too small.',
  'too-large': 'The number is too large.',
  'too-few': 'The list has too few entries.',
  'too-many': 'The list has too many entries, or the body too many objects of a kind; the message says which.',
  'too-precise': 'The number has too many digits.',
  'too-deep': 'It would stand on a lower level than there may be; the message says how many there are.',
  cycle: 'It would stand below itself, or continue what continues it.',
  duplicate: 'Duplicate value in the list or in the document.',
  'unknown-code': 'The code is not in the list of codes.',
  'unknown-reference': 'The reference leads to nothing, or to a resource that the caller may not see.',
  'unknown-territory': 'The official geographic code has no such territory, and no name was given.',
  'invalid-form': 'The value is not written in its form; the message says the rule.',
  ...ofFormats,
  malformed: 'The value cannot be read.',
  invalid: 'The value breaks another rule, which the message states.',
  checksum: 'The last digit does not check the others.',
  mismatch: 'The value does not agree with another one; the message says which.',
  'before-start': 'An end is before its start.',
  past: 'The instant has passed already.',
  'bound-twice': 'An organization is bound twice on some of the same days.',
  draft: 'A draft can be named only by drafts of the same Caf.',
  'self-reference': 'A convention cannot name itself here.',
} as const satisfies Record<string, string>

/** Of what is stored and stands against a change. */
export const conflictCodes = {
  taken: 'Another resource holds the value, and only one may.',
  'too-many': 'The convention would hold too much.',
  'other-source': 'Another source owns the object.',
  'in-use': 'Other resources refer to an object that the document no longer lists.',
} as const satisfies Record<string, string>

/** Of parameters. */
export const parameterCodes = {
  'unknown-parameter': 'The operation has no such parameter.',
  repeated: 'The parameter stands more than once.',
  'invalid-encoding': 'It is not percent-encoded UTF-8.',
  future: 'The instant is still to come.',
  'no-word': 'It has no word to look for: little words, punctuation and excluded words are none.',
  'not-together': 'It cannot be combined with another parameter; the message says which.',
  'unknown-territory': 'The official geographic code has no such territory, today or formerly.',
  'invalid-cursor': 'The cursor belongs to another list, or was altered.',
} as const satisfies Record<string, string>

export type ErrorCode = keyof typeof bodyCodes | keyof typeof conflictCodes | keyof typeof parameterCodes
