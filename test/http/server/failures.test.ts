/** Whatever a handler throws, the caller reads a problem that reveals nothing; and rules that a route must keep. */
import Fastify from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { problemTypes } from '../../../src/http/errors/problems.ts'
import * as schemas from '../../../src/http/schema/schemas.ts'
import { type Api, noBody, type Sent, unchecked } from '../../../src/http/server/api.ts'
import { registerPipeline } from '../../../src/http/server/pipeline.ts'
import { registerContract } from '../../../src/http/server/route-contract.ts'
import { smallApp } from '../../support/small-app.ts'

const app = await smallApp()
t.teardown(() => app.close())

const rows: Record<string, [status: number, slug: string]> = {
  null: [500, 'internal-error'],
  undefined: [500, 'internal-error'],
  secret: [500, 'internal-error'],
  nothing: [500, 'internal-error'],
  statement: [500, 'internal-error'],
  'lost-connection': [503, 'unavailable'],
  'outcome-unknown': [503, 'outcome-unknown'],
  refused: [503, 'unavailable'],
  'no-space': [503, 'unavailable'],
  'no-file': [503, 'overloaded'],
  lock: [409, 'busy'],
  value: [400, 'bad-request'],
  unique: [409, 'already-exists'],
  'unknown-check': [422, 'invalid-body'],
  'unknown-unique': [409, 'conflict'],
}

for (const [kind, expected] of Object.entries(rows))
  t.test(`${kind}: ${expected.join(' ')}`, async (t) => {
    for (const method of ['GET', 'POST'] as const) {
      const { statusCode, headers, body } = await app.inject({ method, url: `/v1/failures/${kind}` })
      const { type, errors } = JSON.parse(body)
      // Nothing that a reader wants contradicts what is stored.
      const [status, slug] = kind === 'lock' && method === 'GET' ? [503, 'unavailable'] : expected
      t.same([statusCode, type], [status, `/problems/${slug}`])
      t.equal(headers['content-type'], 'application/problem+json')
      const retry = kind === 'no-space' ? '60' : '1'
      t.equal(headers['retry-after'], statusCode === 503 || kind === 'lock' ? retry : undefined)
      t.notMatch(body, /secret|select|Error|node:|\.ts/)
      if (kind === 'no-space') t.match(JSON.parse(body).detail, 'disk')
      if (kind === 'unique')
        t.same(errors, [{ pointer: '/title', code: 'taken', message: 'Another thing has this title.' }])
    }
  })

t.test('a header with a line break becomes a clean 500', async (t) => {
  const { statusCode, headers } = await app.inject('/v1/line-break')
  t.same([statusCode, headers['content-type'], headers['x-thing']], [500, 'application/problem+json', undefined])
})

t.test('a problem with a line break in a header is still answered', async (t) => {
  const { statusCode, headers } = await app.inject('/v1/failures/bad-header')
  t.same([statusCode, headers['content-type'], headers.location], [409, 'application/problem+json', undefined])
})

t.test('a stream that breaks before its first byte becomes a clean 500', async (t) => {
  const { statusCode, headers, body } = await app.inject('/v1/broken-stream')
  t.same([statusCode, headers['content-type']], [500, 'application/problem+json'])
  t.notMatch(body, /secret/)
})

t.test('a handler that takes too long is a 503; of a write nobody knows the outcome', async (t) => {
  const read = await app.inject('/v1/slow')
  t.same([read.statusCode, read.json().type, read.headers['retry-after']], [503, '/problems/unavailable', '1'])
  const write = await app.inject({ method: 'POST', url: '/v1/slow' })
  t.same([write.statusCode, write.json().type], [503, '/problems/outcome-unknown'])
})

t.test('each problem has a page for people and the same as JSON', async (t) => {
  for (const [slug, { status, title }] of Object.entries(problemTypes)) {
    const page = await app.inject({ url: `/problems/${slug}`, headers: { accept: 'text/html,*/*;q=0.8' } })
    t.equal(page.statusCode, 200)
    t.match(page.headers['content-type'], 'text/html')
    t.match(page.headers['content-security-policy'], /style-src 'sha256-/)
    t.match(page.body, title)
    const { json } = await app.inject({ url: `/problems/${slug}`, headers: { accept: 'application/json' } })
    t.match(json(), { type: `/problems/${slug}`, status, title, example: { status } })
  }
  t.equal((await app.inject('/problems/nope')).statusCode, 404)
  t.equal((await app.inject('/problems/toString')).statusCode, 404)
})

t.test('an operation that the document could not explain stops the start', async (t) => {
  const words = { operationId: 'getX', summary: 's', description: 'd', tags: ['T'] }
  const starts = async (url: string, schema: object) => {
    const other = Fastify()
    registerPipeline(other)
    registerContract(other)
    other.get(url, { schema }, async () => 'x')
    await other.ready()
    await other.close()
  }
  await t.resolves(starts('/x', words))
  for (const missing of Object.keys(words)) await t.rejects(starts('/x', { ...words, [missing]: undefined }))
  await t.rejects(starts('/x', { ...words, tags: ['T', 'U'] }), /exactly one tag/)
  await t.rejects(starts('/x/:id', words), /a schema of :id/)
})

const params = Type.Object({ name: schemas.text(9, 'A name.', 'Rai') })
const Named = schemas.responseSchema('Named', 'What has a name.', params.properties)

/** Each line is an error of the compiler, or it stands in the way of `tsc`. */
function refusedByTheCompiler(api: Api): void {
  const read = { params, response: { 200: { description: 'It.', ...schemas.ref(Named) } } }
  const write = { ...read, body: unchecked(Named), response: { ...read.response, 204: noBody('Done.') } }
  // @ts-expect-error: a parameter that is not declared
  api.get('/', { schema: read }, async ({ params }) => ({ name: params.other }))
  // @ts-expect-error: an answer without what it must have
  api.get('/', { schema: read }, async ({ params }) => ({ other: params.name }))
  // @ts-expect-error: the same, sent
  api.get('/', { schema: read }, async ({ params }, reply) => reply.send({ other: params.name }))
  // @ts-expect-error: a body that nobody has checked
  api.put('/', { schema: write }, async ({ body }) => ({ name: body.name }))
  // @ts-expect-error: the answer of a write that is another
  api.put('/', { schema: write }, async (): Promise<Sent<{ other: string }>> => Promise.reject())
}

t.test('a handler that reads what is not declared, or returns what is not answered, does not compile', async (t) => {
  t.type(refusedByTheCompiler, 'function')
})
