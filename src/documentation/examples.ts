/**
 * The examples of the OpenAPI document: every operation is asked with the example parameters that the document itself
 * shows, and what the service answers is the example. The database must hold the example of the registry and nothing
 * else; instants and new ids, which differ each time, are replaced.
 */
import type { FastifyInstance } from 'fastify'
import type { Document, Example, Method, Operation, Parameter } from '../http/openapi-types.ts'
import { exampleRequests } from './requests.ts'

/** Longer lists are cut to their first items, and of pages only so many are asked for. */
const LIST_MAX = 5
const LIST_KEPT = 3
const PAGE_ITEMS = 2

const INSTANT = '2026-01-01T00:00:00.000Z'
const PLACE = 'WzIsMCwiZmE0MjUxZjU5Yjk3MWMzNyIsIlQxUE5vWXdyIl0'

/** Parameters of which an example is true elsewhere only: the place in a list, the instants of this database. */
const unasked = new Set(['cursor', 'asOf'])

/** And of the audit what the example holds nothing of. */
const unaskedOfAudit = new Set(['from', 'until', 'actor', 'organizationId', 'requestId', 'operationId'])

/** What differs each time, by the name of its field. */
const replaced = new Map<string, unknown>([
  ['createdAt', INSTANT],
  ['updatedAt', INSTANT],
  ['at', '2026-01-01T00:00:00.000000Z'],
  ['chain', 'fa4251f59b971c373f3577a3bdcf3ddb3084e27a3657cada07597dccb4213464'],
  ['hash', 'fc2a7e27bd335ef999342d479a9cedfe8f94a89dafe0d2b7e6377d599b647534'],
  ['requestId', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ['prefix', 'ctg_QQQQQQQQ'],
])
/** The form of a secret, and what is shown in its place. */
const SECRET = /^ctg_[\w-]{43}$/
const SHOWN_SECRET = `ctg_${'Q'.repeat(43)}`

/** The instant at which the examples are true, for the clock. */
export const EXAMPLE_NOW = '2026-03-15T12:00:00.000Z'

interface Asked {
  method: Method
  path: string
  operation: Operation
}

/** The examples of all operations by operationId; `key` is an API key. Throws when an answer is not a success. */
export async function collectExamples(app: FastifyInstance, key: string): Promise<Record<string, Example>> {
  const document = JSON.parse(app.openapi.json()) as Document
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Asked => ({ method: method as Method, path, operation })),
  )
  const send = sender(app, key)
  const requests = exampleRequests()
  const examples: Record<string, Example> = {}
  // Each sees what was done before it: reads come first, then the document as it is held already.
  const order: Method[] = ['get', 'put', 'post', 'patch']
  for (const method of order)
    for (const asked of all.filter((one) => one.method === method && !isOfKeys(one))) {
      const { operationId } = asked.operation
      const request = requests[operationId]
      if (method === 'get' ? answersJson(asked.operation) : request !== undefined)
        examples[operationId] = await ask(send, all, asked, request)
    }
  await addCreated(send, all, examples)
  await addKeys(send, all, examples)
  return examples
}

const isOfKeys = ({ path }: Asked) => path.startsWith('/v1/keys')

/** The example holds no key: one is made, read and rotated, and shown by the id that the document has for it. */
async function addKeys(send: Send, all: Asked[], examples: Record<string, Example>): Promise<void> {
  const shown = shownId('/v1/keys/{id}', all) as string
  const requests = exampleRequests()
  let id = shown
  for (const operationId of ['createKey', 'listKeys', 'getKey', 'createKeyRotation']) {
    const asked = all.find(({ operation }) => operation.operationId === operationId) as Asked
    const request = requests[operationId]
    const { status, body } = await send(asked.method, urlOf(asked).replace(shown, id), request)
    if (status === 201) id = JSON.parse(body).id
    const answer = tidy(JSON.parse(body.replaceAll(id, shown)))
    examples[operationId] = { ...(request !== undefined && { request }), responses: { [status]: answer } }
  }
}

