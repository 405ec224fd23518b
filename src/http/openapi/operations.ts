/**
 * Operations of the OpenAPI document, completed from what the framework makes of the routes: who may call, the headers of
 * requests and answers, examples, every problem once. Pure: the same routes and examples give the same document.
 */
import { STATUS_CODES } from 'node:http'
import type { FastifySchema, RouteOptions } from 'fastify'
import { LINES_TYPE, mediaTypesOf } from '../input/body.ts'
import { isCompressible } from '../output/codings.ts'
import { responsesOf } from '../server/route-contract.ts'
import { type Enumeration, nameEnumerations } from './enumerations.ts'
import { headers, headersOf, requestHeaders, type Traits } from './headers.ts'
import { addLinks } from './links.ts'
import type { Document, Example, Examples, Method, Operation, Parameter, Response } from './types.ts'

/** What any operation outside /v1, all of them reads, can answer beside what it declares. */
const STATUSES_OUTSIDE = [304, 400, 414, 500, 503]

const anonymousOrKey = [{}, { apiKey: [] }]
const keyOnly = [{ apiKey: [] }]

/** The schema of a route as the document needs it. What has no operationId is not a part of the contract. */
export function completeSchema(schema: FastifySchema = {}, route: RouteOptions): FastifySchema {
  if (schema.operationId === undefined) return { ...schema, hide: true }
  const method = String(route.method)
  const { isOperation, consumes, produces, cost } = route.config ?? {}
  const outside = [...STATUSES_OUTSIDE, ...(produces ? [406] : []), ...(cost === 'none' ? [] : [429])]
  const others = isOperation ? [] : outside
  return {
    ...schema,
    response: { ...(schema.response as object), ...responsesOf(others, { isRead: true, isList: false }) },
    consumes: mediaTypesOf(method, consumes),
    produces: produces ?? ['application/json'],
    security: !isOperation ? [] : method === 'GET' && !route.config?.right ? anonymousOrKey : keyOnly,
  }
}

/** What the document has beside the routes. */
export interface Further {
  /** By operationId; what is missing has no example. */
  examples: Examples
  /** By the name of their component. */
  enumerations: Readonly<Record<string, Enumeration>>
}

/** The document to publish. No two places of it are one object. */
export function completeDocument(generated: Document, { examples, enumerations }: Further): Document {
  const document = nameEnumerations(structuredClone(generated), enumerations)
  const shared = { headers, responses: {} as Record<string, Response> }
  Object.assign(document.components, shared)
  for (const methods of Object.values(document.paths))
    for (const [method, operation] of Object.entries(methods))
      completeOperation(operation, method as Method, shared.responses, examples[operation.operationId])
  addLinks(document)
  for (const kind of ['schemas', 'headers', 'responses'] as const) sortByName(document, kind)
  return dropUnused(JSON.parse(JSON.stringify(document, publishFormat)))
}

/** Formats of ours that say nothing without our code. */
const PRIVATE_FORMATS = ['text', 'prose', 'phone']

/** What formats mean here beside their common meaning, or in place of it, as far as standard keywords can say it. */
const YEARS = { pattern: '^(19|20|21)' }
const PUBLISHED: Record<string, object> = {
  'web-url': { format: 'uri', pattern: '^[Hh][Tt][Tt][Pp][Ss]?://' },
  date: YEARS,
  'date-time': YEARS,
}

function publishFormat(name: string, value: unknown): unknown {
  if (name === 'format' && PRIVATE_FORMATS.includes(value as string)) return undefined
  const format = (value as { format?: unknown } | null)?.format
  return typeof format === 'string' && PUBLISHED[format] ? { ...(value as object), ...PUBLISHED[format] } : value
}

function completeOperation(
  operation: Operation,
  method: Method,
  responses: Record<string, Response>,
  example: Example | undefined,
): void {
  const traits = traitsOf(operation, method)
  for (const [status, response] of Object.entries(operation.responses)) {
    if ('$ref' in response) continue
    response.headers = referTo('headers', headersOf(method, Number(status), traits))
    for (const [type, media] of Object.entries(response.content ?? {})) {
      const body = example?.responses[status]?.[type]
      if (body !== undefined) media.example = body
    }
    if (Number(status) < 300) continue
    const name = nameOf(Number(status), response)
    responses[name] = response
    operation.responses[status] = { $ref: `#/components/responses/${name}` }
  }
  for (const media of Object.values(operation.requestBody?.content ?? {}))
    if (example?.request !== undefined) media.example = example.request
  const described = operation.parameters ?? []
  const inOrder = [...described.filter((one) => one.in === 'path'), ...described.filter((one) => one.in !== 'path')]
  const filled = inOrder.map((one) => completeParameter(one, method))
  operation.parameters = [...filled, ...requestHeadersOf(operation, method)]
  if (operation.parameters.length === 0) delete operation.parameters
}

