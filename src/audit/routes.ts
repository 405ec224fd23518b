/** Audit routes: a list in pages like every other, or all of it line by line, for archives elsewhere. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { rights } from '../auth/policy.ts'
import { limits } from '../config.ts'
import type { Services } from '../engine/read/services.ts'
import { quotaOf, whenAnswered } from '../http/limits/concurrency-quota.ts'
import { preferredType } from '../http/output/negotiation.ts'
import { pageBody, pageStart } from '../http/output/pagination.ts'
import { ref } from '../http/schema/schemas.ts'
import type { Api, RequestOf } from '../http/server/api.ts'
import { operationDocs } from '../http/server/api.ts'
import { type AuditRequest, countEntries, type Place, selectEntries } from './queries.ts'
import type { Refusals } from './refusals.ts'
import { AuditEnd, AuditEntry, AuditPage, AuditQuery } from './schema.ts'

const LINES = 'application/x-ndjson'
const formats = ['application/json', LINES]

/** A request with the parameters of the audit. */
type ParameterRequest = RequestOf<{ querystring: typeof AuditQuery }>

const schema = {
  ...operationDocs({
    operationId: 'listAudit',
    tag: 'Audit',
    summary: 'Read the audit',
    description:
      'Who did what and when, newest first: every write, what became of API keys, and refused calls (401, 403, 429), of which those of a few seconds by the same key, or from the same address, to the same operation are one entry with their number. `Accept: application/x-ndjson` gives all that the filters let through, one `AuditEntry` a line, whatever `limit` is; only a last line `{"complete":true,...}` says that nothing is missing.',
  }),
  querystring: AuditQuery,
  response: {
    200: {
      description: 'A page of the audit; or all of it, one JSON object a line.',
      content: {
        'application/json': { schema: ref(AuditPage) },
        [LINES]: {
          schema: Type.Unsafe<Readable>({
            type: 'string',
            contentSchema: { anyOf: [ref(AuditEntry), ref(AuditEnd)] },
          }),
        },
      },
    },
  },
}

export function auditRoutes(app: Api, { db }: Services, refusals: Refusals): void {
  const wholes = quotaOf({ label: 'whole audits', retrySeconds: 10, ...limits.auditExports })
  const config = { produces: formats, right: rights.readAudit, cost: 'large' as const, answerMs: limits.auditMs }
  app.get('/audit', { schema, config }, async (request, reply) => {
    const wanted = auditRequest(request)
    const isWhole = preferredType(request.headers.accept, formats) === LINES
    if (isWhole) whenAnswered(reply, wholes.take(request.quotaCaller))
    // What this process has refused until now is part of the answer.
    await refusals.flush()
    if (!isWhole) return page(request, reply, wanted)
    const stream = Readable.from(lines(wanted))
    reply.header('cache-control', 'no-store').type(`${LINES}; charset=utf-8`)
    return stream
  })

  async function page(request: ParameterRequest, reply: FastifyReply, wanted: AuditRequest) {
    const found = await selectEntries(db, wanted)
    const { count: isCounted = false } = request.query
    const count = isCounted ? await countEntries(db, wanted) : null
    return pageBody(request, reply, { data: found.data, last: found.last && [...found.last], count })
  }

  /** Each batch is a read of its own, so that a slow reader holds nothing; what comes meanwhile stands before it. */
  async function* lines(wanted: AuditRequest) {
    let count = 0
    for (let { after } = wanted, isFirst = true; isFirst || after; isFirst = false) {
      const { data, last } = await selectEntries(db, { ...wanted, after, limit: limits.auditBatch })
      count += data.length
      if (data.length > 0) yield `${data.map((entry) => JSON.stringify(entry)).join('\n')}\n`
      after = last
    }
    yield `${JSON.stringify({ complete: true, count })}\n`
  }
}

function auditRequest(request: ParameterRequest): AuditRequest {
  const { after, limit } = pageStart(request, ['bigint', 'bigint'])
  return {
    caller: request.caller,
    filter: request.query,
    limit,
    after: after as Place | undefined,
  }
}
