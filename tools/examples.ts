/**
 * The examples of the OpenAPI document: every operation is called with the example parameters that the document itself
 * shows, and what the service answers is the example, cut short by excerpts.ts. The database must hold the example of
 * the registry and nothing else.
 */
import type { FastifyInstance } from 'fastify'
import { LINES_TYPE } from '../src/http/input/body.ts'
import type { Document, Example, Method, Operation, Response } from '../src/http/openapi/types.ts'
import { exampleRequests } from './example-bodies.ts'
import { EVENTS_TYPE, excerpt, JSON_TYPE, readEvents, tidy } from './excerpts.ts'

/** Pages are requested with so many items only. */
const PAGE_ITEMS = 2

/**
 * Parameters of which an example is true elsewhere only: the page of a list, the instants of this database, and what
 * the registry's own example leaves unknown, such as where sites are and when they open; and those of formats, which
 * are negotiated.
 */
const unasked = new Set(
  'cursor asOf near radius bbox openAt accessible endsBefore endsAfter format columns labels'.split(' '),
)

/** And of a list in a format other than JSON those that only JSON has. */
const unaskedOfFiles = ['count', 'include']

/** And of a picture, which shows areas of one kind. */
const unaskedOfPictures = ['kind']

/** And of the audit what the example holds nothing of. */
const unaskedOfAudit = new Set(['from', 'until', 'actor', 'organizationId', 'requestId', 'operationId'])

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
      if (method === 'get') examples[operationId] = await read(app, send, asked)
      else if (request !== undefined) examples[operationId] = await write(send, all, asked, request)
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
    const responses = { [status]: { [JSON_TYPE]: answer } }
    examples[operationId] = { ...(request !== undefined && { request }), responses }
  }
}

type Send = ReturnType<typeof sender>

const sender =
  (app: FastifyInstance, key: string) =>
  async (method: Method, url: string, payload?: unknown, accept = JSON_TYPE) => {
    const isOfLines = typeof payload === 'string'
    const headers = {
      accept,
      authorization: `Bearer ${key}`,
      ...(payload !== undefined && { 'content-type': isOfLines ? LINES_TYPE : JSON_TYPE }),
      ...(method === 'patch' && { 'if-match': '*' }),
    }
    const asked = { method: method.toUpperCase() as 'GET', url, headers }
    const body = isOfLines ? payload : JSON.stringify(payload)
    const answer = await app.inject(body === undefined ? asked : { ...asked, payload: body })
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`)
    return { status: answer.statusCode, location: answer.headers.location, body: answer.body }
  }

/** What a read answers, in each of its media types. */
async function read(app: FastifyInstance, send: Send, asked: Asked): Promise<Example> {
  const { content = {} } = asked.operation.responses[200] as Response
  const answers: Record<string, unknown> = {}
  for (const type of Object.keys(content)) {
    const isPicture = type.startsWith('image/')
    const isFile = 'text/csv' in content && type !== JSON_TYPE
    const url = urlOf(asked, [...(isFile ? unaskedOfFiles : []), ...(isPicture ? unaskedOfPictures : [])])
    const body = type === EVENTS_TYPE ? await readEvents(app, url) : (await send('get', url, undefined, type)).body
    answers[type] = excerpt(type, body)
  }
  return { responses: { 200: answers } }
}

async function write(send: Send, all: Asked[], asked: Asked, request: unknown): Promise<Example> {
  if (typeof request === 'string') return writeLines(send, asked, request)
  const { status, location, body } = await send(asked.method, urlOf(asked), request)
  const answer = status === 201 && location ? renamed(body, location, all) : body
  return { request, responses: { [status]: { [JSON_TYPE]: tidy(JSON.parse(answer)) } } }
}

async function writeLines(send: Send, asked: Asked, request: string): Promise<Example> {
  const { status, body } = await send(asked.method, urlOf(asked), request, LINES_TYPE)
  return { request, responses: { [status]: { [LINES_TYPE]: excerpt(LINES_TYPE, body) } } }
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

interface Identified {
  id: string
}

/** The answers to the trial of a DELETE, and to the PUT of a document that is not there yet. */
async function addCreated(send: Send, all: Asked[], examples: Record<string, Example>): Promise<void> {
  const put = all.find(({ operation }) => operation.operationId === 'putSourceConvention') as Asked
  const { request, responses } = examples.putSourceConvention as Example
  const tried = await send('delete', `${urlOf(put, ['link'])}?dryRun=true`)
  const { plan, ...about } = JSON.parse(tried.body)
  // What earlier examples made has other ids each time.
  const own = tidy({ ...about, plan: plan.filter(({ key }: { key: string | null }) => key !== null) })
  examples.deleteSourceConvention = { responses: { [tried.status]: { [JSON_TYPE]: own } } }
  await send('delete', urlOf(put, ['link']))
  const { status, body } = await send('put', urlOf(put), request)
  const { convention, objects, ...rest } = JSON.parse(body)
  const stored = responses[200]?.[JSON_TYPE] as { convention: Identified; objects: Identified[] }
  const withIds = (tidy(objects) as Identified[]).map((one, i) => ({ ...one, id: stored.objects[i]?.id }))
  const { id } = stored.convention
  responses[status] = { [JSON_TYPE]: tidy({ convention: { ...convention, id }, ...rest, objects: withIds }) }
}

const isUnasked = ({ operation }: Asked, name: string) =>
  unasked.has(name) ||
  (name === 'q' && hasOrder(operation)) ||
  (operation.operationId === 'listAudit' && unaskedOfAudit.has(name))

/** `q` cannot be combined with `sort`. */
const hasOrder = ({ parameters = [] }: Operation) => parameters.some(({ name }) => name === 'sort')

const parametersOf = ({ operation }: Asked) => (operation.parameters ?? []).filter((one) => one.in !== 'header')

/** The path with its example parameters, and of reads the query with those of its filters. */
function urlOf(asked: Asked, without: readonly string[] = []): string {
  let { path } = asked
  const query = new URLSearchParams()
  for (const parameter of parametersOf(asked)) {
    const { name, example, schema } = parameter
    const [word = example] = (schema.examples ?? []) as unknown[]
    if (parameter.in === 'path') path = path.replace(`{${name}}`, encodeURIComponent(String(example)))
    else if (name === 'limit') query.set(name, String(PAGE_ITEMS))
    else if (without.includes(name)) continue
    // The example of a convention that is created is there already.
    else if (name === 'link') query.set(name, String(word))
    else if (asked.method === 'get' && !isUnasked(asked, name) && word !== undefined) query.set(name, String(word))
  }
  return query.size > 0 ? `${path}?${query}` : path
}
