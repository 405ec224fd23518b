/**
 * The OpenAPI document: what is served is what is committed, its examples are real answers, everything in it is
 * bounded and explained; and the check of every answer of this suite against it catches what it should.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import type { Document, Method, Operation, Parameter, Response } from '../../../src/http/openapi/types.ts'
import { loadExample } from '../../../src/seed.ts'
import { collectExamples, EXAMPLE_NOW } from '../../../tools/examples.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { contractErrors, type SeenAnswer } from '../../support/contract.ts'
import { openRegistry } from '../../support/registry.ts'

const folder = path.join(import.meta.dirname, '../../../openapi')
const committed = (name: string) => fs.readFile(path.join(folder, name), 'utf8')
const text = await committed('openapi.json')
const document = JSON.parse(text) as Document
const NOWHERE = '01890a5d-ac96-774b-bcce-b302099a8057'
const HINT = 'npm run openapi brings the folder up to date'

interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  maxLength?: number
  minimum?: number
  maximum?: number
  maxItems?: number
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  description?: string
  examples?: unknown[]
}

const operations = Object.entries(document.paths).flatMap(([url, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ url, method: method as Method, operation })),
)
const schemas = document.components.schemas as Record<string, Schema>
const parametersOf = ({ parameters = [] }: Operation) => parameters

t.test('what is served is what is committed, without indentation, and what the routes say', async (t) => {
  const { app, request } = await openRegistry(t)
  const made = { 'openapi.yaml': app.openapi.yaml(), 'openapi-3.0.json': app.openapi.json30(), 'openapi.json': text }
  t.ok(app.openapi.json() === text, HINT)
  for (const [name, is] of Object.entries(made)) {
    t.ok(is === (await committed(name)), HINT)
    const { text: served, headers } = await request('GET', `/${name}`)
    t.ok(served === (name.endsWith('.json') ? `${JSON.stringify(JSON.parse(is))}\n` : is), name)
    t.match(headers['content-type'], name.endsWith('.json') ? 'application/json' : 'application/yaml')
  }
  t.ok(text.length < 1_250_000, 'it stays below 1.25 megabytes')
})

t.test('every parameter stands in its operation, with its name: generators name arguments by it', (t) => {
  const nameless = operations.filter(({ operation }) => !parametersOf(operation).every(({ name }) => name))
  t.same(nameless, [])
  t.end()
})

t.test('the examples are what the service answers', async (t) => {
  const { app, db } = await openRegistry(t, { now: EXAMPLE_NOW })
  await loadExample(db, new Date(EXAMPLE_NOW))
  const examples = await collectExamples(app, ADMIN_KEY)
  t.ok(`${JSON.stringify(examples, null, 2)}\n` === (await committed('examples.json')), HINT)
  for (const [operationId, { responses }] of Object.entries(examples))
    for (const body of Object.values(responses).flatMap(Object.values))
      t.notSame((body as { data?: unknown[] }).data, [], operationId)
})

t.test('every body that an operation takes or answers is shown by an example', async (t) => {
  for (const { operation } of operations) {
    const answers = Object.values(operation.responses).filter((one): one is Response => 'description' in one)
    for (const { content = {} } of [...answers, operation.requestBody ?? {}])
      for (const [type, { example, examples }] of Object.entries(content))
        t.ok(example ?? examples, `${operation.operationId} ${type}`)
  }
})

t.test('a read answers with all that it promises, and promises nothing that never comes', async (t) => {
  const { db, request } = await openRegistry(t, { now: EXAMPLE_NOW })
  await loadExample(db, new Date(EXAMPLE_NOW))
  const asAdmin = { key: ADMIN_KEY }
  const { body: made } = await request('POST', '/v1/keys', { ...asAdmin, body: { name: 'Essai', role: 'admin' } })
  const nobody: Record<string, string> = { source: 'nobody', key: 'nothing', kind: 'commune', code: '99999' }
  for (const { url, operation } of operations.filter((one) => one.method === 'get')) {
    const { operationId, responses } = operation
    if (operationId === 'streamChanges') continue
    const names = parametersOf(operation).filter((one) => one.in === 'path')
    const fill = (of: (one: Parameter) => unknown) =>
      names.reduce((path, one) => path.replace(`{${one.name}}`, String(of(one))), url)
    const query = operationId === 'getSearchResults' ? '?q=rai' : ''
    const there = fill((one) => (url.startsWith('/v1/keys/') ? made.id : one.example)) + query
    // Headers that the document requires are asked for by the check of every answer.
    const { status } = await request('GET', there, { ...asAdmin, headers: { 'if-none-match': '*' } })
    t.equal(status, responses[304] ? 304 : 200, `${operationId}: 304`)
    const { headers = {} } = responses[200] as Response
    t.equal('ETag' in headers, Boolean(responses[304]), `${operationId}: ETag`)
    t.equal('Link' in headers, url.startsWith('/v1/'), `${operationId}: Link`)
    const missing = await request(
      'GET',
      fill((one) => nobody[one.name] ?? NOWHERE),
      asAdmin,
    )
    t.equal(missing.status === 404, Boolean(responses[404]), `${operationId}: 404`)
  }
})

t.test('an operationId is a verb and a noun and stands once; every operation names its problems', async (t) => {
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length)
  const verbs: Record<Method, RegExp> = {
    get: /^(get|list|stream)[A-Z]/,
    post: /^create[A-Z]/,
    put: /^(put|link)[A-Z]/,
    patch: /^update[A-Z]/,
    delete: /^(delete|unlink)[A-Z]/,
  }
  for (const { url, method, operation } of operations) {
    t.match(operation.operationId, verbs[method], `${method} ${url}`)
    t.equal(operation.tags.length, 1)
    t.ok(operation.summary.length <= 60 && !operation.summary.endsWith('.'), operation.summary)
    t.match(operation.description, /^[A-Z].*\.$/s, operation.operationId)
    const expected = url.startsWith('/v1/') ? [400, 401, 406, 414, 500, 503] : [400, 414, 500, 503]
    t.same(
      expected.filter((status) => !operation.responses[status]),
      [],
      operation.operationId,
    )
    if (method !== 'get') t.equal(Boolean(operation.responses[404]), url.includes('{'), `${operation.operationId}: 404`)
    for (const status of [413, 415, 422])
      t.equal(Boolean(operation.responses[status]), method !== 'get', `${operation.operationId}: ${status}`)
    t.equal(
      operation.security?.some((one) => Object.keys(one).length === 0) ?? false,
      method === 'get' && url.startsWith('/v1/') && operation['x-required-role'] === 'none',
    )
    t.equal(
      Boolean(operation.responses[403]),
      url.startsWith('/v1/') && method !== 'get',
      `${operation.operationId}: 403`,
    )
  }
})

t.test('the groups stand in reading order and each has operations', async (t) => {
  const used = operations.map(({ operation }) => operation.tags[0])
  t.same(
    (document.tags as { name: string }[]).map(({ name }) => name),
    [
      'Conventions',
      'Signatories',
      'Amendments',
      'Axes',
      'Actions',
      'Service sites',
      'Organizations',
      'Sync',
      'Changes',
      'Territories',
      'Search',
      'Statistics',
      'Vocabularies',
      'Keys',
      'Audit',
      'Service',
    ],
  )
  for (const { name } of document.tags as { name: string }[]) t.ok(used.includes(name), name)
})

t.test('everything is bounded', async (t) => {
  const unbounded: string[] = []
  for (const { place, schema } of allSchemas()) if (!isBounded(schema)) unbounded.push(place)
  t.same(unbounded, [])
})

t.test('every field and parameter is described, and its scalars have an example that is true to them', async (t) => {
  const poor: string[] = []
  for (const [name, { properties, description, allOf = [] }] of Object.entries(schemas)) {
    if (!description) poor.push(name)
    for (const [field, schema] of [{ properties }, ...allOf].flatMap((part) => Object.entries(part.properties ?? {}))) {
      const inner = schema.items ?? schema
      if (!schema.$ref && !schema.description) poor.push(`${name}.${field} has no description`)
      if (!inner.$ref && !inner.anyOf && !inner.examples?.length) poor.push(`${name}.${field} has no example`)
    }
  }
  for (const { operation } of operations)
    for (const { name, description, example, schema } of parametersOf(operation)) {
      const examples = (schema.items ?? schema) as Schema
      if (!description || (example === undefined && !examples.examples?.length))
        poor.push(`${operation.operationId} ${name}`)
    }
  t.same(poor, [])
})

t.test('fields of resources carry their French name', async (t) => {
  const fieldless = ['Problem', 'Fault', 'InUseBy', 'Health', 'Readiness', 'Home', 'Limits', 'Links']
  const without = Object.entries(schemas).flatMap(([name, { properties = {} }]) =>
    Object.entries(properties)
      .filter(([, { $ref, description = '' }]) => !$ref && !description.includes('French: '))
      .map(([field]) => `${name}.${field}`),
  )
  const isException = (place: string) => fieldless.includes(place.split('.')[0] ?? '') || /Page\./.test(place)
  t.same(
    without.filter((place) => !isException(place)),
    [],
  )
})

t.test('what is created, read or changed links to all that can be done with it, under the version that came', (t) => {
  const linksOf = (url: string, method: Method, status: number) => {
    const { links } = { ...document.paths[url]?.[method]?.responses[status] } as Partial<Response>
    return Object.values(links ?? {}).map(({ operationId, parameters }) => [operationId, ...Object.values(parameters)])
  }
  const made = '$response.body#/id'
  const version = '$response.header.ETag'
  t.same(linksOf('/v1/conventions/{id}/actions', 'post', 201), [
    ['getAction', made],
    ['updateAction', made, version],
    ['deleteAction', made, version],
  ])
  t.same(linksOf('/v1/axes/{id}', 'get', 200), [
    ['updateAxis', '$request.path.id', version],
    ['deleteAxis', '$request.path.id', version],
  ])
  for (const status of [200, 201])
    t.same(
      linksOf('/v1/sources/{source}/conventions/{key}', 'put', status).map(([id]) => id),
      ['updateSourceConvention', 'getSourceConvention', 'deleteSourceConvention'],
    )
  t.end()
})

/** Every schema of the document with the place where it stands, those within others too. */
function allSchemas(): { place: string; schema: Schema }[] {
  const parameters = operations.flatMap(({ operation }) =>
    parametersOf(operation).map(({ name, schema }) => ({ place: `${operation.operationId} ${name}`, schema })),
  )
  const components = Object.entries(schemas).map(([place, schema]) => ({ place, schema }))
  return [...components, ...(parameters as typeof components)].flatMap(({ place, schema }) => within(place, schema))
}

