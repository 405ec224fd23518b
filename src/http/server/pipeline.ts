/**
 * Pipeline of every operation, registered once: what a request goes through before its handler, and its answer after
 * it. The order is that of the errors in the contract: path, method, length, [rate | requests in flight, overload,
 * credential], Accept, media type, size, JSON, parameters. Those in brackets are `onRequest` hooks that app.ts registers
 * after this, those after the bar in the plugin of the operations; 404 of a resource, 403, 412, 422 and 409 are the
 * handler's.
 */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { limits } from '../../config.ts'
import { nothingAtPath, type Problem, problem } from '../errors/problems.ts'
import { checkMediaType, registerBodies } from '../input/body.ts'
import type { BodyChecks } from '../input/body-checks.ts'
import { fixedHeaders, preflightHeaders } from '../output/headers.ts'
import { checkAccept } from '../output/negotiation.ts'
import { finalizeResponse, jsonLine, Representation } from '../output/response.ts'
import { answerErrors, type ErrorOptions, problemOf } from './error-handler.ts'
import { logAborted } from './logging.ts'
import { completeHead } from './route-contract.ts'
import { type RouteTable, routeTable } from './route-table.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The problem of what was thrown for a part of its work, where the rest goes on; a defect is logged. */
    problemOf(error: unknown): Problem
  }
}

interface PipelineOptions extends ErrorOptions {
  bodyChecks?: BodyChecks
}

/** For the root, before any route is registered. */
export function registerPipeline(app: FastifyInstance, options: PipelineOptions = {}): void {
  const table = routeTable()
  const checkRequestLine = requestLineCheck(table)
  app.setErrorHandler(answerErrors(options))
  app.decorateRequest('problemOf', function (error) {
    const refusal = problemOf(error, this, options)
    if (refusal.status === 500) this.log.error({ err: error }, 'a defect')
    return refusal
  })
  app.setNotFoundHandler((request, reply) => answerNotFound(table, request, reply))
  // Parameters are checked by a hook of ours and bodies by handlers; see parameters.ts and validation.ts.
  app.setValidatorCompiler(() => () => true)
  // It changes nothing in an answer, and is faster than what the framework would build.
  app.setSerializerCompiler(() => jsonLine)
  app.setReplySerializer(serialize as (answer: unknown) => string)
  registerBodies(app, options.bodyChecks)
  app.addHook('onRoute', (route) => {
    table.add(route.method, route.url)
    completeHead(route)
  })
  app.addHook('onRequest', checkRequestLine)
  app.addHook('preParsing', checkAccept)
  app.addHook('preParsing', checkMediaType)
  app.addHook('onSend', finalizeResponse)
  app.addHook('onRequestAbort', logAborted)
}

/** A representation has its bytes already; the hook that sends it takes it as it is. */
const serialize = (answer: unknown) => (answer instanceof Representation ? answer : jsonLine(answer))

function requestLineCheck(table: RouteTable): onRequestHookHandler {
  return (request, reply, done) => {
    const { raw, params, is404 } = request
    reply.headers(fixedHeaders(request)).header('x-request-id', request.id)
    const error = ambiguity(raw)
    if (error) return done(problem('bad-request', error))
    if (!isExpectationMet(raw))
      return done(problem('expectation-failed', EXPECTATION, { headers: { connection: 'close' } }))
    if (is404 || hasEmptyPart(params)) return answerNotFound(table, request, reply)
    if ((raw.url?.length ?? 0) > limits.urlCharacters)
      return done(problem('uri-too-long', `The URL is longer than ${limits.urlCharacters} characters.`))
    done()
  }
}

const EXPECTATION = 'The only expectation that can be met is 100-continue.'

/** HTTP/1.0 knows no expectations (RFC 9110, 10.1.1). */
const isExpectationMet = ({ httpVersion, headers: { expect } }: IncomingMessage) =>
  expect === undefined || httpVersion !== '1.1' || /(?:^|\W)100-continue(?:$|\W)/i.test(expect)

/** Node makes one of these in silence where a proxy in front of it may have gone by another. */
const SINGLE = new Map(
  ['Host', 'Authorization', 'Content-Type', 'Idempotency-Key'].map((name) => [name.toLowerCase(), name]),
)
/** A host by name or address, and a port (RFC 3986, 3.2.2). */
const HOST = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i

/** What two readers of a request could take differently: whom it asks, who asks, for what (RFC 9112, 3.2 and 6.1). */
function ambiguity({ method, url, httpVersion, headers, rawHeaders }: IncomingMessage): string | undefined {
  const twice = repeatedHeader(rawHeaders)
  if (twice) return `The ${twice} header stands twice.`
  const { host, 'transfer-encoding': coding = 'chunked' } = headers
  if (host === undefined && httpVersion === '1.1') return 'The Host header is missing.'
  if (!HOST.test(host ?? '')) return 'The Host header names no host.'
  if (httpVersion !== '1.1' && headers['transfer-encoding'] !== undefined) return 'Transfer-Encoding needs HTTP/1.1.'
  if (coding.toLowerCase() !== 'chunked') return 'The Transfer-Encoding is not chunked.'
  if (url?.startsWith('*') && (url !== '*' || method !== 'OPTIONS')) return 'The target of the request is no path.'
  if (url?.includes('#')) return 'The target of the request has a fragment.'
  return undefined
}

function repeatedHeader(rawHeaders: string[]): string | undefined {
  let seen: string[] | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const single = SINGLE.get((rawHeaders[i] as string).toLowerCase())
    if (single === undefined) continue
    if (seen?.includes(single)) return single
    seen = seen ? [...seen, single] : [single]
  }
  return undefined
}

/** `/v1/conventions/` is a path with an empty id: a 404. */
function hasEmptyPart(params: unknown): boolean {
  for (const name in params as Record<string, string>)
    if ((params as Record<string, string>)[name] === '' && name !== '*') return true
  return false
}

/** 404 where no path leads, 405 where the method is wrong, and OPTIONS, which is answered for every path. */
function answerNotFound(table: RouteTable, request: FastifyRequest, reply: FastifyReply): void {
  const { method, url } = request
  const methods = method === 'OPTIONS' && url === '*' ? ['GET', 'HEAD', 'OPTIONS'] : table.methodsOf(url)
  const allow = methods.join(', ')
  // A folder of files takes the method for all of its paths, and does not have them all.
  if (methods.length === 0 || (methods.includes(method) && method !== 'OPTIONS'))
    reply.send(nothingAtPath(table.nearestTo(url)))
  else if (method === 'OPTIONS')
    reply
      .code(204)
      .headers({ allow, ...preflightHeaders })
      .send()
  else {
    const detail = `${method} is not allowed here; allowed are ${allow}.`
    reply.send(problem('method-not-allowed', detail, { headers: { allow } }))
  }
}
