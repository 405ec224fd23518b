/**
 * Small application with the pipeline of the service and nothing else: one of each kind of operation, and handlers that
 * fail in each way in which a handler can.
 */
import { Readable } from 'node:stream'
import Fastify, {
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
  type InjectOptions,
} from 'fastify'
import { Type } from 'typebox'
import { classify } from '../../src/db/errors.ts'
import { invalidBody, problem } from '../../src/http/errors/problems.ts'
import { checkIfMatch, checkIfNoneMatch } from '../../src/http/input/preconditions.ts'
import { checkBody } from '../../src/http/input/validation.ts'
import { versionTag } from '../../src/http/output/etags.ts'
import { pageBody, pageParameters, pageStart } from '../../src/http/output/pagination.ts'
import { Representation } from '../../src/http/output/response.ts'
import * as schemas from '../../src/http/schema/schemas.ts'
import { registerPipeline } from '../../src/http/server/pipeline.ts'
import { registerContract } from '../../src/http/server/route-contract.ts'
import { serverOptions } from '../../src/http/server/server-options.ts'
import { problemPages } from '../../src/site/problem-pages.ts'

const THING_ID = '01890a5d-ac96-774b-bcce-b302099a8057'
/** The path of the one thing that there is; its version is 7. */
export const THING = `/v1/things/${THING_ID}`

const Detail = schemas.requestSchema('SmallDetail', 'A part of a thing.', {
  on: schemas.partialDate('When.', '2022-03'),
  note: Type.Optional(schemas.nullable(schemas.prose('What.', 'Ouverture'))),
})

const Thing = schemas.requestSchema('SmallThing', 'A thing.', {
  title: schemas.title('Its name.', 'Relais petite enfance'),
  cents: Type.Optional(schemas.nullable(schemas.cents('Its price.', 1200))),
  ok: Type.Optional(schemas.nullable(schemas.boolean('Whether it is.', true))),
  tags: Type.Optional(schemas.uniqueList(schemas.code(['a', 'b', 'c'], 'Its kinds.', 'a'), 3, 'Its kinds.')),
  details: Type.Optional(schemas.list(schemas.ref(Detail), 5, 'Its parts.')),
  main: Type.Optional(schemas.nullable(schemas.ref(Detail))),
})

const words = (operationId: string) => ({
  operationId,
  summary: 'A summary.',
  description: 'A description.',
  tags: ['Things'],
})

/** What a write asks of a key: it has to say so. */
const right = { role: 'editor', words: 'Takes a key.' }

const params = Type.Object({ id: schemas.id('Id of the thing.', THING_ID) })

/** Not yet listening; nothing is logged unless a logger is given. `register` adds what a test is about. */
export async function smallApp(
  options: FastifyServerOptions = {},
  register: (app: FastifyInstance) => void = () => undefined,
): Promise<FastifyInstance> {
  const app = Fastify({ ...serverOptions, ...options }) as FastifyInstance
  registerPipeline(app, {
    classify,
    constraintProblems: {
      thing_title_key: {
        slug: 'already-exists',
        pointer: '/title',
        code: 'taken',
        message: 'Another thing has this title.',
      },
    },
  })
  register(app)
  app.register(operations, { prefix: '/v1' })
  problemPages(app)
  await app.ready()
  return app
}

async function operations(api: FastifyInstance): Promise<void> {
  registerContract(api)
  api.addHook('onRequest', async (request) => {
    if (request.headers.authorization === 'Bearer wrong') throw problem('unauthorized', 'The key is not valid.')
  })
  listRoutes(api)
  itemRoutes(api)
  otherRoutes(api)
}

/** Asks an application and reads its answer; `json` is undefined when there is none. */
export const asker =
  (app: FastifyInstance) =>
  async (url: string, options: InjectOptions = {}) => {
    const { statusCode: status, headers, body, rawPayload } = await app.inject({ url, ...options })
    const isJson = /json/.test(String(headers['content-type'])) && !headers['content-encoding'] && body !== ''
    const json = isJson ? JSON.parse(body) : undefined
    return { status, headers, body, rawPayload, json, slug: json?.type?.replace('/problems/', '') }
  }

/** The errors of a problem, as `place code`. */
export const errorsOf = ({ json }: { json?: { errors?: { parameter?: string; pointer?: string; code: string }[] } }) =>
  (json?.errors ?? []).map(({ parameter, pointer, code }) => `${parameter ?? pointer} ${code}`)

const numbers = Array.from({ length: 120 }, (_, i) => i)

function listRoutes(app: FastifyInstance): void {
  const querystring = Type.Object({
    ...pageParameters,
    q: Type.Optional(schemas.text(50, 'Words.', 'relais')),
    types: Type.Optional(schemas.uniqueList(schemas.code(['a', 'b', 'c'], 'Kinds.', 'a'), 3, 'Kinds.')),
    activeOn: Type.Optional(schemas.date('A day.', '2022-03-17')),
    open: Type.Optional(schemas.boolean('Whether it is open.', true)),
    at: Type.Optional(schemas.decimal('A number.', 1.5)),
  })
  app.get('/things', { schema: { ...words('listThings'), querystring } }, (request, reply) => {
    const { limit, after, count } = pageStart(request, ['integer'])
    const rest = numbers.filter((number) => !after || number > Number(after[0]))
    const data = rest.slice(0, limit)
    const last = rest.length > limit ? [data.at(-1)] : undefined
    return reply.send(pageBody(request, reply, { data, last, count: count ? numbers.length : null }))
  })
  const kept = new Representation(Buffer.from(JSON.stringify({ text: 'words '.repeat(500) })), '"kept"').keep()
  app.get('/kept', { schema: words('getKept') }, async () => kept)
  app.get('/queries', { schema: { ...words('listQueries'), querystring } }, async ({ query }) => query)
  app.post(
    '/things',
    { config: { right }, schema: { ...words('createThing'), body: schemas.ref(Thing) } },
    async (request, reply) => {
      const { value, errors } = checkBody(Thing, request.body)
      if (errors.length > 0) throw invalidBody(errors)
      return reply.code(201).header('location', `/v1/things/${THING_ID}`).header('etag', versionTag(1)).send(value)
    },
  )
}