function within(place: string, schema: Schema): { place: string; schema: Schema }[] {
  const { items, anyOf = [], allOf = [], properties = {} } = schema
  return [
    { place, schema },
    ...(items ? within(`${place}[]`, items) : []),
    ...[...anyOf, ...allOf].flatMap((one) => within(place, one)),
    ...Object.entries(properties).flatMap(([name, one]) => within(`${place}.${name}`, one)),
  ]
}

const FORMATS_OF_FIXED_LENGTH = ['date', 'date-time', 'partial-date', 'uuid']

function isBounded(schema: Schema): boolean {
  const types = [schema.type ?? []].flat()
  const has = (...keywords: (keyof Schema)[]) => keywords.every((keyword) => schema[keyword] !== undefined)
  if (types.includes('array')) return has('maxItems', 'items')
  if (types.includes('integer') || types.includes('number')) return has('minimum', 'maximum')
  if (!types.includes('string')) return types.length > 0 || has('$ref') || has('anyOf') || has('oneOf') || has('allOf')
  const isFixed = FORMATS_OF_FIXED_LENGTH.includes(schema.format ?? '') || isFixedPattern(schema.pattern ?? '*')
  return has('maxLength') || has('enum') || has('const') || isFixed
}

/** A pattern with both ends and without a repetition that has none. */
const isFixedPattern = (pattern: string) => /^\^.*\$$/.test(pattern) && !/[*+]|,\}/.test(pattern)

