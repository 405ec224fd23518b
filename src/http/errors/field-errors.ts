/**
 * Field errors: from the errors of the validator to those that a caller reads: a pointer, a stable code, and a sentence
 * that names the field and its rule. A sentence never repeats the value.
 */
import type { ErrorObject } from 'ajv'
import { formatRules, formRule } from '../schema/formats.ts'
import type { ErrorCode } from './error-codes.ts'
import { asSentence, didYouMean, nearest } from './nearest.ts'
import type { FieldError } from './problems.ts'

export type BodyError = Extract<FieldError, { pointer: string }>

/** A name in a pointer that is longer than this is cut: it may be as long as the body. */
const NAME_MAX = 200

/** A step of a JSON Pointer (RFC 6901). */
const pointerStep = (name: string | number): string =>
  `/${String(name).slice(0, NAME_MAX).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** The steps of a JSON Pointer, unescaped. */
export const pointerSteps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The errors in the order in which a body holds what is wrong; what is missing comes after what is there. */
export function inOrderOf(body: unknown, errors: BodyError[]): BodyError[] {
  const places = new Map<object, Map<string, number>>()
  const placeIn = (parent: object, name: string) => {
    if (Array.isArray(parent)) return Number(name)
    const known = places.get(parent) ?? new Map(Object.keys(parent).map((one, i) => [one.slice(0, NAME_MAX), i]))
    places.set(parent, known)
    return known.get(name) ?? known.size
  }
  const pathOf = ({ pointer }: BodyError) => {
    let at: unknown = body
    return pointerSteps(pointer).map((name) => {
      if (typeof at !== 'object' || at === null) return 0
      const place = placeIn(at, name)
      at = (at as Record<string, unknown>)[name]
      return place
    })
  }
  const sortable = errors.map((error) => ({ error, path: pathOf(error) }))
  return sortable.sort((a, b) => compare(a.path, b.path)).map(({ error }) => error)
}

function compare(a: number[], b: number[]): number {
  const i = a.findIndex((place, i) => place !== b[i])
  return i === -1 ? a.length - b.length : (a[i] as number) - (b[i] ?? -1)
}

/**
 * All errors of a body in its order; what is said further of a place that was refused already, or of what is in it, is
 * left out.
 */
export function mergeErrors(body: unknown, refused: BodyError[], further: BodyError[]): BodyError[] {
  const places = new Set(refused.map(({ pointer }) => pointer))
  const isRefused = ({ pointer }: BodyError) =>
    pointer.split('/').some((_, i, steps) => places.has(steps.slice(0, i + 1).join('/')))
  return inOrderOf(body, [...refused, ...further.filter((error) => !isRefused(error))])
}

/** The field that a pointer leads to, as a sentence names it: `title`, `themes[2]`, or `The body`. */
export function fieldName(pointer: string): string {
  const steps = pointerSteps(pointer)
  const last = steps.at(-1)
  if (last === undefined) return 'The body'
  const list = steps.at(-2)
  return /^\d+$/.test(last) && list !== undefined ? `${list}[${last}]` : last
}

/** The field error of an error of the validator. */
export function describeError({ instancePath, keyword, params, data, parentSchema }: ErrorObject): BodyError {
  const at = (pointer: string, code: ErrorCode, rule: string): BodyError => ({
    pointer,
    code,
    message: asSentence(`${fieldName(pointer)} ${rule}`),
  })
  const here = (code: ErrorCode, rule: string) => at(instancePath, code, rule)
  switch (keyword) {
    case 'required':
      return at(instancePath + pointerStep(params.missingProperty), 'required', 'is required')
    case 'additionalProperties':
      return at(instancePath + pointerStep(params.additionalProperty), ...unknownField(params, parentSchema))
    case 'type':
      return here('type', data === null ? 'must not be null' : `must be ${namesOfTypes(params.type)}`)
    case 'enum':
      return here('unknown-code', codeRule(data, params.allowedValues))
    case 'format':
      return here(...formatError(params.format))
    case OPENING_HOURS:
      return here(...formatError('opening-hours'))
    case 'pattern':
      return here('invalid-form', `must be ${formRule(params.pattern)}`)
    case 'uniqueItems':
      return at(instancePath + pointerStep(Math.max(params.i, params.j)), 'duplicate', 'stands twice in the list')
    default:
      return here(...boundOf(keyword, Number(params.limit ?? parentSchema?.[keyword])))
  }
}

const formatError = (format: keyof typeof formatRules): [code: ErrorCode, rule: string] => [
  `invalid-${format}`,
  `must be ${formatRules[format]}`,
]

/** The keyword under which the validator checks opening hours. */
export const OPENING_HOURS = 'x-opening-hours'

/** The keyword under which the validator knows the fields of a component that only answers have. */
export const READ_ONLY = 'x-read-only'

function unknownField(
  { additionalProperty }: ErrorObject['params'],
  schema: ErrorObject['parentSchema'],
): [code: ErrorCode, rule: string] {
  return schema?.[READ_ONLY]?.includes(additionalProperty)
    ? ['read-only', 'is read-only: it cannot be written here']
    : ['unknown-field', 'is not a field that can be written here']
}

function boundOf(keyword: string, limit: number): [code: ErrorCode, rule: string] {
  switch (keyword) {
    case 'minLength':
      return limit === 1 ? ['empty', 'must not be empty'] : ['too-short', `must have at least ${limit} characters`]
    case 'maxLength':
      return ['too-long', `must have at most ${limit} characters`]
    case 'minimum':
      return ['too-small', `must be at least ${limit}`]
    case 'maximum':
      return ['too-large', `must be at most ${limit}`]
    case 'minItems':
      return ['too-few', `must have at least ${limit} ${limit === 1 ? 'entry' : 'entries'}`]
    case 'maxItems':
      return ['too-many', `must have at most ${limit} entries`]
    case 'x-max-significant-digits':
      return ['too-precise', `must have at most ${limit} significant digits`]
    case 'x-max-decimals':
      return ['too-precise', `must have at most ${limit} decimals`]
    default:
      return ['invalid', `breaks the rule ${keyword}`]
  }
}

const typeNames: Record<string, string> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

const namesOfTypes = (types: string | string[]) =>
  [types]
    .flat()
    .map((type) => typeNames[type])
    .join(' or ')

function codeRule(value: unknown, allowed: unknown[]): string {
  const codes = allowed.filter((code) => typeof code === 'string')
  return `must be one of ${codes.join(', ')}${didYouMean(typeof value === 'string' ? nearest(value, codes) : [])}`
}
