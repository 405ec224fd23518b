/**
 * Problem types, in one table: for each slug its status, its title, an explanation and a remedy for the page behind it,
 * and what an answer says, as an example. A title is the same in every answer of its type.
 */

import type { ErrorCode } from './error-codes.ts'

const errorOf = (place: { pointer: string } | { parameter: string }, code: ErrorCode, message: string) => [
  { ...place, code, message },
]

export const problemTypes = {
  'bad-request': {
    status: 400,
    title: 'The request cannot be read',
    explanation: 'The request breaks the rules of HTTP, or its body is not valid JSON in UTF-8.',
    remedy: 'Compare what your program really sent with the detail. A name may stand only once in a JSON object.',
    example: { detail: 'The body is not valid JSON.' },
  },
  'invalid-parameter': {
    status: 400,
    title: 'A parameter is wrong',
    explanation: 'A part of the path, of the query or of a header has a wrong value, is unknown or stands twice.',
    remedy: 'Each entry of `errors` names a parameter and the rule that it breaks. Correct all of them at once.',
    example: {
      detail: 'The parameters break one rule.',
      errors: errorOf({ parameter: 'limit' }, 'too-large', 'limit must be at most 200.'),
    },
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor is not valid here',
    explanation:
      'A cursor continues one list, or the changes, with one set of filters. This one was altered or belongs to others.',
    remedy:
      'Go on with `next` as it is given and with the filters that it was given for, or begin again without a cursor.',
    example: { detail: 'The cursor belongs to another list or to other filters.' },
  },
  unauthorized: {
    status: 401,
    title: 'A valid API key is needed',
    explanation:
      'Writing needs an API key. A key that is wrong, revoked, expired or empty is refused for reading as well.',
    remedy: 'Send `Authorization: Bearer YOUR-KEY`, or leave the header out to read what is public.',
    example: { detail: 'This operation needs an API key.' },
  },
  forbidden: {
    status: 403,
    title: 'The key may not do this',
    explanation: 'The API key is valid and may see the resource, but its role or its organization may not change it.',
    remedy:
      'The description of the operation says what it takes. Use such a key, or ask the operators of the registry for one.',
    example: { detail: 'This key may see this, but not change it.' },
  },
  'not-found': {
    status: 404,
    title: 'The resource was not found',
    explanation: 'The path leads nowhere, the resource was deleted, or it is a draft that only others may see.',
    remedy: 'Check the path and the id. A path has no slash at its end.',
    example: { detail: 'There is no such convention.' },
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    explanation: 'The path exists, but it does not take this method.',
    remedy: 'The `Allow` header of the answer lists the methods that the path takes.',
    example: { detail: 'PUT is not allowed here; allowed are GET, HEAD, OPTIONS, POST.' },
  },
  'not-acceptable': {
    status: 406,
    title: 'No acceptable format',
    explanation: 'The `Accept` header excludes every format that this resource has.',
    remedy: 'Send `Accept: application/json`, or leave the header out.',
    example: { detail: 'This resource is served as application/json.' },
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    explanation: 'The request, with its body, must arrive whole within 30 seconds.',
    remedy: 'Send it again, over a better connection or in smaller parts.',
    example: { detail: 'The request did not arrive in time.' },
  },
  conflict: {
    status: 409,
    title: 'The request conflicts with stored data',
    explanation: 'The request is right by itself, but contradicts what the registry holds now.',
    remedy: 'Read what is in the way, resolve it, and try again.',
    example: { detail: 'The convention has 300 of these already, the most that it holds.' },
  },
  'already-exists': {
    status: 409,
    title: 'The resource exists already',
    explanation: 'A value that must be unique belongs to another resource.',
    remedy: 'Use the resource that holds the value, or give another value.',
    example: {
      detail: 'Another organization has this SIREN.',
      errors: errorOf({ pointer: '/siren' }, 'taken', 'siren belongs to another organization.'),
    },
  },
  'in-use': {
    status: 409,
    title: 'The resource is in use',
    explanation: 'What others name cannot be deleted or unlinked. The answer names them, 50 at most.',
    remedy: 'Change or delete what names it first.',
    example: { detail: 'The organization signs 2 conventions.' },
  },
  'state-left-out': {
    status: 409,
    title: 'The document would hide a public convention',
    explanation:
      'A document without `state` means a draft. The convention is public, and would be hidden with all that is under it. `counts` and `plan` say what would be done; nothing was.',
    remedy: 'Send the `state` of the convention, or `"state": "draft"` to hide it.',
    example: { detail: 'The document has no state, which means a draft: the public convention would be hidden.' },
  },
  'source-conflict': {
    status: 409,
    title: 'The document contradicts changes made by hand',
    explanation:
      'People changed or deleted in the registry what the source made, and the document now sends something else than before, or leaves it out. `conflicts` lists each: `base` is what the source had sent, `yours` what it sends now, `ours` what the registry has.',
    remedy:
      'Take the values of the registry into the source, or send the document again with `conflicts=overwrite` for its own or `conflicts=keep` for those of the registry.',
    example: { detail: 'The document contradicts one change that people made of what its source had sent.' },
  },
  'duplicate-convention': {
    status: 409,
    title: 'The convention seems to be there already',
    explanation:
      'The document comes under a new key, and a convention of the same Caf has the same perimeter at the same time. `conflictsWith` names it.',
    remedy:
      'Send the document again with `link` and the id of the convention, to take it over with all that its document describes, or with `link=none` if this is another one.',
    example: {
      detail:
        'There is a convention of the same Caf, perimeter and time already: 01890a5d-ac96-774b-bcce-b302099a8057. link=none says that this is another one.',
    },
  },
  'other-source': {
    status: 409,
    title: 'Another source owns this',
    explanation: 'Each object belongs to one source, which alone writes it. It was handed over to another one.',
    remedy: 'Leave it out of the document, or let an administrator hand it over.',
    example: { detail: 'Another source owns what the document writes: caf-61-new.' },
  },
  'too-many-deletions': {
    status: 409,
    title: 'The document would delete too much',
    explanation:
      'What a document no longer lists is deleted. This one would delete more than 20 objects, or at least 5 and more than a fifth of what the source holds under the convention. `counts` and `plan` say what would be done; nothing was.',
    remedy: 'Compare the document with what the source holds. If it is meant, allow as many with `maxDeletes`.',
    example: { detail: 'The document would delete 12 of 30 objects; maxDeletes=12 allows it.' },
  },
  busy: {
    status: 409,
    title: 'Another request is changing the resource',
    explanation: 'Another request holds the resource. Nothing was changed.',
    remedy: 'Wait for as many seconds as `Retry-After` says and send the same request again.',
    example: { detail: 'Another request is changing this resource; nothing was changed.' },
  },
  'journal-pruned': {
    status: 410,
    title: 'The requested history has been pruned',
    explanation: 'The cursor, the instant or the page lies before what this registry still keeps of its past.',
    remedy:
      'A mirror takes a new snapshot and follows the changes from its `next`. Ask for a later instant or version.',
    example: { detail: 'The journal is kept from position 1200 on.' },
  },
  'other-past': {
    status: 410,
    title: 'The cursor belongs to a different timeline',
    explanation:
      'What the cursor has read never happened here: the registry was restored from a backup, or lost its latest changes in a failover, or it is another registry.',
    remedy: 'Take a new snapshot, replace the copy by it, and follow the changes from its `next`.',
    example: { detail: 'The registry has another past at position 1200: take a new snapshot.' },
  },
  'precondition-failed': {
    status: 412,
    title: 'A precondition does not hold',
    explanation: 'The version named by `If-Match` is no longer the current one, or `If-None-Match: *` met a resource.',
    remedy: 'Read the resource, decide whether your change still holds, and send it with the new `ETag`.',
    example: { detail: 'The current version is "8": read it, and send If-Match: "8" if your change still holds.' },
  },
  'payload-too-large': {
    status: 413,
    title: 'The body is too large',
    explanation: 'A body may have 256 KB, a convention document 8 MB.',
    remedy: 'Send less at once.',
    example: { detail: 'The body is larger than 262144 bytes.' },
  },
  'uri-too-long': {
    status: 414,
    title: 'The URL is too long',
    explanation: 'A URL may have 8,000 characters, one part of its path 2,400.',
    remedy: 'Ask for fewer things at once.',
    example: { detail: 'The URL is longer than 8000 characters.' },
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has a wrong type',
    explanation: 'The body is of a type, a character set or a compression that this operation does not take.',
    remedy: 'Send JSON in UTF-8, uncompressed, with the `Content-Type` that the detail names.',
    example: { detail: 'The body must be application/json.' },
  },
  'expectation-failed': {
    status: 417,
    title: 'The expectation cannot be met',
    explanation: 'The only `Expect` header that the service knows is `100-continue`.',
    remedy: 'Leave the header out.',
    example: { detail: 'The only expectation that can be met is 100-continue.' },
  },
  'invalid-body': {
    status: 422,
    title: 'The body breaks rules',
    explanation: 'The body is JSON, but fields are missing, unknown or wrong, or name what does not exist.',
    remedy:
      'Each entry of `errors` points to a field and names the rule that it breaks. All errors of a body are reported together.',
    example: {
      detail: 'The body breaks one rule.',
      errors: errorOf({ pointer: '/title' }, 'required', 'title is required.'),
    },
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for something else',
    explanation: 'The same key came with another body. A key stands for one request and its repetitions.',
    remedy: 'Make a new key for each new request.',
    example: { detail: 'This Idempotency-Key was used with another body.' },
  },
  'precondition-required': {
    status: 428,
    title: 'If-Match is needed',
    explanation: 'A change or deletion must say which version it is meant for, so that nobody overwrites another.',
    remedy: 'Send the `ETag` of the version that you read as `If-Match`.',
    example: { detail: 'Send If-Match with the ETag of the version that you read; the current one is "8".' },
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    explanation: 'More requests came from this key or address than the registry takes in a minute.',
    remedy: 'Wait for as many seconds as `Retry-After` says.',
    example: { detail: 'This request costs 100 units: of the 6000 that this address may use in a minute 61 are left.' },
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    explanation: 'The headers of a request may have 32 KB together.',
    remedy: 'Leave out headers and cookies that the API does not need.',
    example: { detail: 'The headers are larger than 32768 bytes.' },
  },
  'internal-error': {
    status: 500,
    title: 'A defect of the registry',
    explanation: 'Something went wrong that is not your error. It was recorded under the id in `instance`.',
    remedy: 'Report the id in `instance` (also in `X-Request-Id`) to the operators of the registry.',
    example: { detail: 'A defect occurred and was recorded.' },
  },
  unavailable: {
    status: 503,
    title: 'The registry cannot answer now',
    explanation:
      'The database does not answer or its disk is full, or the service is starting or stopping. Nothing was changed.',
    remedy: 'Wait for as many seconds as `Retry-After` says and send the same request again.',
    example: { detail: 'The database cannot be reached; nothing was changed.' },
  },
  overloaded: {
    status: 503,
    title: 'The registry is overloaded',
    explanation: 'More requests wait than can be served in time. Nothing was changed.',
    remedy: 'Wait for as many seconds as `Retry-After` says and send the same request again.',
    example: { detail: 'Too many requests wait for the database; nothing was changed.' },
  },
  'outcome-unknown': {
    status: 503,
    title: 'It is not known whether the change was made',
    explanation: 'The connection to the database was lost, or time ran out, while the change was being stored.',
    remedy: 'Send the same request with the same `Idempotency-Key` again, or read the resource first.',
    example: { detail: 'Whether the change was made is not known.' },
  },
} as const satisfies Record<string, ProblemType>

export interface ProblemType {
  status: number
  title: string
  explanation: string
  remedy: string
  example: { detail: string; errors?: readonly object[] }
}
