/**
 * The map of the service: all that is registered, in order and by hand. It is built without a database connection
 * being made, so that tests and the OpenAPI document are made from the very same application.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Clock, Config } from './config.ts'
import type { Database } from './db/database.ts'
import { classify } from './db/errors.ts'
import { registerDrain } from './health/drain.ts'
import { healthRoutes } from './health/routes.ts'
import { RequestLog } from './http/logging.ts'
import { registerManners } from './http/manners.ts'
import { serverOptions } from './http/server-options.ts'

export interface AppOptions {
  db: Database
  config: Config
  clock: Clock
  /** Without one nothing is logged. */
  logger?: FastifyBaseLogger
}

/** The application, ready to listen or to be asked by `inject`. */
export async function buildApp({ db, logger }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    ...serverOptions,
    ...(logger ? { loggerInstance: logger } : {}),
    logController: new RequestLog(),
  })

  registerManners(app, { classify })
  registerDrain(app)

  await app.register(healthRoutes, { db })

  await app.ready()
  return app
}
