/**
 * Formats and keywords of our own, and the standard formats as strictly as the contract means them. Each is checked in
 * time linear in the length of the text, whatever the text.
 */
import type { Ajv, SchemaValidateFunction } from 'ajv'

/** What each format asks for, in words that continue "title must be". */
export const formatRules = {
  text: 'one line of text without control characters, invisible ones or ones that change the direction of writing',
  prose:
    'text without control characters (line breaks and tabs are allowed), invisible ones or ones that change its direction',
  'partial-date': 'a year, month or day that exists between 1900 and 2199, such as 2022, 2022-03 or 2022-03-17',
  date: 'a day that exists between 1900 and 2199, such as 2022-03-17',
  'date-time': 'an instant such as 2022-03-17T08:30:00Z (in a URL the + of an offset is %2B)',
  uuid: 'a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057',
  'web-url': 'an absolute http or https address without spaces, user name or password',
  email: 'an e-mail address such as accueil@example.org',
  phone: 'a telephone number of 4 to 15 digits, with +, spaces, dots, hyphens or brackets if you like',
  'opening-hours': 'opening hours in the syntax of OpenStreetMap, such as Mo-Fr 09:00-12:00',
} as const

/** A form of short texts such as codes: a regular expression, and its rule in words that continue "title must be". */
export interface Form {
  pattern: string
  words: string
}

const forms = new Map<string, string>()

/** Defines a form, so that a caller is told its rule in words wherever a value breaks it. */
export function form(pattern: string, words: string): Form {
  forms.set(pattern, words)
  return { pattern, words }
}

/** The rule of a form in words. */
export const formRule = (pattern: string): string => forms.get(pattern) ?? `of the form ${pattern}`

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same, but for tabs and line feeds
const CONTROL_IN_PROSE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
/** As in the Stream-Safe Text Format of Unicode (UAX 15): sorting longer runs takes time by the square. */
const MANY_MARKS = /\p{M}{31}/u
/** What changes the direction of writing, and what is there and cannot be seen. */
const UNSEEN = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]/

/** The text in NFC, in linear time; a text with absurdly many marks on one letter stays as it is, to be refused. */
export const normalize = (value: string): string => (MANY_MARKS.test(value) ? value : value.normalize('NFC'))

/** Whether it is one line of text. A lone surrogate is no character at all, so it could not be stored. */
export const isText = (value: string): boolean => !CONTROL.test(value) && isReadable(value)

const isProse = (value: string) => !CONTROL_IN_PROSE.test(value) && isReadable(value)

const isReadable = (value: string) => value.isWellFormed() && !UNSEEN.test(value) && !MANY_MARKS.test(value)

const PARTIAL_DATE = /^((?:19|20|21)\d\d)(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$/

/** Whether it is a year, a month or a day that exists, 1900 to 2199. */
export function isPartialDate(value: string): boolean {
  const [, year, month, day] = PARTIAL_DATE.exec(value) ?? []
  if (day === undefined) return year !== undefined
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
}

/** Whether it is a day that exists, 1900 to 2199. */
export const isDate = (value: string) => value.length === 10 && isPartialDate(value)

const INSTANT = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

function isInstant(value: string): boolean {
  const [, day] = INSTANT.exec(value) ?? []
  return day !== undefined && isDate(day)
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const WEB_URL = /^https?:\/\/(?!\/)[^\s\\<>"^`{|}]+$/i

function isWebUrl(value: string): boolean {
  if (!WEB_URL.test(value) || !isText(value)) return false
  const url = URL.parse(value)
  return url !== null && url.hostname !== '' && url.username === '' && url.password === ''
}

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i

function isEmail(value: string): boolean {
  const at = value.lastIndexOf('@')
  return at > 0 && at <= 64 && LOCAL_PART.test(value.slice(0, at)) && DOMAIN.test(value.slice(at + 1))
}

const PHONE = /^\+?[\d\s().-]+$/

function isPhone(value: string): boolean {
  const digits = value.length > 100 ? 0 : value.replace(/\D/g, '').length
  return PHONE.test(value) && isText(value) && digits >= 4 && digits <= 15
}

const checks: Record<Exclude<keyof typeof formatRules, 'opening-hours'>, (value: string) => boolean> = {
  text: isText,
  prose: isProse,
  'partial-date': isPartialDate,
  date: isDate,
  'date-time': isInstant,
  uuid: (value) => UUID.test(value),
  'web-url': isWebUrl,
  email: isEmail,
  phone: isPhone,
}

/** Teaches a validator our formats and keywords. */
export function addFormats(ajv: Ajv): void {
  for (const [name, validate] of Object.entries(checks)) ajv.addFormat(name, { type: 'string', validate })
  addUniqueItems(ajv)
  // Bodies have a keyword for it, which keeps to a budget.
  ajv.addFormat('opening-hours', true)
  // Only answers hold pointers.
  ajv.addFormat('json-pointer', /^(?:\/(?:[^~/]|~[01])*)*$/)
  ajv.addKeyword({
    keyword: 'x-max-significant-digits',
    type: 'number',
    validate: (max: number, value: number) => significantDigits(value) <= max,
    errors: false,
  })
  ajv.addKeyword({
    keyword: 'x-max-decimals',
    type: 'number',
    validate: (max: number, value: number) => Number(value.toFixed(max)) === value,
    errors: false,
  })
}

/** The standard keyword in linear time, for lists of scalars: that of the validator compares each entry with each. */
function addUniqueItems(ajv: Ajv): void {
  const check: SchemaValidateFunction = (_isUnique: boolean, list: unknown[]) => {
    const places = new Map(list.map((entry, i) => [entry, i]))
    const i = places.size === list.length ? -1 : list.findIndex((entry, i) => places.get(entry) !== i)
    if (i === -1) return true
    check.errors = [{ keyword: 'uniqueItems', params: { i, j: places.get(list[i]) } }]
    return false
  }
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: check, errors: true })
}

/** Of the shortest decimal that stands for the same number: 1500 has 2, 0.0012 has 2. */
function significantDigits(value: number): number {
  const [digits = ''] = Math.abs(value).toExponential().split('e')
  return digits.replace('.', '').length
}
