/** Source routes: the sources, their conventions and their owners. */
import { Type } from 'typebox'
import { assertAllowed, rights } from '../auth/policy.ts'
import { isAdmin } from '../auth/visibility.ts'
import type { Services } from '../engine/read/services.ts'
import { sourceName } from '../engine/schema.ts'
import { runWrite } from '../engine/write/idempotency.ts'
import { invalidBody, problem } from '../http/errors/problems.ts'
import { checkBody } from '../http/input/validation.ts'
import { pageBody, pageOf, pageParameters, pageStart } from '../http/output/pagination.ts'
import { ref } from '../http/schema/schemas.ts'
import { type Api, noBody, operationDocs, unchecked } from '../http/server/api.ts'
import { handOver, isSourceSeen, selectSourceConventions, selectSources } from './document/queries.ts'
import { Source, SourceConvention, SourcePatch } from './document/schema.ts'

const tag = 'Sync'
const SourcePage = pageOf(Source)
const SourceConventionPage = pageOf(SourceConvention)
const SourceParams = Type.Object({ source: sourceName('The source (French: source).') })

export function sourceRoutes(app: Api, services: Services): void {
  listRoutes(app, services)
  handOverRoute(app, services)
}

function listRoutes(app: Api, { db }: Services): void {
  app.get(
    '/sources',
    {
      schema: {
        ...operationDocs({
          operationId: 'listSources',
          tag,
          summary: 'List sources',
          description:
            'The systems that sync conventions, by name, each with the organization to which it belongs: that of the key that first used it. A source exists from its first use.',
        }),
        querystring: Type.Object(pageParameters),
        response: { 200: { description: 'A page of sources.', ...ref(SourcePage) } },
      },
    },
    async (request, reply) => {
      return pageBody(request, reply, await selectSources(db, request.caller, pageStart(request, ['text'])))
    },
  )
  app.get(
    '/sources/:source/conventions',
    {
      schema: {
        ...operationDocs({
          operationId: 'listSourceConventions',
          tag,
          summary: 'List what a source holds',
          description:
            'The conventions that a source holds, by its keys, each with its id and version. Empty for a source that was never used.',
        }),
        params: SourceParams,
        querystring: Type.Object(pageParameters),
        response: { 200: { description: 'A page of what the source holds.', ...ref(SourceConventionPage) } },
      },
      config: { never404: true },
    },
    async (request, reply) => {
      const { source } = request.params
      const page = await selectSourceConventions(db, request.caller, source, pageStart(request, ['text']))
      return pageBody(request, reply, page)
    },
  )
}

function handOverRoute(app: Api, { db }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'updateSource',
      tag,
      summary: 'Hand a source over',
      description:
        'From now on the source belongs to this organization, or with null to the administrators: no other keys write its documents. What it holds stays as it is.',
    }),
    params: SourceParams,
    body: unchecked(SourcePatch),
    response: {
      200: { description: 'The source as it is now.', ...ref(Source) },
      204: noBody('Handed over; with `Prefer: return=minimal`.'),
    },
  }
  app.patch('/sources/:source', { schema, config: { right: rights.source } }, (request, reply) => {
    const { source } = request.params
    return runWrite(db, request, reply, source, async (trx) => {
      if (!(await isSourceSeen(trx, request.caller, source)))
        throw problem('not-found', `There is no source ${source}.`)
      assertAllowed(isAdmin(request.caller))
      const { value, errors } = checkBody(SourcePatch, request.body)
      if (errors.length > 0) throw invalidBody(errors)
      return { status: 200, headers: {}, body: await handOver(trx, source, value as SourcePatch) }
    })
  })
}
