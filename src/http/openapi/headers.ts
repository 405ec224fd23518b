/**
 * Headers that the OpenAPI document describes: what an answer carries beside its body, by method and status, and
 * what a caller may send. Those that every answer of every server carries, and the fixed ones against misuse by
 * browsers, are left out: no client has a use for them.
 */
import { limits } from '../../config.ts'
import type { Parameter } from './types.ts'

const HEADER_MAX = 8_000

function header(description: string, example: string, required = false) {
  return { description, ...(required && { required }), schema: { type: 'string', maxLength: HEADER_MAX }, example }
}

const REQUEST_ID = 'a3bb189e-8bf9-4c38-8f5d-0c9a7a2f5e11'

/** Components by name; that of an entity tag which may be missing is named apart from the header. */
export const headers: Record<string, object> = {
  'X-Request-Id': header('The id of the request, also in `instance` of a problem and in the log.', REQUEST_ID, true),
  'Cache-Control': header(
    'What caches may do: keep a read and ask each time whether it changed; keep nothing else.',
    'public, no-cache',
    true,
  ),
  Vary: header('The request headers on which the answer depends.', 'Accept, Accept-Encoding, Authorization', true),
  'Content-Language': header('The language of a page for people; an answer for programs has none.', 'fr'),
  'Content-Encoding': header('The compression, when the caller takes it and it is worthwhile.', 'br'),
  ETag: header(
    'The entity tag, for `If-None-Match` and `If-Match`. That of a resource begins with its version.',
    '"1"',
    true,
  ),
  CurrentETag: header('The entity tag of what is there; absent where nothing is.', '"1"'),
  'Content-Disposition': header(
    'That it is a file, and its name; absent where the answer is JSON.',
    'attachment; filename="conventions.csv"',
  ),
  Link: header(
    'The `license` of the data; of a list the `next` page, ready-made, absent on the last; of a CSV also the schema of its columns (`describedby`).',
    '</v1/conventions?cursor=WyJxT2pIZz0iLFsiMDE5YSJdXQ>; rel="next", <https://spdx.org/licenses/etalab-2.0.html>; rel="license"',
  ),
  Location: header('Where the created resource is.', '/v1/conventions/019b76da-a800-7e31-b1c0-dba1b1a4b3a5', true),
  'Preference-Applied': header('The preference of the caller that was honoured.', 'return=minimal'),
  'Idempotent-Replayed': header('`true` when this answer was given before to the same `Idempotency-Key`.', 'true'),
  'Retry-After': header('After how many seconds to try again.', '1'),
  RateLimit: header(
    'What you may still ask for: `r` units now, all again in `t` seconds. A simple read takes one, other work more.',
    '"address";r=5999;t=1',
  ),
  'RateLimit-Policy': header(
    'The limit that counts: `q` units in each window of `w` seconds, for your key or your address.',
    '"address";q=6000;w=60',
  ),
  'WWW-Authenticate': header('How to authenticate.', 'Bearer', true),
  Allow: header('The methods that the path takes.', 'GET, HEAD, OPTIONS', true),
  'Accept-Patch': header('The media types that a PATCH takes.', 'application/merge-patch+json, application/json'),
  'Accept-Post': header('The media types that a POST takes.', 'application/json'),
  'Accept-Encoding': header('The codings that a body may have.', 'identity'),
}