/** The OpenAPI document is left out, for it cannot hold itself. */
const answersJson = ({ operationId, responses }: Operation) =>
  operationId !== 'getOpenapiJson' && JSON.stringify(responses[200] ?? {}).includes('"application/json"')

type Send = ReturnType<typeof sender>

const sender = (app: FastifyInstance, key: string) => async (method: Method, url: string, payload?: unknown) => {
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${key}`,
    ...(payload !== undefined && { 'content-type': 'application/json' }),
    ...(method === 'patch' && { 'if-match': '*' }),
  }
  const asked = { method: method.toUpperCase() as 'GET', url, headers }
  const answer = await app.inject(payload === undefined ? asked : { ...asked, payload: JSON.stringify(payload) })
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`)
  return { status: answer.statusCode, location: answer.headers.location, body: answer.body }
}

async function ask(send: Send, all: Asked[], asked: Asked, request: unknown): Promise<Example> {
  const { status, location, body } = await send(asked.method, urlOf(asked), request)
  const answer = status === 201 && location ? renamed(body, location, all) : body
  return { ...(request !== undefined && { request }), responses: { [status]: tidy(JSON.parse(answer)) } }
}

/** What is created gets an id that the document shows for its kind. */
function renamed(body: string, location: string, all: Asked[]): string {
  const [, path, id = ''] = /^(.*)\/(.*)$/.exec(location) ?? []
  const shown = shownId(`${path}/{id}`, all)
  return shown ? body.replaceAll(id, shown) : body
}

function shownId(path: string, all: Asked[]): string | undefined {
  const read = all.find((one) => one.method === 'get' && one.path === path)
  return read && String(parametersOf(read).find((one) => one.in === 'path')?.example)
}

/** The answer to the PUT of a document that is not there yet. */
async function addCreated(send: Send, all: Asked[], examples: Record<string, Example>): Promise<void> {
  const put = all.find(({ operation }) => operation.operationId === 'putSourceConvention') as Asked
  const { request, responses } = examples.putSourceConvention as Example
  await send('delete', urlOf(put))
  const { status, body } = await send('put', urlOf(put), request)
  const { convention, ...rest } = JSON.parse(body)
  const { id } = (responses[200] as { convention: { id: string } }).convention
  responses[status] = tidy({ convention: { ...convention, id }, ...rest })
}

const isUnasked = ({ operation }: Asked, name: string) =>
  unasked.has(name) || (operation.operationId === 'listAudit' && unaskedOfAudit.has(name))

const parametersOf = ({ operation }: Asked) =>
  (operation.parameters ?? []).filter((one) => 'name' in one) as Parameter[]

/** The path with its example parameters, and of reads the query with those of its filters. */
function urlOf(asked: Asked): string {
  let { path } = asked
  const query = new URLSearchParams()
  for (const parameter of parametersOf(asked)) {
    const { name, example, schema } = parameter
    const [word] = (schema.examples ?? []) as unknown[]
    if (parameter.in === 'path') path = path.replace(`{${name}}`, encodeURIComponent(String(example)))
    else if (name === 'limit') query.set(name, String(PAGE_ITEMS))
    else if (asked.method === 'get' && !isUnasked(asked, name) && word !== undefined) query.set(name, String(word))
  }
  return query.size > 0 ? `${path}?${query}` : path
}

/** A body without what differs each time and with short lists. */
function tidy(value: unknown): unknown {
  if (typeof value === 'string' && SECRET.test(value)) return SHOWN_SECRET
  if (Array.isArray(value)) return (value.length > LIST_MAX ? value.slice(0, LIST_KEPT) : value).map(tidy)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => {
    // The cursor of a place in the journal holds its chain.
    if (name === 'next' && 'position' in value) return [name, PLACE]
    return [name, member !== null && replaced.has(name) ? replaced.get(name) : tidy(member)]
  })
  return Object.fromEntries(members)
}
