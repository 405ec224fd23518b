/** Source routes: the sources, their conventions and their owners. */
import { Type } from 'typebox'
import { assertAllowed, rights } from '../auth/policy.ts'
import { isAdmin } from '../auth/visibility.ts'
import type { Services } from '../engine/read/services.ts'
import { key as keyOf, sourceName } from '../engine/schema.ts'
import { runWrite } from '../engine/write/idempotency.ts'
import { invalidBody, problem } from '../http/errors/problems.ts'
import { checkBody } from '../http/input/validation.ts'
import { pageBody, pageOf, pageParameters, pageStart } from '../http/output/pagination.ts'
import { ref } from '../http/schema/schemas.ts'
import { type Api, noBody, operationDocs, unchecked } from '../http/server/api.ts'
import {
  handOver,
  isSourceSeen,
  selectSourceConvention,
  selectSourceConventions,
  selectSources,
} from './document/queries.ts'
import { Source, SourceConvention, SourceConventionPatch, SourcePatch } from './document/schema.ts'
import { unknownKey } from './document/stored.ts'
import { handOverConvention } from './write/hand-over.ts'

const tag = 'Sync'
const SourcePage = pageOf(Source)
const SourceConventionPage = pageOf(SourceConvention)
const ConventionParams = Type.Object({
  source: sourceName('The source (French: source).'),
  key: keyOf('The key of the convention in the source, percent-encoded (French: clé).', 'pays-de-l-aigle-2022'),
})
const SourceParams = Type.Object({ source: sourceName('The source (French: source).') })

export function sourceRoutes(app: Api, services: Services): void {
  listRoutes(app, services)
  handOverRoute(app, services)
  handOverConventionRoute(app, services)
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

function handOverConventionRoute(app: Api, { db }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'updateSourceConvention',
      tag,
      summary: 'Hand a convention over to another source',
      description:
        'From now on the convention, with all that the source made under it and those of its service sites that none of its other conventions links, belongs to the other source, by the same keys: its documents write it, and those of the first are a 409 `other-source`. A source that is new belongs to whom the first one belongs.',
    }),
    params: ConventionParams,
    body: unchecked(SourceConventionPatch),
    response: {
      200: { description: 'The convention as the other source holds it.', ...ref(SourceConvention) },
      204: noBody('Handed over; with `Prefer: return=minimal`.'),
    },
  }
  app.patch('/sources/:source/conventions/:key', { schema, config: { right: rights.source } }, (request, reply) => {
    const { caller, params } = request
    const { source, key } = params
    // The feed tells both sources, also who leaves out what its own source did.
    return runWrite(db, request, reply, null, async (trx) => {
      if (!(await selectSourceConvention(trx, caller, source, key))) throw unknownKey(source, key)
      assertAllowed(isAdmin(caller))
      const { value, errors } = checkBody(SourceConventionPatch, request.body)
      if (errors.length > 0) throw invalidBody(errors)
      const { source: target } = value as SourceConventionPatch
      const body = await handOverConvention(trx, { caller, source, key, target })
      return { status: 200, headers: {}, body }
    })
  })
}
