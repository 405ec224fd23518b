/** The operations on amendments. */
import type { FastifyInstance } from 'fastify'
import { exampleIds } from '../../engine/example-ids.ts'
import { historyOf, historyRoute } from '../../engine/read/history.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../../engine/read/routes.ts'
import { conventionCreateRoute, deleteRoute, updateRoute } from '../../engine/write/routes.ts'
import { pageOf } from '../../http/output/pagination.ts'
import { conventions } from '../conventions/queries.ts'
import { amendmentWrites } from './edits.ts'
import { amendmentConditions, amendments } from './queries.ts'
import { Amendment, AmendmentFilter } from './schema.ts'

const tag = 'Amendments'
const versions = historyOf(amendments)
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
    description:
      'Who joined or left, what was extended or changed, and when, by id. With `asOf`, as it stood at an instant.',
  })
  itemRoute(app, services, {
    resource: amendments,
    exampleId: exampleIds.amendment,
    operationId: 'getAmendment',
    tag,
    summary: 'Get an amendment',
    description: 'One dated change of a convention: what kind, since when, and the new end if there is one.',
  })
  historyRoute(app, services, { resource: amendments, versions, tag, exampleId: exampleIds.amendment })
  conventionCreateRoute(app, services, conventions, {
    rules: amendmentWrites,
    exampleId: exampleIds.convention,
    operationId: 'createAmendment',
    tag,
    summary: 'Create an amendment',
    description:
      'Its kinds are enough; the number is the next free one when left out. With `endsOn` it gives the convention a new end: its period and perhaps its status follow at once.',
  })
  updateRoute(app, services, {
    rules: amendmentWrites,
    exampleId: exampleIds.amendment,
    operationId: 'updateAmendment',
    tag,
    summary: 'Change an amendment',
  })
  deleteRoute(app, services, {
    rules: amendmentWrites,
    exampleId: exampleIds.amendment,
    operationId: 'deleteAmendment',
    tag,
    summary: 'Delete an amendment',
    description:
      'Deletes it; the period of the convention follows. One by which somebody joined or left is in use and cannot be deleted.',
  })
}
