/**
 * Parameters of the path and of the query, turned into values and checked by the schema of the route, all errors
 * reported together. Nothing is guessed: a word is the number, the flag or the list that its schema asks for, or it is an error.
 * A list is comma separated, or its parameter is repeated.
 */
import type { FastifyRequest, preValidationHookHandler } from 'fastify'
import type { TSchema } from 'typebox'
import { limits } from '../../config.ts'
import type { ErrorCode } from '../errors/error-codes.ts'
import { pointerSteps } from '../errors/field-errors.ts'
import { asSentence, didYouMean, nearest } from '../errors/nearest.ts'
import { type FieldError, invalidParameters } from '../errors/problems.ts'
import { normalize } from '../schema/formats.ts'
import type { Keywords } from '../schema/schemas.ts'
import { errorsIn } from './validation.ts'

/** So many characters of an unknown name are repeated in the answer. */
export const PARAMETER_MAX = 200

type QueryWords = Map<string, string[]>
type Values = Record<string, unknown>

interface ParameterSchemas {
  params?: unknown
  querystring?: unknown
}

/** A hook that replaces `params` and `query` of a request by their values, or throws a 400 with all errors. */
export function checkParameters({ params, querystring }: ParameterSchemas): preValidationHookHandler {
  return (request, _reply, done) => {
    const errors: FieldError[] = []
    if (params) request.params = wordsToValues(params as TSchema, pathWords(request), errors)
    const search = searchOf(request.raw.url ?? '')
    const words = search === '' ? new Map() : queryWords(search, errors)
    request.query = wordsToValues((querystring ?? NO_PARAMETERS) as TSchema, words, errors)
    done(errors.length > 0 ? invalidParameters(errors) : undefined)
  }
}

const NO_PARAMETERS = { type: 'object', properties: {} }

const pathWords = (request: FastifyRequest): QueryWords =>
  new Map(Object.entries(request.params as Record<string, string>).map(([name, word]) => [name, [word]]))

function searchOf(url: string): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}

function queryWords(search: string, errors: FieldError[]): QueryWords {
  const words: QueryWords = new Map()
  for (const pair of search.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const word = decode(equals === -1 ? '' : pair.slice(equals + 1))
    const given = name === undefined ? undefined : words.get(name)
    if (name === undefined || word === undefined)
      errors.push(error(name ?? '', 'invalid-encoding', 'must be percent-encoded UTF-8'))
    else if (given) given.push(word)
    else words.set(name, [word])
  }
  return words
}

/** Undefined when it is not percent-encoded UTF-8. */
function decode(encoded: string): string | undefined {
  if (/[^\x21-\x7e]/.test(encoded)) return undefined
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function wordsToValues(schema: TSchema, words: QueryWords, errors: FieldError[]): Values {
  const { properties = {} } = schema as Keywords
  const values: Values = {}
  const alreadyTold = new Set(errors.map(parameterOf))
  const report = (name: string, code: ErrorCode, rule: string) => {
    errors.push(error(name, code, rule))
    alreadyTold.add(name)
  }
  for (const [name, given] of words) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!property)
      report(
        name,
        'unknown-parameter',
        unknownRule(name, errors.length < limits.problemErrors ? Object.keys(properties) : []),
      )
    else if (given.some((word) => word.trim() === '')) report(name, 'empty', 'must not be empty')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are refused
    else if (given.some((word) => /[\u0000-\u001f\u007f]/.test(word)))
      report(name, 'invalid-text', 'must not hold control characters')
    else if (given.length > 1 && property.type !== 'array') report(name, 'repeated', 'must stand only once')
    else values[name] = wordsToValue(property, given)
  }
  for (const { pointer, code, message } of errorsIn(schema, values)) {
    const [parameter = ''] = pointerSteps(pointer)
    // The values of a list have no places that a caller would count.
    if (!alreadyTold.has(parameter)) errors.push({ parameter, code, message: message.replace(/^(\w+)\[\d+\]/, '$1') })
  }
  return values
}

const parameterOf = (error: FieldError) => ('parameter' in error ? error.parameter : '')

/** What is said of an unknown parameter: those that exist, the nearest one first. */
function unknownRule(name: string, known: string[]): string {
  if (known.length === 0) return 'is not a parameter of this operation'
  return `is not a parameter of this operation, which has ${known.join(', ')}${didYouMean(nearest(name, known))}`
}

function error(name: string, code: ErrorCode, rule: string): FieldError {
  const parameter = [...name.slice(0, 2 * PARAMETER_MAX)].slice(0, PARAMETER_MAX).join('')
  return { parameter, code, message: asSentence(`${parameter || 'A parameter'} ${rule}`) }
}

function wordsToValue(schema: Keywords, words: string[]): unknown {
  if (schema.type !== 'array') return wordToScalar(schema, words[0] as string)
  return words.flatMap((word) => word.split(',')).map((word) => wordToScalar(schema.items ?? {}, word))
}

/** As JSON has it, with all digits that a language writes of a number. */
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?$/

/** A word that does not fit stays a word, so that the check reports what was expected. */
function wordToScalar({ type, enum: codes, format }: Keywords, word: string): unknown {
  switch (type) {
    case 'integer':
      return /^-?(?:0|[1-9]\d{0,14})$/.test(word) ? Number(word) : word
    case 'number':
      return NUMBER.test(word) && Number.isFinite(Number(word)) ? Number(word) : word
    case 'boolean':
      return word === 'true' ? true : word === 'false' ? false : word
    default:
      if (format === 'uuid') return word.toLowerCase()
      if (codes) return word
      return format === 'text' ? normalize(word).trim() : normalize(word)
  }
}
