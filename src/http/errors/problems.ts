/**
 * Problems (RFC 9457): what is thrown, what the pages behind their `type` show and what the OpenAPI document lists, all
 * from the table of problem-types.ts. A slug is a promise to clients: it stays.
 */
import { limits } from '../../config.ts'
import type { ErrorCode } from './error-codes.ts'
import { didYouMean } from './nearest.ts'
import { problemTypes } from './problem-types.ts'

export { problemTypes }
export type ProblemSlug = keyof typeof problemTypes

/** One thing that is wrong with what was sent: at a place in the body, or in a parameter. */
export type FieldError =
  | { pointer: string; code: ErrorCode; message: string }
  | { parameter: string; code: ErrorCode; message: string }

export interface ProblemOptions {
  errors?: FieldError[]
  /** Headers of the answer, such as `etag` or `retry-after`. */
  headers?: Record<string, string>
  /** Further members of the body, such as what is in the way. */
  members?: Record<string, unknown>
}

/** An answer other than success, to be thrown; its message is the `detail` that the caller reads. */
export class Problem extends Error {
  readonly slug: ProblemSlug
  readonly status: number
  readonly errors: FieldError[] | undefined
  readonly headers: Record<string, string>
  readonly members: Record<string, unknown>

  constructor(slug: ProblemSlug, detail: string, { errors, headers = {}, members = {} }: ProblemOptions = {}) {
    super(detail)
    this.name = 'Problem'
    this.slug = slug
    this.status = problemTypes[slug].status
    this.errors = errors
    this.headers = headers
    this.members = members
  }

  get detail(): string {
    return this.message
  }
}

/** A problem to throw. `detail` says what is wrong this time, in words for the caller. */
export const problem = (slug: ProblemSlug, detail: string, options?: ProblemOptions): Problem =>
  new Problem(slug, detail, options)

/**
 * The 404 of a path that leads nowhere, as against one whose resource does not exist. `meant` is the path that was
 * probably meant.
 */
export const nothingAtPath = (meant?: string): Problem =>
  problem(
    'not-found',
    `There is nothing at this path${meant ? didYouMean([meant]) : '; / leads to all that there is.'}`,
  )

/** A 422 with all errors of a body. */
export const invalidBody = (errors: FieldError[]): Problem =>
  problem('invalid-body', `The body breaks ${rules(errors)}.`, { errors })

/** A 400 with all errors of the parameters. */
export const invalidParameters = (errors: FieldError[]): Problem =>
  problem('invalid-parameter', `The parameters break ${rules(errors)}.`, { errors })

function rules({ length }: FieldError[]): string {
  if (length === 1) return 'one rule'
  if (length <= limits.problemErrors) return `${length} rules`
  return `more than ${limits.problemErrors} rules; the first ${limits.problemErrors} are listed`
}

/** The body of a problem, with at most the first 100 errors. */
export function problemBody({ slug, status, detail, errors, members }: Problem, requestId: string) {
  return {
    type: `/problems/${slug}`,
    title: problemTypes[slug].title,
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    ...members,
    ...(errors && { errors: errors.slice(0, limits.problemErrors) }),
  }
}

/** The 503 while the database finds no room: an operator has to make some first. */
export const databaseFull = () =>
  problem('unavailable', 'The disk of the database is full; nothing was changed.', { headers: { 'retry-after': '60' } })