function itemRoutes(app: FastifyInstance): void {
  const schema = { params, querystring: Type.Object({ include: Type.Optional(schemas.text(10, 'What.', 'more')) }) }
  app.get('/things/:id', { schema: { ...words('getThing'), ...schema } }, async (request, reply) => {
    found(request)
    const { include } = request.query as { include?: string }
    reply.header('etag', versionTag(7))
    return { title: 'Relais', padding: 'x'.repeat(2000), ...(include && { more: include }) }
  })
  const config = { versioned: 'required', right } as const
  app.patch(
    '/things/:id',
    { config, schema: { ...words('updateThing'), params, body: schemas.ref(Thing) } },
    async (request, reply) => {
      found(request)
      checkIfMatch(request, 7, { required: true })
      const { value, errors } = checkBody(Thing, request.body)
      if (errors.length > 0) throw invalidBody(errors)
      return reply.header('etag', versionTag(8)).send(value)
    },
  )
  app.delete('/things/:id', { config, schema: { ...words('deleteThing'), params } }, async (request, reply) => {
    found(request)
    checkIfMatch(request, 7, { required: true })
    return reply.code(204).send()
  })
}

function found({ params }: FastifyRequest): void {
  if ((params as { id: string }).id !== THING_ID) throw problem('not-found', 'There is no such thing.')
}

const failures: Record<string, () => unknown> = {
  null: () => {
    throw null
  },
  undefined: () => {
    throw undefined
  },
  secret: () => {
    throw new Error('select secret from table')
  },
  'bad-header': () => problem('conflict', 'x', { headers: { location: '/a\r\nset-cookie: b=c' } }),
  'lost-connection': () => new Error('Connection terminated unexpectedly'),
  'outcome-unknown': () => Object.assign(new Error('secret'), { name: 'OutcomeUnknown' }),
  refused: () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  'no-space': () => Object.assign(new Error('write'), { code: 'ENOSPC' }),
  'no-file': () => Object.assign(new Error('connect'), { code: 'EMFILE' }),
  lock: () => postgres('55P03'),
  value: () => postgres('22008'),
  unique: () => postgres('23505', 'thing_title_key'),
  'unknown-check': () => postgres('23514', 'secret_rule'),
  'unknown-unique': () => postgres('23505', '__proto__'),
  statement: () => postgres('42601'),
}

const postgres = (code: string, constraint?: string) =>
  Object.assign(new Error('secret text'), { code, severity: 'ERROR', constraint, detail: 'Key (a)=(secret)' })

function otherRoutes(app: FastifyInstance): void {
  const kind = Type.Object({ kind: schemas.text(20, 'Which failure.', 'null') })
  for (const method of ['GET', 'POST'] as const)
    app.route({
      method,
      url: '/failures/:kind',
      config: method === 'GET' ? {} : { right },
      schema: { ...words(`fail${method}`), params: kind },
      handler: async (request) => {
        const error = failures[(request.params as { kind: string }).kind]?.()
        if (error) throw error
      },
    })
  app.get('/line-break', { schema: words('getLineBreak') }, async (_request, reply) =>
    reply.header('x-thing', 'a\r\nb').send({ ok: true }),
  )
  app.get(
    '/broken-stream',
    { schema: words('getBrokenStream') },
    async () =>
      new Readable({
        read() {
          this.destroy(new Error('secret'))
        },
      }),
  )
  app.get('/slow', { config: { answerMs: 50 }, schema: words('getSlow') }, (_request, reply) => {
    setTimeout(() => reply.sent || reply.send({ ok: true }), 200).unref()
  })
  app.post('/slow', { config: { right, answerMs: 50 }, schema: words('postSlow') }, (_request, reply) => {
    setTimeout(() => reply.sent || reply.send({ ok: true }), 200).unref()
  })
  const produces = ['text/html', 'application/json']
  app.get('/page', { config: { produces }, schema: words('getPage') }, async (_request, reply) =>
    reply.type('text/html').send('<p>'),
  )
  app.put<{ Params: { key: string } }>(
    '/documents/:key',
    {
      bodyLimit: 8 * 1024 * 1024,
      config: { versioned: 'optional', right },
      schema: {
        ...words('putDocument'),
        params: Type.Object({ key: schemas.text(200, 'Key.', 'a') }),
        body: schemas.ref(Thing),
      },
    },
    async (request) => {
      checkIfMatch(request, null, { required: false })
      checkIfNoneMatch(request, request.params.key === 'there' ? '"abc"' : null)
      return { key: request.params.key }
    },
  )
}
