/**
 * Media types of bodies: JSON in UTF-8, uncompressed; for PATCH also as a merge patch; lines of JSON, which are read as
 * they come. What a body means is checked later, by the handler, because 404 and 412 come first.
 */
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest, preParsingHookHandler, preValidationHookHandler } from 'fastify'
import type { TSchema } from 'typebox'
import { type Problem, problem } from '../errors/problems.ts'
import type { Coding } from '../output/codings.ts'
import { type Keywords, resolve } from '../schema/schemas.ts'
import type { BodyChecks } from './body-checks.ts'
import { readBody } from './body-reader.ts'
import { emptyBody, parseJson } from './json.ts'

const JSON_TYPE = 'application/json'
const MERGE_PATCH_TYPE = 'application/merge-patch+json'
/** One JSON text a line. */
export const LINES_TYPE = 'application/x-ndjson'

declare module 'fastify' {
  interface FastifyInstance {
    /** Parses and checks bodies; undefined where handlers alone check them. */
    bodyChecks: BodyChecks | undefined
  }
  interface FastifyContextConfig {
    /** The media types of the body that the operation takes; by default JSON, for PATCH also a merge patch. */
    consumes?: readonly string[]
    /** The codings that its body may have; by default none. */
    bodyCodings?: readonly Coding[]
  }
}

/** Refuses a request without the body that its operation takes, whether or not it names a type. */
export const requireBody: preValidationHookHandler = ({ body, routeOptions }, _reply, done) => {
  done(body === undefined && routeOptions.schema?.body ? emptyBody() : undefined)
}

/** Replaces the parsers of the framework by ours. Without `checks` bodies are parsed, and checked by handlers alone. */
export function registerBodies(app: FastifyInstance, checks?: BodyChecks): void {
  app.removeAllContentTypeParsers()
  const parse = async (request: FastifyRequest, payload: Readable) => {
    const bytes = await readBody(request, payload)
    // Many clients name a type even where they send nothing.
    if (bytes.length === 0) return undefined
    return checks ? checks.parse(request.quotaCaller.id, bytes, schemaOf(request)) : parseJson(bytes)
  }
  app.decorate('bodyChecks', checks)
  if (checks) app.addHook('onClose', checks.close)
  app.addContentTypeParser([JSON_TYPE, MERGE_PATCH_TYPE], parse)
  // Read by its handler as it comes; see body-stream.ts.
  app.addContentTypeParser(LINES_TYPE, (_request, payload, done) => done(null, payload))
}

/** Refuses a body of a type or a coding that the operation does not take, before any of it is read. */
export const checkMediaType: preParsingHookHandler = (request, _reply, _payload, done) => {
  done(hasBody(request) ? mediaTypeProblem(request) : null)
}

function schemaOf({ routeOptions }: FastifyRequest): TSchema | undefined {
  const { body } = routeOptions.schema ?? {}
  return body === undefined ? undefined : (resolve(body as Keywords) as TSchema)
}

function hasBody({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

function mediaTypeProblem({ method, headers, routeOptions }: FastifyRequest): Problem | null {
  const { bodyCodings = [] } = routeOptions.config
  const codings: string[] = [...bodyCodings, 'identity']
  if (!codings.includes((headers['content-encoding'] ?? 'identity').toLowerCase())) {
    const must = bodyCodings.length > 0 ? `must be ${bodyCodings.join(' or ')}, or not` : 'must not be'
    const accepted = { 'accept-encoding': codings.join(', ') }
    return problem('unsupported-media-type', `The body ${must} compressed.`, { headers: accepted })
  }
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