function traitsOf({ parameters = [], responses, requestBody }: Operation, method: Method): Traits {
  const isOfLines = LINES_TYPE in (requestBody?.content ?? {})
  const takes = (name: string) => parameters.some((one) => one.name === name)
  const { content = {} } = { ...responses[200] } as Partial<Response>
  return {
    isOperation: Boolean(responses[401]),
    isPage: 'text/html' in content,
    isTagged: method === 'post' || Boolean(responses[method === 'get' ? 304 : 412]),
    isCompressible: Object.keys(content).some(isCompressible),
    answersBody: Boolean(requestBody) && !isOfLines,
    isRepeatable: isOfLines,
    isTried: takes('dryRun'),
    isAlsoLines: 'application/x-ndjson' in content && Object.keys(content).length === 2,
    isExported: 'text/csv' in content,
    isLimited: Boolean(responses[429]),
  }
}

/** Problems of lists only, or of writes only, make a response of its own. */
function nameOf(status: number, { content }: Response): string {
  const met = content?.['application/problem+json']?.examples ?? {}
  const kind = 'invalid-cursor' in met ? 'OfList' : 'outcome-unknown' in met ? 'OfWrite' : ''
  return `${(STATUS_CODES[status] ?? String(status)).replace(/[^A-Za-z]/g, '')}${kind}`
}

const referTo = (kind: string, components: Record<string, string>) =>
  Object.fromEntries(Object.entries(components).map(([name, to]) => [name, { $ref: `#/components/${kind}/${to}` }]))

/**
 * Of a read only what must be given has an example that tools fill in: filters filled in by themselves would hide what
 * is there. A write is filled in so that it can be tried without an effect.
 */
function completeParameter(parameter: Parameter, method: Method): Parameter {
  const { example, schema, ...rest } = parameter
  const isList = schema.type === 'array' ? { style: 'form', explode: false } : {}
  if (parameter.required || example === undefined || method !== 'get') return { ...parameter, ...isList }
  return { ...rest, schema: { ...schema, examples: [example] }, ...isList }
}

function requestHeadersOf({ responses, requestBody }: Operation, method: Method): Parameter[] {
  const isSingleWrite = method !== 'get' && !(LINES_TYPE in (requestBody?.content ?? {}))
  const { content = {} } = { ...responses[200] } as Partial<Response>
  const names = [
    ...(responses[304] ? ['IfNoneMatch'] : []),
    ...(responses[428] ? ['IfMatch'] : responses[412] ? ['IfMatchOptional'] : []),
    ...(responses[412] && method === 'put' ? ['IfNoneMatchCreate'] : []),
    ...(isSingleWrite ? ['IdempotencyKey'] : []),
    ...(isSingleWrite && requestBody ? ['Prefer'] : []),
    ...('text/event-stream' in content ? ['LastEventId'] : []),
  ]
  return names.map((name) => requestHeaders[name] as Parameter)
}

function sortByName({ components }: Document, kind: string): void {
  components[kind] = Object.fromEntries(Object.entries(components[kind] as object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Leaves out the components that nothing refers to, until all that remain are referred to. */
function dropUnused(document: Document): Document {
  const { securitySchemes, ...components } = document.components
  const used = new Set<string>()
  const queue: unknown[] = [document.paths]
  for (let part = queue.pop(); part !== undefined; part = queue.pop()) {
    for (const [, kind, name] of JSON.stringify(part).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)) {
      const key = `${kind}/${name}`
      const component = (components as Record<string, Record<string, unknown>>)[kind as string]?.[name as string]
      if (component === undefined) throw new Error(`there is no component ${key}`)
      if (!used.has(key)) queue.push(component)
      used.add(key)
    }
  }
  const kept = Object.entries(components as Record<string, object>).map(([kind, named]) => [
    kind,
    Object.fromEntries(Object.entries(named).filter(([name]) => used.has(`${kind}/${name}`))),
  ])
  return { ...document, components: { securitySchemes, ...Object.fromEntries(kept) } } as Document
}
