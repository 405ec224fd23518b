/** The operations on amendments. */
import type { FastifyInstance } from 'fastify'
import { conventions } from '../conventions/queries.ts'
import { pageOf } from '../http/pagination.ts'
import { exampleIds } from '../resource/example-ids.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../resource/routes.ts'
import { amendmentConditions, amendments } from './queries.ts'
import { Amendment, AmendmentFilter } from './schema.ts'

const tag = 'Amendments'
const list = {
  resource: amendments,
  page: pageOf(Amendment),
  filter: AmendmentFilter,
  conditions: amendmentConditions,
  tag,
}

export function amendmentRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    ...list,
    operationId: 'listAmendments',
    summary: 'List amendments',
    description: 'Dated changes across all conventions, by id.',
  })
  conventionListRoute(app, services, conventions, {
    ...list,
    exampleId: exampleIds.firstConvention,
    operationId: 'listConventionAmendments',
    summary: 'List the amendments of a convention',
    description: 'Who joined or left, what was extended or changed, and when, by id.',
  })
  itemRoute(app, services, {
    resource: amendments,
    exampleId: exampleIds.amendment,
    operationId: 'getAmendment',
    tag,
    summary: 'Get an amendment',
    description: 'One dated change of a convention: what kind, since when, and the new end if there is one.',
  })
}
