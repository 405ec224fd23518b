/**
 * The writes that every resource has: create, change, delete. What a resource adds to its row and what follows from a
 * write stands in its own folder; versions, preconditions, replays and problems are the same for all.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { type Static, Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import { visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { checkIfMatch } from '../../http/input/preconditions.ts'
import { versionTag } from '../../http/output/etags.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import { conjunction } from '../read/queries.ts'
import { found, notFound, type Services, type Words, words } from '../read/routes.ts'
import type { Resource } from '../resource.ts'
import { createOne, deleteOne, type Editing, type Identified, updateOne } from './edit.ts'
import { answerWrite, type WriteAnswer } from './idempotency.ts'

interface WriteRoute extends Words {
  editing: Editing
  exampleId: string
}

const idParams = (exampleId: string) => Type.Object({ id: id('Its id (French: identifiant).', exampleId) })

/** POST to the path of the resource. */
export function createRoute(app: FastifyInstance, services: Services, route: Omit<WriteRoute, 'exampleId'>): void {
  const { resource, input } = route.editing
  const schema = { ...words(route), body: ref(input), response: created(resource) }
  const config = { right: route.editing.rights.create }
  app.post(resource.path, { schema, config }, (request, reply) =>
    answerWrite(services.db, request, reply, null, async (trx) => {
      await route.editing.allow({ db: trx, ...asked(services, request), body: request.body })
      const made = await createOne(trx, route.editing, asked(services, request), request.body)
      return answerOf(trx, resource, request, made, 201)
    }),
  )
}

/** POST to the list of a convention; 404 when the caller does not see the convention. */
export function conventionCreateRoute(
  app: FastifyInstance,
  services: Services,
  conventions: Resource,
  route: WriteRoute,
): void {
  const { resource, input } = route.editing
  const params = Type.Object({ id: id('The convention (French: convention).', route.exampleId) })
  const schema = { ...words(route), params, body: ref(input), response: created(resource) }
  const url = `${conventions.path}/:id/${resource.path.split('/').at(-1)}`
  const config = { right: route.editing.rights.create }
  app.post(url, { schema, config }, (request, reply) =>
    answerWrite(services.db, request, reply, null, async (trx) => {
      const { id: conventionId } = request.params as Static<typeof params>
      await lockConvention(trx, request.caller, conventionId)
      await route.editing.allow({ db: trx, ...asked(services, request), conventionId, body: request.body })
      const made = await createOne(trx, route.editing, asked(services, request), request.body, conventionId)
      return answerOf(trx, resource, request, made, 201)
    }),
  )
}

const IF_MATCH =
  'Send `If-Match` with the `ETag` of the version that you read, e.g. `"1"`: it is in the answer of the GET. Without it the answer is 428, with an older one 412.'
const MERGE_PATCH =
  'Changes the fields that are given, as JSON Merge Patch: lists are replaced whole, null empties a field where it may be empty. An unchanged one makes no new version.'

/** PATCH of one resource as a merge patch; `If-Match` is required. Its description says only what is its own. */
export function updateRoute(
  app: FastifyInstance,
  services: Services,
  route: Omit<WriteRoute, 'description'> & { description?: string },
): void {
  const { resource, patch } = route.editing
  const schema = {
    ...words({ ...route, description: [MERGE_PATCH, IF_MATCH, route.description ?? []].flat().join(' ') }),
    params: idParams(route.exampleId),
    body: ref(patch),
    response: {
      200: { description: 'The resource as it stands now.', ...ref(resource.schema) },
      204: { description: 'It is changed; with `Prefer: return=minimal`.', type: 'null' },
    },
  }
  const config = { versioned: 'required', right: route.editing.rights.update } as const
  app.patch(`${resource.path}/:id`, { schema, config }, (request, reply) =>
    answerWrite(services.db, request, reply, null, async (trx) => {
      const before = await lockOne(trx, route.editing, services, request)
      await updateOne(trx, route.editing, asked(services, request), before, request.body)
      return answerOf(trx, resource, request, before.id, 200)
    }),
  )
}

/** DELETE of one resource; `If-Match` is required, which its description need not say. */
export function deleteRoute(app: FastifyInstance, services: Services, route: WriteRoute): void {
  const { resource } = route.editing
  const schema = {
    ...words({ ...route, description: `${route.description} ${IF_MATCH}` }),
    params: idParams(route.exampleId),
    response: { 204: { description: 'It is deleted.', type: 'null' } },
  }
  const config = { versioned: 'required', right: route.editing.rights.delete } as const
  app.delete(`${resource.path}/:id`, { schema, config }, (request, reply) =>
    answerWrite(services.db, request, reply, null, async (trx) => {
      const before = await lockOne(trx, route.editing, services, request, sql`for update`)
      await deleteOne(trx, route.editing, asked(services, request), before)
      return { status: 204, headers: {}, body: undefined }
    }),
  )
}

const created = (resource: Resource) => ({
  201: { description: 'It is created; `Location` leads to it.', ...ref(resource.schema) },
})

const asked = ({ clock }: Services, { caller }: FastifyRequest) => ({ caller, now: clock.now() })

async function answerOf(
  db: Database,
  resource: Resource,
  request: FastifyRequest,
  made: string,
  status: number,
): Promise<WriteAnswer> {
  const body = (await found(db, resource, request.caller, made)) as Identified
  const location = status === 201 ? { location: `${resource.path}/${made}` } : {}
  return { status, headers: { etag: versionTag(body.version), ...location }, body }
}

/**
 * The resource as it stands and as `If-Match` means it, locked after its convention: whoever comes next waits, then
 * sees what became of it. Who deletes locks `for update`, and so waits for those that are about to name it.
 */
async function lockOne(
  db: Database,
  { resource, allow }: Editing,
  services: Services,
  request: FastifyRequest,
  lock = sql`for no key update`,
): Promise<Identified> {
  const { id: wanted } = request.params as { id: string }
  // A patch that was not sent is a fault of the body, no deletion.
  const body = request.method === 'DELETE' ? undefined : (request.body ?? null)
  const current = async () => {
    const before = (await found(db, resource, request.caller, wanted)) as Identified
    const { conventionId } = before as { conventionId?: string }
    await allow({ db, ...asked(services, request), before, ...(conventionId && { conventionId }), body })
    checkIfMatch(request, before.version, { required: true })
    return before
  }
  // What is stale already stays so: nobody waits to be told.
  const { conventionId } = await current()
  if (resource.visibility === 'convention') await holdConvention(db, request.caller, conventionId as string)
  await sql`select from ${sql.table(resource.table)} t where t.id = ${wanted} ${lock}`.execute(db)
  return current()
}

/** Every writer under a convention locks it first. A 404 when the caller does not see it: then nobody is waited for. */
export async function lockConvention(db: Database, caller: Caller, id: string): Promise<void> {
  if (!(await holdConvention(db, caller, id))) throw notFound('convention', id)
}

async function holdConvention(db: Database, caller: Caller, id: string): Promise<boolean> {
  const inSight = conjunction([sql<boolean>`t.id = ${id}`, visible(caller, 'own')])
  const { rows } = await sql`select from convention t where ${inSight} for no key update`.execute(db)
  return rows.length > 0
}
