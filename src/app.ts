/**
 * Application: all that is registered, in order and by hand. It is built without connecting to the database, so tests
 * and the OpenAPI document use the very same application.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { gatherRefusals } from './audit/refusals.ts'
import { auditRoutes } from './audit/routes.ts'
import { registerAuthentication } from './auth/authenticate.ts'
import { changeRoutes } from './changes/routes.ts'
import { snapshotRoutes } from './changes/snapshot/snapshot-routes.ts'
import type { Clock, Config } from './config.ts'
import { type Availability, assumeAvailable } from './db/availability.ts'
import type { Database } from './db/database.ts'
import { classify } from './db/errors.ts'
import { keyRoutes } from './domain/api-keys/routes.ts'
import { constraintProblems } from './domain/constraints.ts'
import { inReadingOrder } from './domain/resources.ts'
import { linkRoutes } from './domain/service-sites/routes.ts'
import { territories, territoryRoutes } from './domain/territories/routes.ts'
import { vocabularyRoutes } from './domain/vocabularies/routes.ts'
import { labelsOf } from './domain/vocabularies/vocabularies.ts'
import { openCache } from './engine/cache/cached-read.ts'
import { collectionOfResource } from './engine/read/formats/formats.ts'
import { tableSchemaRoute } from './engine/read/formats/table-schema.ts'
import { resourceRoutes } from './engine/routes.ts'
import { bodyChecks } from './http/input/body-checks.ts'
import { registerAnswerLimits, registerInFlightLimits } from './http/limits/in-flight.ts'
import { registerRateLimit } from './http/limits/rate-limit.ts'
import { openapiRoutes, registerOpenapi } from './http/openapi/openapi.ts'
import { components } from './http/schema/schemas.ts'
import type { SchemaTypes } from './http/server/api.ts'
import { RequestLog } from './http/server/logging.ts'
import { registerPipeline } from './http/server/pipeline.ts'
import { registerContract } from './http/server/route-contract.ts'
import { serverOptions } from './http/server/server-options.ts'
import { healthRoutes } from './ops/health.ts'
import { registerOverload } from './ops/overload.ts'
import { registerDrain } from './ops/shutdown.ts'
import { searchRoutes } from './search/routes.ts'
import { apiWords, NAME, openapiFolder } from './site/api-info.ts'
import { registerDocs } from './site/docs.ts'
import { guideRoute } from './site/guide.ts'
import { homeRoutes } from './site/home.ts'
import { problemPages } from './site/problem-pages.ts'
import { licenceLink, openapiTerms } from './site/terms.ts'
import { wellKnownRoutes } from './site/well-known.ts'
import { coverage, renewals } from './statistics/collections.ts'
import { statisticsRoutes } from './statistics/routes.ts'
import { syncRoutes } from './sync/routes.ts'

export interface AppOptions {
  db: Database
  config: Config
  clock: Clock
  /** Without one the database is taken to be there. */
  availability?: Availability
  /** Database that the cache checks freshness with; by default `db`, where that waits for other requests. */
  freshnessDb?: Database
  /** Without one nothing is logged. */
  logger?: FastifyBaseLogger
}

/** The application, ready to listen or for `inject`. */
export async function buildApp({
  db,
  clock,
  config,
  logger,
  availability = assumeAvailable,
  freshnessDb = db,
}: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    ...serverOptions,
    ...(logger ? { loggerInstance: logger } : {}),
    trustProxy: [...config.trustProxy],
    logController: new RequestLog(),
  })

  const worker = new URL('./body-worker.ts', import.meta.url)
  registerPipeline(app, { classify, constraintProblems, bodyChecks: bodyChecks(worker) })
  registerRateLimit(app, config.rateLimit, clock)
  registerAnswerLimits(app)
  registerDrain(app)
  await registerOpenapi(app, apiWords(openapiTerms(config)))

  for (const component of components.values()) app.addSchema(component)

  await app.register(operations, { prefix: '/v1', db, clock, config, availability, freshnessDb })
  await app.register(healthRoutes, { clock, availability })
  homeRoutes(app, config)
  guideRoute(app)
  problemPages(app)
  wellKnownRoutes(app, config, clock)
  openapiRoutes(app, openapiFolder, openapiTerms(config))
  await registerDocs(app, NAME)

  await app.ready()
  return app
}

/** Plugin of the operations of the contract. Its hooks run after those of the root. */
async function operations(
  plugin: FastifyInstance,
  { db, clock, config, availability, freshnessDb }: Required<Omit<AppOptions, 'logger'>>,
): Promise<void> {
  const api = plugin.withTypeProvider<SchemaTypes>()
  plugin.decorate('commonLink', licenceLink(config))
  registerContract(api)
  registerInFlightLimits(api)
  registerOverload(api, db, availability)
  registerAuthentication(api, db, config, clock)
  const refusals = gatherRefusals(api, db, clock)

  const cache = openCache(freshnessDb, config.cacheMb)
  const services = { db, clock, cache, labels: labelsOf, retentionDays: config.journalRetentionDays }
  for (const resource of inReadingOrder) {
    resourceRoutes(api, services, resource)
    if (resource.isLinked) linkRoutes(api, services)
  }
  syncRoutes(api, services)
  changeRoutes(api, services)
  snapshotRoutes(api, services, config.dataLicence)
  territoryRoutes(api, services)
  searchRoutes(api, services)
  statisticsRoutes(api, services)
  vocabularyRoutes(api)
  const tables = [...inReadingOrder.map(collectionOfResource), territories, coverage, renewals]
  tableSchemaRoute(api, tables, labelsOf)
  keyRoutes(api, services)
  auditRoutes(api, services, refusals)
}
