/**
 * Requests made from the OpenAPI document: for each operation one that is right, from its own examples, and what is
 * done to it so that it means harm. All of it follows from a source of random numbers.
 */
import { gzipSync } from 'node:zlib'
import type { Document, Operation, Parameter } from '../../src/http/openapi/types.ts'
import type { Keywords } from '../../src/http/schema/schemas.ts'
import { bodyWith, contentTypes, hostileTexts, hostileValues, leavesOf } from '../support/hostile.ts'
import { pick } from '../support/turmoil.ts'
import type { RawRequest } from './socket.ts'

type Random = () => number

/** A request that the document shows, and what stands in it. */
export interface Base {
  operation: Operation
  request: RawRequest
  parameters: Parameter[]
  /** Which parts of the path are parameters. */
  places: number[]
  schema: Keywords | undefined
}

/** Every operation of a document as it may be asked. */
export function basesOf(document: Document): Base[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { parameters = [] } = operation
      const content = Object.entries(operation.requestBody?.content ?? {})
      const [type, media] = content.find(([one]) => one === 'application/json') ?? []
      const headers = parameters.filter((one) => one.in === 'header' && one.required).map(({ name }) => [name, '*'])
      const request = {
        method: method.toUpperCase(),
        target: path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(exampleOf(parameters, name))),
        headers: [['Host', 'x'], ...headers, ...(type ? [['Content-Type', type]] : [])] as RawRequest['headers'],
        body: Buffer.from(media ? JSON.stringify(media.example) : ''),
      }
      const places = path.split('/').flatMap((part, at) => (part.startsWith('{') ? [at] : []))
      return { operation, request, parameters, places, schema: media?.schema as Keywords | undefined }
    }),
  )
}

function exampleOf(parameters: Parameter[], wanted: string): string {
  const { example, schema } = parameters.find(({ name }) => name === wanted) as Parameter
  return String(example ?? (schema.examples as unknown[])[0])
}

/** Texts that mean harm to whatever reads them: databases, pages, logs, terminals, paths, parsers. */
export const harmful = [
  "'; drop table convention; --",
  '<script>alert(1)</script>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for templates of others.
  '${7*7}{{7*7}}%s%n',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '-0',
  '1e400',
  '99999999999999999999',
  '\u0000',
  'a\u0000b',
  'a\r\nSet-Cookie: a=b',
  '\u001b[2J',
  '\ud800',
  'a\u202eb',
  '👨‍👩‍👧‍👦',
  `e${'\u0301'.repeat(100)}`,
  'ﷺ'.repeat(50),
  '%00',
  '%2e%2e%2f',
  '*',
  '"',
  ',',
  ' ',
  'x'.repeat(7_000),
]

const resolver =
  ({ components }: Document) =>
  (schema: Keywords): Keywords =>
    schema.$ref ? (components.schemas[schema.$ref.split('/').at(-1) ?? ''] as Keywords) : schema

/** What is done to a request, by name. Undefined where it does not apply. */
type Harm = (base: Base, random: Random, document: Document) => RawRequest | undefined

