/**
 * Error handler: from anything that can be thrown to the problem that the caller reads. It answers all errors, those of
 * the framework and of the database included, so that every error of every path has one form. Any other error becomes a
 * 500 that reveals nothing and is logged.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../../config.ts'
import type { ErrorCode } from '../errors/error-codes.ts'
import { databaseFull, nothingAtPath, Problem, type ProblemSlug, problem, problemBody } from '../errors/problems.ts'
import { fixedHeaders, isSendable } from '../output/headers.ts'
import { jsonLine } from '../output/response.ts'

/** What a rule of the database means for a caller; `pointer` leads to the field that breaks it. */
export interface ConstraintProblem {
  slug: ProblemSlug
  pointer: string
  code: ErrorCode
  message: string
}

/** An error of the database, as the layer that knows the database classifies it. */
export interface StoreFailure {
  kind: string
  sqlstate: string | null
  constraint: string | null
}

export interface ErrorOptions {
  /** Null for what did not come from the database. */
  classify?: (error: unknown) => StoreFailure | null
  /** By the name of the constraint. */
  constraintProblems?: Readonly<Record<string, ConstraintProblem>>
}

/** Headers that belonged to the answer that failed. */
const DROPPED = [
  'cache-control',
  'connection',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'etag',
  'link',
  'location',
  'preference-applied',
  'vary',
]

/** The error handler of an application. */
export const answerErrors =
  (options: ErrorOptions) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    answerProblem(problemOf(error, request, options), error, request, reply)
  }

/** The answer to errors of the router, which come before any hook. */
export const answerFrameworkError = answerErrors({})

function answerProblem(refusal: Problem, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (refusal.status === 500) request.log.error({ err: error }, 'a defect')
  else if (refusal.status === 503) request.log.warn({ err: error }, 'not available')
  for (const name of DROPPED) reply.removeHeader(name)
  if (refusal.slug === 'payload-too-large' || isStillSending(request, refusal)) reply.header('connection', 'close')
  reply
    .code(refusal.status)
    .headers(fixedHeaders(request))
    .headers({ 'x-request-id': request.id, 'cache-control': 'no-store', ...refusal.headers })
    .type('application/problem+json')
    .serializer(jsonLine)
  for (const [name, value] of Object.entries(reply.getHeaders())) if (!isSendable(value)) reply.removeHeader(name)
  reply.send(problemBody(refusal, request.id))
}

/** Whether a large body comes that is refused unread: it is better cut off than received for nothing. */
const isStillSending = ({ headers, body }: FastifyRequest, { status }: Problem) =>
  (status === 429 || status === 503) && body === undefined && Number(headers['content-length'] ?? 0) > limits.bodyBytes

/** The problem of anything that can be thrown while a request is served. */
export function problemOf(error: unknown, request: FastifyRequest, options: ErrorOptions): Problem {
  if (error instanceof Problem) return error
  const failure = options.classify?.(error)
  if (failure) return storeProblem(failure, error, request, options.constraintProblems ?? {})
  const { code, statusCode, name } = (error ?? {}) as { code?: string; statusCode?: number; name?: string }
  if (name === 'OutcomeUnknown') return outcomeUnknown()
  if (name === 'AbortError') return tooLate(request)
  const known = code === undefined ? undefined : problemsOfCode[code]
  if (known) return known(request)
  // A plugin knows no callers: what it forbids is a path that leads out of its folder of files.
  if (statusCode === 403) return nothingAtPath()
  const slug = statusCode === undefined ? undefined : slugsOfStatus[statusCode]
  return slug ? problem(slug, 'The request was refused.') : defect()
}

const defect = () => problem('internal-error', 'A defect occurred and was recorded.')

const RETRY_SOON = { headers: { 'retry-after': '1' } }
/** For failures that an operator has to mend first. */
const RETRY_LATER = { headers: { 'retry-after': '60' } }

/** By the codes of errors of the framework and of the operating system. */
const problemsOfCode: Record<string, (request: FastifyRequest) => Problem> = {
  FST_ERR_BAD_URL: () => problem('bad-request', 'The path is not percent-encoded UTF-8.'),
  FST_ERR_MAX_PARAM_LENGTH: () => problem('uri-too-long', 'A part of the path is too long.'),
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) =>
    problem('payload-too-large', `The body is larger than ${routeOptions.bodyLimit} bytes.`),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => problem('bad-request', 'The body is not as long as Content-Length says.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => problem('unsupported-media-type', 'The body must be JSON.'),
  ECONNRESET: () => problem('bad-request', 'The body did not arrive whole.'),
  ENOSPC: () => problem('unavailable', 'The disk of the service is full; nothing was changed.', RETRY_LATER),
  EMFILE: () => problem('overloaded', 'The service has too much open; nothing was changed.', RETRY_SOON),
}

/** For errors of plugins, which carry a status. */
const slugsOfStatus: Record<number, ProblemSlug> = {
  400: 'bad-request',
  404: 'not-found',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
}

/** One foreign key stands for two errors; by this one it is the deletion that is refused, not the name. */
const STILL_NAMED = '23001'

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

const tooLate = (request: FastifyRequest) =>
  isRead(request) ? problem('unavailable', 'The answer took too long.', RETRY_SOON) : outcomeUnknown()

const outcomeUnknown = () => problem('outcome-unknown', 'Whether the change was made is not known.', RETRY_SOON)

function storeProblem(
  { kind, sqlstate, constraint }: StoreFailure,
  error: unknown,
  request: FastifyRequest,
  constraintProblems: Readonly<Record<string, ConstraintProblem>>,
): Problem {
  switch (kind) {
    case 'connection-lost':
      // Writes are transactions, so this one was undone; if it was lost at the end, it is an OutcomeUnknown.
      return problem('unavailable', 'The connection to the database was lost; nothing was changed.', RETRY_SOON)
    case 'unavailable':
      return problem('unavailable', 'The database cannot be reached; nothing was changed.', RETRY_SOON)
    case 'disk-full':
      return databaseFull()
    case 'timeout':
      return problem('unavailable', 'The database took too long; nothing was changed.', RETRY_SOON)
    case 'lock-timeout':
    case 'serialization':
      if (isRead(request))
        return problem('unavailable', 'The resource is locked by another transaction; try again.', RETRY_SOON)
      return problem('busy', 'Another request is changing the same; nothing was changed.', RETRY_SOON)
    case 'invalid-text':
    case 'invalid-value':
      return problem('bad-request', 'The request holds a value that cannot be stored.')
    case 'constraint': {
      if (sqlstate === STILL_NAMED) return problem('in-use', 'Something that is to be deleted is named by others.')
      const known =
        constraint !== null && Object.hasOwn(constraintProblems, constraint) && constraintProblems[constraint]
      if (known) {
        const { slug, message, ...place } = known
        return problem(slug, message, { errors: [{ ...place, message }] })
      }
      request.log.error({ err: error }, 'a constraint without a problem')
      if (sqlstate === '23514' || sqlstate === '23502')
        return problem('invalid-body', 'The body breaks a rule of the registry.')
      return problem('conflict', 'The change contradicts what is stored.')
    }
    default:
      return defect()
  }
}
