/**
 * JSON bodies, read strictly: valid UTF-8, no name twice in an object, no `__proto__` or `constructor`, at most 32
 * levels. What they mean is checked later, by the handler, because 404 and 412 come first. And the media types that
 * an operation takes: JSON in UTF-8, uncompressed; for PATCH also as a merge patch.
 */
import type { FastifyInstance, FastifyRequest, preParsingHookHandler, preValidationHookHandler } from 'fastify'
import { limits } from '../../config.ts'
import { type Problem, problem } from '../errors/problems.ts'

const JSON_TYPE = 'application/json'
const MERGE_PATCH_TYPE = 'application/merge-patch+json'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types of the body that the operation takes; by default JSON, for PATCH also a merge patch. */
    consumes?: readonly string[]
  }
}

/** Refuses a request without the body that its operation takes, whether or not it names a type. */
export const requireBody: preValidationHookHandler = ({ body, routeOptions }, _reply, done) => {
  done(body === undefined && routeOptions.schema?.body ? emptyBody() : undefined)
}

const emptyBody = () => problem('bad-request', 'The body is empty; it must be JSON.')

/** Replaces the parsers of the framework by ours. */
export function registerBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = async (_request: FastifyRequest, bytes: Buffer) =>
    // Many clients name a type even where they send nothing.
    bytes.length === 0 ? undefined : parseJson(bytes)
  app.addContentTypeParser([JSON_TYPE, MERGE_PATCH_TYPE], { parseAs: 'buffer' }, parse)
}

/** Refuses a body of a type or a coding that the operation does not take, before any of it is read. */
export const checkMediaType: preParsingHookHandler = (request, _reply, _payload, done) => {
  done(hasBody(request) ? mediaTypeProblem(request) : null)
}

function hasBody({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

function mediaTypeProblem({ method, headers, routeOptions }: FastifyRequest): Problem | null {
  const coding = headers['content-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'identity')
    return problem('unsupported-media-type', 'The body must not be compressed.', {
      headers: { 'accept-encoding': 'identity' },
    })
  const taken = mediaTypesOf(method, routeOptions.config.consumes)
  if (taken.includes(mediaTypeOf(headers['content-type'] ?? ''))) return null
  return problem('unsupported-media-type', `The body must be ${taken.join(' or ')} in UTF-8.`, {
    headers: method === 'PATCH' || method === 'POST' ? { [`accept-${method.toLowerCase()}`]: taken.join(', ') } : {},
  })
}

/** The media types that an operation takes. */
export const mediaTypesOf = (method: string, consumes?: readonly string[]): readonly string[] =>
  consumes ?? (method === 'PATCH' ? [MERGE_PATCH_TYPE, JSON_TYPE] : [JSON_TYPE])

/** The media type in lower case; empty when the header cannot be read or names another character set than UTF-8. */
function mediaTypeOf(contentType: string): string {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';')
  const isReadable = parameters.every((parameter) => {
    const [, name, value] = /^\s*([\w-]+)=("[^"]*"|[^\s";,]+)\s*$/.exec(parameter) ?? []
    return name !== undefined && (name !== 'charset' || value === 'utf-8' || value === '"utf-8"')
  })
  return isReadable ? type.trim() : ''
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The value of a JSON text of bytes; throws a 400 that says what is wrong with it. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw emptyBody()
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw problem('bad-request', 'The body is not valid UTF-8.')
  }
  refuseTraps(text)
  try {
    return JSON.parse(text)
  } catch {
    throw problem('bad-request', 'The body is not valid JSON.')
  }
}

const STRUCTURE = /["{}[\],]/g
const STRING_END = /["\\]/g
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor'])

/** What JSON.parse lets pass: deep nesting, repeated names, names that could reach the prototype of an object. */
function refuseTraps(text: string): void {
  /** The names of each open object; null for a list. */
  const open: (Set<string> | null)[] = []
  let expectsName = false
  let containers = 0
  let values = 0
  STRUCTURE.lastIndex = 0
  for (let match = STRUCTURE.exec(text); match; match = STRUCTURE.exec(text)) {
    const [character] = match
    if (character === '"') {
      const end = endOfString(text, match.index + 1)
      if (expectsName) refuseName(text.slice(match.index, end), open.at(-1))
      expectsName = false
      STRUCTURE.lastIndex = end
    } else if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : null) > limits.jsonDepth)
        throw problem('bad-request', `The body is nested deeper than ${limits.jsonDepth} levels.`)
      if (++containers > limits.jsonContainers)
        throw problem('bad-request', `The body holds more than ${limits.jsonContainers} objects and lists.`)
      expectsName = character === '{'
    } else if (character === ',') {
      if (++values > limits.jsonValues)
        throw problem('bad-request', `The body holds more than ${limits.jsonValues} members and entries.`)
      expectsName = open.at(-1) instanceof Set
    } else open.pop()
  }
}

/** The index after the closing quotation mark, or the end of the text. */
function endOfString(text: string, start: number): number {
  STRING_END.lastIndex = start
  for (let match = STRING_END.exec(text); match; match = STRING_END.exec(text)) {
    if (match[0] === '"') return STRING_END.lastIndex
    STRING_END.lastIndex++
  }
  return text.length
}

function refuseName(literal: string, names: Set<string> | null | undefined): void {
  const name = literal.includes('\\') ? unescaped(literal) : literal.slice(1, -1)
  if (FORBIDDEN_NAMES.has(name)) throw problem('bad-request', `The name ${name} must not stand in a body.`)
  if (names?.has(name)) throw problem('bad-request', `The name ${name.slice(0, 100)} stands twice in an object.`)
  names?.add(name)
}

function unescaped(literal: string): string {
  try {
    return JSON.parse(literal)
  } catch {
    return literal
  }
}
