/** The operations on service sites. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { rights } from '../../auth/policy.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import { historyOf, historyRoute } from '../../engine/read/history.ts'
import { conventionListRoute, itemRoute, listRoute, type Services, words } from '../../engine/read/routes.ts'
import { answerWrite } from '../../engine/write/idempotency.ts'
import { createRoute, deleteRoute, updateRoute } from '../../engine/write/routes.ts'
import { pageOf } from '../../http/output/pagination.ts'
import { id } from '../../http/schema/schemas.ts'
import { conventions } from '../conventions/queries.ts'
import { serviceSiteWrites } from './edits.ts'
import { writeLink } from './links.ts'
import { serviceSiteConditions, serviceSites } from './queries.ts'
import { ServiceSite, ServiceSiteFilter } from './schema.ts'

const tag = 'Service sites'
const versions = historyOf(serviceSites)
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
      'The service sites that are linked to this convention. A site outlives conventions and may serve several. With `asOf`, those that were linked at an instant, as they stood then.',
  })
  itemRoute(app, services, {
    resource: serviceSites,
    exampleId: exampleIds.serviceSite,
    operationId: 'getServiceSite',
    tag,
    summary: 'Get a service site',
    description: 'One place, or one travelling service with its stops: what it offers, to whom, where and when.',
  })
  historyRoute(app, services, { resource: serviceSites, versions, tag, exampleId: exampleIds.serviceSite })
  createRoute(app, services, {
    rules: serviceSiteWrites,
    operationId: 'createServiceSite',
    tag,
    summary: 'Create a service site',
    description: 'A name is enough. It serves a convention once it is linked to it.',
  })
  updateRoute(app, services, {
    rules: serviceSiteWrites,
    exampleId: exampleIds.serviceSite,
    operationId: 'updateServiceSite',
    tag,
    summary: 'Change a service site',
  })
  deleteRoute(app, services, {
    rules: serviceSiteWrites,
    exampleId: exampleIds.serviceSite,
    operationId: 'deleteServiceSite',
    tag,
    summary: 'Delete a service site',
    description: 'Deletes it. One that is linked to a convention is in use and cannot be deleted: unlink it first.',
  })
  linkRoutes(app, services)
}

const LinkParams = Type.Object({
  id: id('The convention (French: convention).', exampleIds.convention),
  siteId: id('The service site (French: lieu de service).', exampleIds.serviceSite),
})
const LINK_PATH = `${conventions.path}/:id/service-sites/:siteId`

/** PUT and DELETE of the link of a convention and a service site. */
function linkRoutes(app: FastifyInstance, { db, clock }: Services): void {
  const config = { right: rights.underConvention }
  const done = { 204: { description: 'It is so.', type: 'null' } }
  const link = {
    operationId: 'linkServiceSite',
    tag,
    summary: 'Link a service site to a convention',
    description:
      'The site serves the convention from now on, and its actions may name it. Nothing happens when it is linked already.',
  }
  const unlink = {
    operationId: 'unlinkServiceSite',
    tag,
    summary: 'Unlink a service site from a convention',
    description:
      'Nothing happens when it is not linked. A site that an action of the convention names is in use and cannot be unlinked.',
  }
  const write = (request: FastifyRequest, reply: FastifyReply, linked: boolean) =>
    answerWrite(db, request, reply, null, async (trx) => {
      const { id: conventionId, siteId } = request.params as Static<typeof LinkParams>
      await writeLink(trx, { caller: request.caller, now: clock.now(), conventionId, siteId, linked })
      return { status: 204, headers: {}, body: undefined }
    })
  app.put(LINK_PATH, { schema: { ...words(link), params: LinkParams, response: done }, config }, (request, reply) =>
    write(request, reply, true),
  )
  app.delete(
    LINK_PATH,
    { schema: { ...words(unlink), params: LinkParams, response: done }, config },
    (request, reply) => write(request, reply, false),
  )
}
