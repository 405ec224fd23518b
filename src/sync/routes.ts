/** Sync routes: a source puts, gets and deletes whole conventions by its own keys. */
import { Type } from 'typebox'
import type { Caller } from '../auth/caller.ts'
import { rights } from '../auth/policy.ts'
import { canSee, type Shown } from '../auth/visibility.ts'
import { limits } from '../config.ts'
import { rolledBack } from '../db/transaction.ts'
import { conventions } from '../domain/conventions/resource.ts'
import type { Answer } from '../engine/cache/answer-cache.ts'
import { cachedRead } from '../engine/cache/cached-read.ts'
import { exampleIds } from '../engine/example-ids.ts'
import { asOfParameter, type ReadContext, readAsOf } from '../engine/read/as-of.ts'
import type { Services } from '../engine/read/services.ts'
import { notFound } from '../engine/read/visible.ts'
import { key as keyOf, sourceName } from '../engine/schema.ts'
import { idempotencyKeyOf, runWrite } from '../engine/write/idempotency.ts'
import { Representation } from '../http/output/response.ts'
import { id, ref } from '../http/schema/schemas.ts'
import { type Api, noBody, operationDocs, type RequestOf, unchecked } from '../http/server/api.ts'
import { bulkRoute } from './bulk/bulk-route.ts'
import { type StoredDocument, sourceDocument, wholeDocument } from './document/document.ts'
import { ConventionDocument, ConventionDocumentAnswer, PlannedDeletion, SyncResult } from './document/schema.ts'
import { unknownKey } from './document/stored.ts'
import { putOptions, putParameters } from './put-parameters.ts'
import { sourceRoutes } from './source-routes.ts'
import { deleteDocument } from './write/delete.ts'
import { preconditionOf } from './write/precondition.ts'
import { putDocument } from './write/put.ts'

const tag = 'Sync'
const DocumentParams = Type.Object({
  source: sourceName('The source (French: source).'),
  key: keyOf('The key of the convention in the source, percent-encoded (French: clé).', 'pays-de-l-aigle-2022'),
})
const DOCUMENT_PATH = '/sources/:source/conventions/:key'

export function syncRoutes(app: Api, services: Services): void {
  sourceRoutes(app, services)
  getRoutes(app, services)
  putRoute(app, services)
  deleteRoute(app, services)
  bulkRoute(app, services)
}

function getRoutes(app: Api, services: Services): void {
  sourceDocumentRoute(app, services)
  wholeDocumentRoute(app, services)
}

/** A document as it is sent and kept; what draws on a draft or on the past is read each time. */
const answerOf = (document: StoredDocument, reading?: ReadContext): Answer => ({
  representation: new Representation(Buffer.from(`${document.text()}\n`), document.tag),
  tags: document.dependsOn,
  audience: shownOf(document).isPublic && reading?.asOf === undefined ? 'everyone' : 'nobody',
})

const shownOf = ({ convention: { state, cafId } }: StoredDocument): Shown => ({
  isPublic: state !== 'draft',
  cafId: cafId as string,
})

const isSeen = (caller: Caller, document: StoredDocument) => canSee(caller, shownOf(document))

function sourceDocumentRoute(app: Api, { db, cache }: Services): void {
  const read = cachedRead<RequestOf<{ params: typeof DocumentParams }>>(cache, async ({ caller, params }) => {
    const { source, key } = params
    const document = await sourceDocument(db, source, key)
    if (!document || !isSeen(caller, document)) throw unknownKey(source, key)
    return answerOf(document)
  })
  app.get(DOCUMENT_PATH, {
    config: { cost: 'large', concurrency: 'largeReads' },
    schema: {
      ...operationDocs({
        operationId: 'getSourceConvention',
        tag,
        summary: 'Get the document of a source',
        description:
          'What the source holds of a convention, as one document by its own keys. A PUT of it changes nothing; what others added is not in it.',
      }),
      params: DocumentParams,
      response: { 200: { description: 'The document.', ...ref(ConventionDocumentAnswer) } },
    },
    ...read,
  })
}

