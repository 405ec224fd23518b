/** The operations on service sites. */
import type { FastifyInstance } from 'fastify'
import { conventions } from '../conventions/queries.ts'
import { pageOf } from '../http/pagination.ts'
import { exampleIds } from '../resource/example-ids.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../resource/routes.ts'
import { serviceSiteConditions, serviceSites } from './queries.ts'
import { ServiceSite, ServiceSiteFilter } from './schema.ts'

const tag = 'Service sites'
const list = {
  resource: serviceSites,
  page: pageOf(ServiceSite),
  filter: ServiceSiteFilter,
  conditions: serviceSiteConditions,
  tag,
}

export function serviceSiteRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    ...list,
    operationId: 'listServiceSites',
    summary: 'List service sites',
    description:
      'Places and travelling services where families find a service: by convention, or by commune, stops included.',
  })
  conventionListRoute(app, services, conventions, {
    ...list,
    exampleId: exampleIds.convention,
    operationId: 'listConventionServiceSites',
    summary: 'List the service sites of a convention',
    description:
      'The service sites that are linked to this convention. A site outlives conventions and may serve several.',
  })
  itemRoute(app, services, {
    resource: serviceSites,
    exampleId: exampleIds.serviceSite,
    operationId: 'getServiceSite',
    tag,
    summary: 'Get a service site',
    description: 'One place, or one travelling service with its stops: what it offers, to whom, where and when.',
  })
}
