/**
 * Server options, each limit stated: the framework's defaults are for trusted networks.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { FastifyHttpOptions, FastifyServerFactory, RawServerDefault } from 'fastify'
import { limits } from '../../config.ts'
import { answerClientError, answerRawRequests } from './client-errors.ts'
import { answerFrameworkError } from './error-handler.ts'
import { serveOneByOne } from './pipelining.ts'
import { limitArrival } from './request-timeout.ts'
import { inSlices } from './slices.ts'

export const serverOptions = {
  genReqId: () => randomUUID(),
  requestIdHeader: false,
  bodyLimit: limits.bodyBytes,
  requestTimeout: limits.requestMs,
  connectionTimeout: limits.idleSocketMs,
  keepAliveTimeout: limits.keepAliveMs,
  forceCloseConnections: 'idle',
  // While the process stops, what still arrives on a kept connection is served; see ops/shutdown.ts.
  return503OnClosing: false,
  routerOptions: { maxParamLength: limits.parameterCharacters },
  frameworkErrors: answerFrameworkError,
  clientErrorHandler: answerClientError,
  serverFactory: openServer as FastifyServerFactory,
  http: {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.connectionsCheckMs,
    // A missing Host is answered by a hook of ours, as a problem.
    requireHostHeader: false,
  },
} satisfies FastifyHttpOptions<RawServerDefault>

type Settings = Required<
  Pick<FastifyHttpOptions<RawServerDefault>, 'http' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionTimeout'>
>

/** One server also for a name of several addresses, such as `localhost`: the framework would open a second one with other settings. */
function openServer(handle: RequestListener, settings: Settings): Server {
  const { http, requestTimeout, keepAliveTimeout, connectionTimeout } = settings
  const server = createServer({ ...http, requestTimeout: 0, keepAliveTimeout })
  limitArrival(server, requestTimeout)
  server.setTimeout(connectionTimeout)
  server.maxConnections = limits.connections
  answerRawRequests(server)
  serveOneByOne(server, inSlices(handle, limits.sliceMs))
  return server
}
