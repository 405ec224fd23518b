/** API key routes: administrators manage all keys, editors those of their organization. */
import { Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import { assertAllowed, mayManageKey, rights } from '../../auth/policy.ts'
import type { Database } from '../../db/database.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import type { Services } from '../../engine/read/services.ts'
import { notFound } from '../../engine/read/visible.ts'
import { runWrite, type WriteAnswer } from '../../engine/write/idempotency.ts'
import { checkIfMatch } from '../../http/input/preconditions.ts'
import { versionTag, withBytes } from '../../http/output/etags.ts'
import { pageBody, pageOf, pageParameters, pageStart } from '../../http/output/pagination.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import { type Api, noBody, operationDocs, unchecked } from '../../http/server/api.ts'
import { makeKey, renewKey } from './edits.ts'
import { meRoute } from './me-route.ts'
import { type MadeKey, revokeKey, selectKey, selectKeys } from './queries.ts'
import { ApiKey, ApiKeyInput, ApiKeyRotation, NewApiKey } from './schema.ts'

const tag = 'Keys'
const PATH = '/keys'
const ApiKeyPage = pageOf(ApiKey)
const params = Type.Object({ id: id('The id of the key (French: identifiant).', exampleIds.key) })

export function keyRoutes(app: Api, services: Services): void {
  readRoutes(app, services)
  createRoute(app, services)
  rotateRoute(app, services)
  revokeRoute(app, services)
  meRoute(app, services)
}

function readRoutes(app: Api, { db }: Services): void {
  const config = { right: rights.readKeys }
  const list = operationDocs({
    operationId: 'listKeys',
    tag,
    summary: 'List API keys',
    description: 'The keys that you may see, by id, without their secrets. Those that were revoked stay in the list.',
  })
  const item = operationDocs({
    operationId: 'getKey',
    tag,
    summary: 'Get an API key',
    description: 'A key without its secret: whose it is, what it may do, until when, when it was used last.',
  })
  const page = { 200: { description: 'A page of keys.', ...ref(ApiKeyPage) } }
  app.get(
    PATH,
    { schema: { ...list, querystring: Type.Object(pageParameters), response: page }, config },
    async (request, reply) =>
      pageBody(request, reply, await selectKeys(db, request.caller, pageStart(request, ['uuid']))),
  )
  const response = { 200: { description: 'The key.', ...ref(ApiKey) } }
  app.get(`${PATH}/:id`, { schema: { ...item, params, response }, config }, async (request, reply) => {
    const key = await findKey(db, request.caller, request.params.id)
    reply.header('etag', tagOf(key))
    return key
  })
}

/** Begins with the version; the last use, which makes none, has tags of its own. */
const tagOf = (key: ApiKey) => withBytes(versionTag(key.version), JSON.stringify(key))

function createRoute(app: Api, { db, clock }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'createKey',
      tag,
      summary: 'Make an API key',
      description: 'Makes a key. Its secret is `key` of this answer and is never shown again.',
    }),
    body: unchecked(ApiKeyInput),
    response: { 201: { description: 'Created; `Location` leads to it.', ...ref(NewApiKey) } },
  }
  app.post(PATH, { schema, config: { right: rights.key } }, (request, reply) =>
    runWrite(db, request, reply, null, async (trx) => {
      const created = await makeKey(trx, request.caller, request.body, clock.now())
      const { headers, ...answer } = answerOf(created, 201)
      return { ...answer, headers: { ...headers, location: `${app.prefix}${PATH}/${created.key.id}` } }
    }),
  )
}

function rotateRoute(app: Api, { db, clock }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'createKeyRotation',
      tag,
      summary: 'Give an API key a new secret',
      description:
        'Answers the new secret once; the former one works on for `overlapSeconds`, so that programs change over without a gap. An earlier one ends at once.',
    }),
    params,
    body: unchecked(ApiKeyRotation),
    response: {
      200: { description: 'The key with its new secret.', ...ref(NewApiKey) },
      204: noBody('It has a new secret, which is lost; with `Prefer: return=minimal`.'),
    },
  }
  app.post(`${PATH}/:id/rotate`, { schema, config: { right: rights.key } }, (request, reply) =>
    runWrite(db, request, reply, null, async (trx) => {
      const key = await findKey(trx, request.caller, request.params.id, { lock: true })
      assertAllowed(mayManageKey(request.caller, key))
      return answerOf(await renewKey(trx, key, request.body, clock.now()), 200)
    }),
  )
}

function revokeRoute(app: Api, { db, clock }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'deleteKey',
      tag,
      summary: 'Revoke an API key',
      description:
        'Every request that begins after the answer is refused, on every process; an open stream of changes ends within a minute. The key stays in the list, with `revokedAt`. Send `If-Match` with its `ETag`, or `*`.',
    }),
    params,
    response: { 204: noBody('Revoked.') },
  }
  const config = { versioned: 'required', right: rights.key } as const
  app.delete(`${PATH}/:id`, { schema, config }, (request, reply) =>
    runWrite(db, request, reply, null, async (trx) => {
      const key = await findKey(trx, request.caller, request.params.id, { lock: true })
      assertAllowed(mayManageKey(request.caller, key))
      checkIfMatch(request, key.version, { required: true })
      await revokeKey(trx, key.id, clock.now())
      return { status: 204, headers: {}, body: undefined }
    }),
  )
}

/** The key of the path; a 404 when there is none in sight of the caller. */
async function findKey(db: Database, caller: Caller, wanted: string, options = {}): Promise<ApiKey> {
  const key = await selectKey(db, caller, wanted, options)
  if (!key) throw notFound('key', wanted)
  return key
}

/** With the secret, which is not kept for a replay. */
const answerOf = ({ key, secret }: MadeKey, status: number): WriteAnswer<NewApiKey> => ({
  status,
  headers: { etag: tagOf(key) },
  body: { ...key, key: secret },
  storedBody: { ...key, key: null },
})
