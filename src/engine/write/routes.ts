/**
 * Write routes of every resource: create, update, delete, from its declaration. Each runs `writeOne` in the frame of
 * idempotency.ts.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { checkIfMatch } from '../../http/input/preconditions.ts'
import { versionTag } from '../../http/output/etags.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import {
  type Api,
  noBody,
  type OperationDocs,
  operationDocs,
  type RequestOf,
  unchecked,
} from '../../http/server/api.ts'
import type { Resource } from '../declaration/resource.ts'
import type { Services } from '../read/services.ts'
import { runWrite } from './idempotency.ts'
import type { Write } from './target.ts'
import { writeOne } from './write.ts'

interface WriteRoute extends OperationDocs {
  resource: Resource
  exampleId: string
}

const idParams = (exampleId: string) => Type.Object({ id: id('Its id (French: identifiant).', exampleId) })

/** POST to the path of the resource. */
export function createRoute(app: Api, services: Services, route: Omit<WriteRoute, 'exampleId'>): void {
  const { resource } = route
  const schema = { ...operationDocs(route), body: unchecked(resource.Input), response: created(resource) }
  const config = { right: resource.rights.create }
  app.post(resource.path, { schema, config }, (request, reply) =>
    runOne(services, request, reply, { resource, body: request.body ?? null }),
  )
}

/** POST to the list of a convention; 404 when the caller does not see the convention. */
export function conventionCreateRoute(app: Api, services: Services, conventions: Resource, route: WriteRoute): void {
  const { resource } = route
  const params = Type.Object({ id: id('The convention (French: convention).', route.exampleId) })
  const schema = { ...operationDocs(route), params, body: unchecked(resource.Input), response: created(resource) }
  const url = `${conventions.path}/:id/${resource.path.split('/').at(-1)}`
  const config = { right: resource.rights.create }
  app.post(url, { schema, config }, (request, reply) => {
    const { id: conventionId } = request.params
    return runOne(services, request, reply, { resource, conventionId, body: request.body ?? null })
  })
}

const IF_MATCH =
  'Send `If-Match` with the `ETag` of the version that you read, e.g. `"1"`: it is in the answer of the GET. Without it the answer is 428, with an older one 412.'
const MERGE_PATCH =
  'Changes the fields that are given, as JSON Merge Patch: lists are replaced whole, null empties a field where it may be empty. An unchanged one makes no new version.'

/** PATCH of one resource as a merge patch; `If-Match` is required. Its description says only what is its own. */
export function updateRoute(app: Api, services: Services, route: WriteRoute): void {
  const { resource } = route
  const schema = {
    ...operationDocs({ ...route, description: `${MERGE_PATCH} ${IF_MATCH} ${route.description}`.trim() }),
    params: idParams(route.exampleId),
    body: unchecked(resource.Patch),
    response: {
      200: { description: 'The resource as it stands now.', ...ref(resource.Answer) },
      204: noBody('Updated; with `Prefer: return=minimal`.'),
    },
  }
  const config = { versioned: 'required', right: resource.rights.update } as const
  app.patch(`${resource.path}/:id`, { schema, config }, (request, reply) =>
    runOne(services, request, reply, { resource, ...meant(request), body: request.body ?? null }),
  )
}

/** DELETE of one resource; `If-Match` is required, which its description need not say. */
export function deleteRoute(app: Api, services: Services, route: WriteRoute): void {
  const { resource } = route
  const schema = {
    ...operationDocs({ ...route, description: `${route.description} ${IF_MATCH}` }),
    params: idParams(route.exampleId),
    response: { 204: noBody('Deleted.') },
  }
  const config = { versioned: 'required', right: resource.rights.delete } as const
  app.delete(`${resource.path}/:id`, { schema, config }, (request, reply) =>
    runOne(services, request, reply, { resource, ...meant(request), body: undefined }),
  )
}

const created = (resource: Resource) => ({
  201: { description: 'Created; `Location` leads to it.', ...ref(resource.Answer) },
})

/** The resource that a request means, and the version of it. */
const meant = (request: RequestOf<{ params: ReturnType<typeof idParams> }>) => ({
  id: request.params.id,
  precondition: (version: number) => checkIfMatch(request, version, { required: true }),
})

/** Runs a write and sends the stored answer: 201 with `Location` for POST, 200 for PATCH, 204 for DELETE. */
const runOne = (
  { db, clock }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  write: Omit<Write, 'caller' | 'now'>,
): Promise<FastifyReply> =>
  runWrite(db, request, reply, null, async (trx) => {
    const written = await writeOne(trx, { ...write, caller: request.caller, now: clock.now() })
    if (!written) return { status: 204, headers: {}, body: undefined }
    const { id, version, form, answer } = written
    const location = `${request.server.prefix}${write.resource.path}/${id}`
    const headers = { etag: versionTag(version, form), ...(!write.id && { location }) }
    return { status: write.id ? 200 : 201, headers, body: answer }
  })