t.test('the check of answers sees what is not declared', async (t) => {
  const { app, db } = await openRegistry(t, { now: EXAMPLE_NOW })
  await loadExample(db, new Date(EXAMPLE_NOW))
  const { statusCode, headers, rawPayload } = await app.inject('/v1/conventions')
  const real: SeenAnswer = { method: 'GET', url: '/v1/conventions', status: statusCode, headers, bytes: rawPayload }
  const page = JSON.parse(String(rawPayload))
  const [convention] = page.data
  const { title, ...untitled } = convention
  const body = (data: object) => ({ ...real, bytes: Buffer.from(`${JSON.stringify({ ...page, data: [data] })}\n`) })
  const told = (answer: SeenAnswer) => contractErrors(app.openapi.json(), answer).join()

  t.equal(told(real), '')
  t.equal(told(body(convention)), '')
  t.match(told({ ...real, status: 418 }), 'the status 418 is not declared for listConventions')
  t.match(told(body(untitled)), /data\/0" must have required property 'title'/)
  t.match(told(body({ ...convention, secret: 1 })), /must NOT have additional properties.*secret/)
  t.match(told(body({ ...convention, version: '1' })), /version" must be integer/)
  t.match(told(body({ ...convention, createdAt: 'yesterday' })), /createdAt" must match format/)
  t.match(told({ ...real, headers: { ...headers, 'x-database': '1' } }), 'the header x-database is not declared')
  const { 'x-request-id': _dropped, ...anonymous } = headers
  t.match(told({ ...real, headers: anonymous }), 'the header x-request-id is missing')
  t.match(told({ ...real, headers: { ...headers, 'content-type': 'text/html' } }), 'the media type text/html is not')
  t.match(told({ ...real, bytes: Buffer.from(JSON.stringify(page)) }), 'does not end with a line feed')
  t.match(told({ ...real, method: 'HEAD' }), 'a 200 has a body')
  t.match(told({ ...real, url: '/v1/secrets' }), 'is not in the document')
  t.match(told({ ...real, url: '/v1/secrets', status: 404 }), 'without a problem')
})
