/** Link routes: PUT and DELETE of the link of a convention and a service site. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { rights } from '../../auth/policy.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import type { Services } from '../../engine/read/services.ts'
import { tagOf } from '../../engine/words.ts'
import { runWrite } from '../../engine/write/idempotency.ts'
import { id } from '../../http/schema/schemas.ts'
import { type Api, noBody, operationDocs } from '../../http/server/api.ts'
import { conventions } from '../conventions/resource.ts'
import { writeLink } from './links.ts'
import { serviceSites } from './resource.ts'

const tag = tagOf(serviceSites.path)
const LinkParams = Type.Object({
  id: id('The convention (French: convention).', exampleIds.convention),
  siteId: id('The service site (French: lieu de service).', exampleIds.serviceSite),
})
const LINK_PATH = `${conventions.path}/:id/service-sites/:siteId`

/** PUT and DELETE of the link of a convention and a service site. */
export function linkRoutes(app: Api, { db, clock }: Services): void {
  const config = { right: rights.underConvention }
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
  type LinkRequest = FastifyRequest & { params: Static<typeof LinkParams> }
  const write = (request: LinkRequest, reply: FastifyReply, linked: boolean) =>
    runWrite(db, request, reply, null, async (trx) => {
      const { id: conventionId, siteId } = request.params
      await writeLink(trx, { caller: request.caller, now: clock.now(), conventionId, siteId, linked })
      return { status: 204, headers: {}, body: undefined }
    })
  app.put(
    LINK_PATH,
    { schema: { ...operationDocs(link), params: LinkParams, response: { 204: noBody('Linked.') } }, config },
    (request, reply) => write(request, reply, true),
  )
  app.delete(
    LINK_PATH,
    { schema: { ...operationDocs(unlink), params: LinkParams, response: { 204: noBody('Unlinked.') } }, config },
    (request, reply) => write(request, reply, false),
  )
}
