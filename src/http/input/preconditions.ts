/**
 * Preconditions of writes: `If-Match` for changes and deletions, `If-None-Match: *` to create only. They are checked after
 * the resource was found and the caller authorized (404 and 403 come first), before the body (422 and 409 come later).
 */
import type { FastifyRequest } from 'fastify'
import { type Problem, problem } from '../errors/problems.ts'
import { isOf, readTags, versionTag } from '../output/etags.ts'

/** The version of a resource, or the tag of what has none; null where nothing exists yet. */
export type Current = number | string | null

/**
 * Throws unless the request is meant for what is current: a 428 when `If-Match` is required and missing, a 412 when
 * it names only other versions, both with the current `ETag`; a 400 when it is malformed.
 */
export function checkIfMatch(request: FastifyRequest, current: Current, { required }: { required: boolean }): void {
  const header = request.headers['if-match']
  if (header === undefined) {
    if (!required) return
    const headers = etagOf(current)
    const detail = `Send If-Match with the ETag of the version that you read; the current one is ${headers.etag}.`
    throw problem('precondition-required', detail, { headers })
  }
  const tags = readTags(header)
  if (!tags) throw malformed('If-Match')
  const value = opaqueTag(current)
  if (value === null) throw stale(current)
  const fitting = tags === '*' ? [] : tags.filter((tag) => isOf(tag.value, value))
  if (tags !== '*' && !fitting.some((tag) => !tag.weak)) throw stale(current, fitting.length > 0)
}

/** Throws a 412 when `If-None-Match` excludes what is current: `*` any resource, a tag its version. */
export function checkIfNoneMatch(request: FastifyRequest, current: Current): void {
  const header = request.headers['if-none-match']
  if (header === undefined) return
  const tags = readTags(header)
  if (!tags) throw malformed('If-None-Match')
  const value = opaqueTag(current)
  if (value === null) return
  if (tags === '*' || tags.some((tag) => isOf(tag.value, value))) throw existing(current)
}

const opaqueTag = (current: Current) =>
  typeof current === 'number' ? String(current) : (current?.replaceAll('"', '') ?? null)

function etagOf(current: Current): Record<string, string> {
  if (current === null) return {}
  return { etag: typeof current === 'number' ? versionTag(current) : current }
}

/** The comparison is strong: a weak tag never matches, though it may be of the current version. */
function stale(current: Current, isWeak = false): Problem {
  const { etag } = etagOf(current)
  const send = `send If-Match: ${etag}`
  const advice = isWeak ? `a weak tag never matches, ${send}.` : `read it, and ${send} if your change still holds.`
  const detail = etag ? `The current version is ${etag}: ${advice}` : 'The resource does not exist yet.'
  return problem('precondition-failed', detail, { headers: etagOf(current) })
}

function existing(current: Current): Problem {
  const headers = etagOf(current)
  const detail = `The resource exists already, at version ${headers.etag}, and If-None-Match asks that it does not.`
  return problem('precondition-failed', detail, { headers })
}

function malformed(header: string): Problem {
  const message = `${header} must be * or a list of entity tags such as "7".`
  return problem('invalid-parameter', message, { errors: [{ parameter: header, code: 'malformed', message }] })
}
