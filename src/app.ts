/**
 * The map of the service: all that is registered, in order and by hand. It is built without a database connection
 * being made, so that tests and the OpenAPI document are made from the very same application.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { actionRoutes } from './actions/routes.ts'
import { amendmentRoutes } from './amendments/routes.ts'
import { gatherRefusals } from './audit/refusals.ts'
import { auditRoutes } from './audit/routes.ts'
import { registerAuthentication } from './auth/authenticate.ts'
import { axisRoutes } from './axes/routes.ts'
import { changeRoutes } from './changes/routes.ts'
import { snapshotRoutes } from './changes/snapshot-routes.ts'
import type { Clock, Config } from './config.ts'
import { constraintProblems } from './constraints.ts'
import { conventionRoutes } from './conventions/routes.ts'
import type { Database } from './db/database.ts'
import { classify } from './db/errors.ts'
import { alwaysThere, type Presence } from './db/presence.ts'
import { homeRoutes } from './documentation/home.ts'
import { apiWords, NAME } from './documentation/words.ts'
import { registerDrain } from './health/drain.ts'
import { registerPressure } from './health/pressure.ts'
import { healthRoutes } from './health/routes.ts'
import { registerDocs } from './http/docs.ts'
import { registerHolding } from './http/holding.ts'
import { RequestLog } from './http/logging.ts'
import { registerManners } from './http/manners.ts'
import { openapiRoutes, registerOpenapi } from './http/openapi.ts'
import { registerRateLimit } from './http/rate-limit.ts'
import { components } from './http/schemas.ts'
import { serverOptions } from './http/server-options.ts'
import { keyRoutes } from './keys/routes.ts'
import { organizationRoutes } from './organizations/routes.ts'
import { serviceSiteRoutes } from './service-sites/routes.ts'
import { signatoryRoutes } from './signatories/routes.ts'
import { syncRoutes } from './sync/routes.ts'
import { territoryRoutes } from './territories/routes.ts'
import { vocabularyRoutes } from './vocabularies/routes.ts'

export interface AppOptions {
  db: Database
  config: Config
  clock: Clock
  /** Without one the database is taken to be there. */
  presence?: Presence
  /** Without one nothing is logged. */
  logger?: FastifyBaseLogger
}

/** The application, ready to listen or to be asked by `inject`. */
export async function buildApp({
  db,
  clock,
  config,
  logger,
  presence = alwaysThere,
}: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    ...serverOptions,
    ...(logger ? { loggerInstance: logger } : {}),
    trustProxy: [...config.trustProxy],
    logController: new RequestLog(),
  })

  registerManners(app, { classify, constraintProblems })
  registerRateLimit(app, config.rateLimit, clock)
  registerHolding(app)
  registerPressure(app, db, presence)
  registerAuthentication(app, db, config, clock)
  registerDrain(app)
  const refusals = gatherRefusals(app, db, clock)
  await registerOpenapi(app, apiWords())

  for (const component of components.values()) app.addSchema(component)

  const services = { db, clock, retentionDays: config.journalRetentionDays }
  conventionRoutes(app, services)
  signatoryRoutes(app, services)
  amendmentRoutes(app, services)
  axisRoutes(app, services)
  actionRoutes(app, services)
  serviceSiteRoutes(app, services)
  organizationRoutes(app, services)
  syncRoutes(app, services)
  changeRoutes(app, services)
  snapshotRoutes(app, services)
  territoryRoutes(app, services)
  vocabularyRoutes(app)
  keyRoutes(app, services)
  auditRoutes(app, services, refusals)
  await app.register(healthRoutes, services)
  homeRoutes(app)
  openapiRoutes(app)
  await registerDocs(app, NAME)

  await app.ready()
  return app
}