const ofProblem: Record<number, string[]> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  409: ['Retry-After'],
  412: ['CurrentETag'],
  415: ['Accept-Patch', 'Accept-Post', 'Accept-Encoding'],
  428: ['ETag'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

const always = ['X-Request-Id', 'Cache-Control']

/** What decides which headers the answers of an operation carry. */
export interface Traits {
  /** Under /v1: what it reads is under a licence. */
  isOperation: boolean
  /** A page for people, in their language. */
  isPage: boolean
  /** Not a stream, nor a change of what has no versions. */
  isTagged: boolean
  isCompressible: boolean
  /** A write that answers with what it wrote. */
  answersBody: boolean
  /** Many writes in one, which may be sent again as they are. */
  isRepeatable: boolean
  /** A write that can also be tried without an effect: then there is nothing to tag. */
  isTried: boolean
  /** A read that is streamed line by line when that is asked for: then there is nothing to tag. */
  isAlsoLines: boolean
  /** A list that is a file in formats other than JSON. */
  isExported: boolean
  /** Counted against the limits of its caller. */
  isLimited: boolean
}

/** The components of the headers that an answer may carry, by the name of the header. */
export function headersOf(method: string, status: number, traits: Traits): Record<string, string> {
  const further = status >= 400 ? (ofProblem[status] ?? []) : headersOfSuccess(method, status, traits)
  const names = [...always, ...(traits.isLimited ? ['RateLimit', 'RateLimit-Policy'] : []), ...further]
  return Object.fromEntries(names.map((name) => [name === 'CurrentETag' ? 'ETag' : name, name]))
}

function headersOfSuccess(method: string, status: number, traits: Traits): string[] {
  const { isOperation, isPage, isTagged, isCompressible, answersBody, isRepeatable, isTried, isAlsoLines, isExported } =
    traits
  if (status === 304) return ['ETag', 'Vary']
  if (method === 'get')
    return [
      ...(isTagged ? [isAlsoLines ? 'CurrentETag' : 'ETag'] : []),
      'Vary',
      ...(isCompressible ? ['Content-Encoding'] : []),
      ...(isPage ? ['Content-Language'] : []),
      ...(isOperation ? ['Link'] : []),
      ...(isExported ? ['Content-Disposition'] : []),
    ]
  return [
    ...(!answersBody || !isTagged ? [] : [isTried ? 'CurrentETag' : 'ETag']),
    ...(status === 201 ? ['Location'] : []),
    ...(answersBody ? ['Preference-Applied'] : []),
    ...(isRepeatable ? [] : ['Idempotent-Replayed']),
  ]
}

function parameter(
  name: string,
  description: string,
  example: string,
  keywords: object = {},
  required = false,
): Parameter {
  const schema = { type: 'string', maxLength: limits.headerBytes, ...keywords }
  // As with parameters of the query, tools fill in only what must be given.
  if (required) return { name, in: 'header', description, required, schema, example }
  return { name, in: 'header', description, required, schema: { ...schema, examples: [example] } }
}

/** `*` or entity tags. */
const TAGS = { pattern: '^(\\*|(W/)?"[!#-~]*"([ \\t]*,[ \\t]*(W/)?"[!#-~]*")*)$' }

/** The request headers that operations take. */
export const requestHeaders: Record<string, Parameter> = {
  IfNoneMatch: parameter(
    'If-None-Match',
    'The `ETag` that you hold: when nothing has changed since, the answer is a 304 without a body.',
    '"1"',
  ),
  IfMatch: parameter(
    'If-Match',
    'The `ETag` of the version that you read: no change is overwritten unseen. Any tag of the present version fits; when there is another version by now, the answer is a 412 that names it: send that one. `*` stands for whatever is there.',
    '"1"',
    TAGS,
    true,
  ),
  IfMatchOptional: parameter(
    'If-Match',
    'The `ETag` that you read. When it is given and something has changed since, the answer is a 412.',
    '"b1946ac92492d2347c6235b4d2611184"',
    TAGS,
  ),
  IfNoneMatchCreate: parameter(
    'If-None-Match',
    '`*`: only create; when there is something already, the answer is a 412.',
    '*',
    TAGS,
  ),
  IdempotencyKey: parameter(
    'Idempotency-Key',
    'A name of your own for this request. Sent again within a day with the same key and body, it is done once and answers the same.',
    'e7f1c3a0-1f6b-4c57-9d55-1a7b0a3c9c11',
    { maxLength: 255, pattern: '^[!-~]([ -~]*[!-~])?$' },
  ),
  Prefer: parameter(
    'Prefer',
    '`return=minimal`: answer without a body. Other preferences are ignored (RFC 7240).',
    'return=minimal',
  ),
  LastEventId: parameter(
    'Last-Event-ID',
    'The `id` of the last event that you have applied, which wins over `since`: a browser sends it by itself.',
    'WzQyLDMsIjAxOWI3NmRhIl0',
  ),
}