const withHeader = (request: RawRequest, ...headers: RawRequest['headers']): RawRequest => ({
  ...request,
  headers: [...request.headers, ...headers],
})
const withQuery = (request: RawRequest, query: string): RawRequest => ({
  ...request,
  target: `${request.target}?${query}`,
})
/** Percent-encoded as UTF-8; what is no text is sent as the three bytes of its surrogate. */
const encoded = (text: string) => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80')
const HEADERS = [
  ...['Accept', 'Accept-Encoding', 'Authorization', 'Content-Type', 'Cookie', 'Expect', 'Forwarded', 'Idempotency-Key'],
  ...['If-Match', 'If-Modified-Since', 'If-None-Match', 'If-Range', 'Last-Event-ID', 'Origin', 'Prefer', 'Range'],
  ...['Transfer-Encoding', 'Upgrade', 'User-Agent', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Request-Id'],
]
const latin1 = (text: string) => Buffer.from(text).toString('latin1')

export const harms: Record<string, Harm> = {
  'nothing at all': ({ request }) => request,
  'a text in the path': ({ request, places }, random) => {
    if (places.length === 0) return undefined
    const parts = request.target.split('/').with(pick(random, places), encoded(pick(random, harmful)))
    return { ...request, target: parts.join('/') }
  },
  'a text in the query': ({ request, parameters }, random) => {
    const known = parameters.filter((one) => one.in === 'query')
    const name = known.length === 0 || random() < 0.1 ? encoded(pick(random, harmful)) : pick(random, known).name
    return withQuery(request, `${name}=${encoded(pick(random, harmful))}`)
  },
  'bytes in the query': ({ request }, random) =>
    withQuery(
      request,
      pick(random, ['\xff', 'limit=\xc3\x28', 'é', 'limit=1&&&&=&', '?'.repeat(100), '#a', '%', '%zz']),
    ),
  'a path in other words': ({ request }, random) => {
    const spell = pick<(target: string) => string>(random, [
      (target) => target.replace('/v1/', '/v1%2F'),
      (target) => target.replace('/v1/', '/v1//'),
      (target) => target.replace('/v1/', '/v1/./'),
      (target) => target.replace('/v1/', '/V1/'),
      (target) => `${target}/`,
      (target) => `${target};a=b`,
      (target) => `${target}%2F..`,
      (target) => `${target}%00`,
      (target) => `${target}\\`,
      (target) => `http://evil.example${target}`,
      (target) => `/${target}`,
    ])
    return { ...request, target: spell(request.target) }
  },
  'a text in a header': ({ request }, random) =>
    withHeader(request, [pick(random, HEADERS), latin1(pick(random, harmful))]),
  'a header twice': ({ request }, random) => {
    const name = pick(random, HEADERS)
    return withHeader(request, [name, pick(random, harmful.slice(0, 10))], [name, '"1"'])
  },
  'two hosts': ({ request }) => withHeader(request, ['Host', 'evil.example']),
  'a length and chunks': ({ request }) =>
    withHeader(request, ['Content-Length', '5'], ['Transfer-Encoding', 'chunked']),
  'two lengths': ({ request }, random) =>
    withHeader(
      request,
      ['Content-Length', String(request.body.length)],
      ['Content-Length', pick(random, ['0', '7', '+2'])],
    ),
  'odd chunks': ({ request }, random) => ({
    ...withHeader(request, [
      'Transfer-Encoding',
      pick(random, ['chunked', 'identity', 'gzip, chunked', 'chunked, chunked']),
    ]),
    body: Buffer.from(
      pick(random, ['0\r\n\r\n', '2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n', 'fffffffffffffffff\r\n{}', '-1\r\n']),
    ),
  }),
  'a compressed body': ({ request }, random) => ({
    ...withHeader(request, ['Content-Encoding', pick(random, ['gzip', 'br', 'deflate', 'x', 'identity, gzip'])]),
    body: gzipSync(request.body),
  }),
  'another type': ({ request }, random) => ({
    ...request,
    headers: [
      ...request.headers.filter(([name]) => name !== 'Content-Type'),
      ['Content-Type', pick(random, contentTypes)],
    ],
  }),
  'another coding of text': ({ request }) => ({
    ...request,
    headers: [
      ...request.headers.filter(([name]) => name !== 'Content-Type'),
      ['Content-Type', 'application/json; charset=utf-16'],
    ],
    body: Buffer.from(`\ufeff${request.body}`, 'utf16le'),
  }),
  'a body that is no JSON': ({ request }, random) => ({
    ...request,
    body: Buffer.from(pick(random, Object.values(hostileTexts)) as string),
  }),
  'a body cut off': ({ request, schema }, random) =>
    schema && { ...request, body: request.body.subarray(0, Math.floor(random() * request.body.length)) },
  'a body with a byte changed': ({ request, schema }, random) => {
    if (!schema) return undefined
    const body = Buffer.from(request.body)
    body[Math.floor(random() * body.length)] = Math.floor(random() * 256)
    return { ...request, body }
  },
  'a value in the body': ({ request, schema }, random, document) => {
    if (!schema) return undefined
    const resolve = resolver(document)
    const { raw } = pick(random, hostileValues(resolve))
    return { ...request, body: Buffer.from(bodyWith([pick(random, leavesOf(schema, resolve))], raw)) }
  },
  'a text in the body': ({ request, schema }, random, document) => {
    if (!schema) return undefined
    const places = leavesOf(schema, resolver(document))
    return { ...request, body: Buffer.from(bodyWith([pick(random, places)], JSON.stringify(pick(random, harmful)))) }
  },
  'another method': ({ request }, random) => ({
    ...request,
    method: pick(random, ['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'PATCH', 'POST', 'DELETE', 'PROPFIND', 'QUERY']),
  }),
}