function wholeDocumentRoute(app: Api, { db, cache }: Services): void {
  const params = Type.Object({ id: id('The convention (French: convention).', exampleIds.convention) })
  const querystring = Type.Object(asOfParameter)
  const parameters = { params, querystring }
  const read = cachedRead<RequestOf<typeof parameters>>(cache, async ({ caller, params, query: { asOf } }) => {
    const { id: conventionId } = params
    return readAsOf(db, caller, asOf, async (reading) => {
      const [seen] = await reading.visibleNow(conventions, [conventionId])
      const document = seen && (await wholeDocument(reading.db, seen))
      if (!document || !isSeen(caller, document)) throw notFound('convention', conventionId, asOf)
      return answerOf(document, reading)
    })
  })
  app.get('/conventions/:id/document', {
    config: { cost: 'large', concurrency: 'largeReads' },
    schema: {
      ...operationDocs({
        operationId: 'getConventionDocument',
        tag: 'Conventions',
        summary: 'Get a whole convention',
        description:
          'The convention and all that is under it in one document, whoever made it. Objects are named by the keys of the source that brought the convention, or by their ids. With `asOf`, as it stood at an instant.',
      }),
      ...parameters,
      response: { 200: { description: 'The document.', ...ref(ConventionDocumentAnswer) } },
    },
    ...read,
  })
}

function putRoute(app: Api, { db, clock }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'putSourceConvention',
      tag,
      summary: 'Put the document of a source',
      description:
        'Makes what the source holds of a convention equal to the document, in one transaction and by the smallest change: the same PUT again changes nothing. Objects that are no longer listed are deleted, service sites that others still use are unlinked. All errors are reported together, with pointers, and then nothing is written. What people changed or deleted by hand stays while the document repeats what it sent before, which `warnings` say; another value, or leaving out what they changed, is a 409 `source-conflict` unless `conflicts` says who wins. Without `state` it is a draft: a public convention is not hidden by leaving it out (409 `state-left-out`), and no more is deleted than looks meant (409 `too-many-deletions`). A new key that describes a convention which is there already, of the same Caf, perimeter and time, is a 409 `duplicate-convention` unless `link` says which it is. Try it first with `dryRun=true`.',
    }),
    params: DocumentParams,
    querystring: Type.Object(putParameters),
    body: unchecked(ConventionDocument),
    response: {
      200: {
        description: 'What the source holds is equal to the document now, but for what people changed.',
        ...ref(SyncResult),
      },
      201: { description: 'The convention was created.', ...ref(SyncResult) },
      204: noBody(
        'What the source holds is equal to the document now, but for what people changed; with `Prefer: return=minimal`.',
      ),
    },
  }
  app.put(
    DOCUMENT_PATH,
    {
      schema,
      bodyLimit: limits.documentBytes,
      config: { versioned: 'optional', right: rights.document, cost: 'document' },
    },
    async (request, reply) => {
      const { source, key } = request.params
      const { caller, body, query } = request
      const precondition = preconditionOf(request)
      const putRequest = { ...putOptions(query), caller, source, key, body, precondition, now: clock.now() }
      const location = `${app.prefix}/sources/${source}/conventions/${encodeURIComponent(key)}`
      if (putRequest.dryRun) {
        // It is of no use for what has no effect, but a wrong one is an error all the same.
        idempotencyKeyOf(request)
        const { isNew, result } = await rolledBack(db, (trx) => putDocument(trx, putRequest))
        if (isNew) reply.code(201).header('location', location)
        return result
      }
      return runWrite(db, request, reply, source, async (trx) => {
        const { isNew, tag, result } = await putDocument(trx, putRequest)
        return { status: isNew ? 201 : 200, headers: { etag: tag, ...(isNew && { location }) }, body: result }
      })
    },
  )
}

function deleteRoute(app: Api, { db, clock }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'deleteSourceConvention',
      tag,
      summary: 'Delete what a source holds',
      description:
        'Deletes the convention that the source holds under the key, with all that is under it, and those of its service sites that no other convention uses. A convention that another renews cannot be deleted. Try it first with `dryRun=true`.',
    }),
    params: DocumentParams,
    querystring: Type.Object({ dryRun: putParameters.dryRun }),
    response: {
      200: { description: 'With `dryRun=true`: what would be deleted.', ...ref(PlannedDeletion) },
      204: noBody('Deleted.'),
    },
  }
  app.delete(
    DOCUMENT_PATH,
    { schema, config: { versioned: 'optional', right: rights.document } },
    async (request, reply) => {
      const { source, key } = request.params
      const { caller, query } = request
      const deletion = { caller, source, key, precondition: preconditionOf(request), now: clock.now() }
      if (query.dryRun) {
        idempotencyKeyOf(request)
        const plan = await rolledBack(db, async (trx) => (await deleteDocument(trx, deletion)).planOf())
        return { dryRun: true, status: 204, plan }
      }
      return runWrite(db, request, reply, source, async (trx) => {
        await deleteDocument(trx, deletion)
        return { status: 204, headers: {}, body: undefined }
      })
    },
  )
}
