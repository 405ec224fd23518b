/**
 * The settings of the HTTP server, each limit stated: the framework's defaults are for trusted networks.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyHttpOptions, RawServerDefault } from 'fastify'
import { limits } from '../../config.ts'
import { answerClientError } from './client-errors.ts'
import { answerFrameworkError } from './error-handler.ts'

export const serverOptions = {
  genReqId: () => randomUUID(),
  requestIdHeader: false,
  bodyLimit: limits.bodyBytes,
  requestTimeout: limits.requestMs,
  connectionTimeout: limits.idleSocketMs,
  handlerTimeout: limits.handlerMs,
  keepAliveTimeout: limits.keepAliveMs,
  // A connection may be kept for as many requests as its caller may make.
  maxRequestsPerSocket: 0,
  forceCloseConnections: 'idle',
  // While the process stops, what still arrives on a kept connection is served; see ops/shutdown.ts.
  return503OnClosing: false,
  routerOptions: { maxParamLength: limits.parameterCharacters },
  frameworkErrors: answerFrameworkError,
  clientErrorHandler: answerClientError,
  http: {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.connectionsCheckMs,
    // A missing Host is answered by a hook of ours, as a problem.
    requireHostHeader: false,
  },
} satisfies FastifyHttpOptions<RawServerDefault>
