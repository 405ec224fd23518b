/** The operations on conventions. */
import type { FastifyInstance } from 'fastify'
import { exampleIds } from '../../engine/example-ids.ts'
import { historyOf, historyRoute } from '../../engine/read/history.ts'
import { itemRoute, listRoute, type Services } from '../../engine/read/routes.ts'
import { createRoute, deleteRoute, updateRoute } from '../../engine/write/routes.ts'
import { pageOf } from '../../http/output/pagination.ts'
import { organizations } from '../organizations/queries.ts'
import { conventionWrites } from './edits.ts'
import { conventionConditions, conventions } from './queries.ts'
import { Convention, ConventionFilter, conventionInclude } from './schema.ts'

const tag = 'Conventions'
const versions = historyOf(conventions)
const page = pageOf(Convention)
const include = {
  parameters: conventionInclude,
  relations: {
    caf: { field: 'cafId', resource: organizations },
    predecessor: { field: 'predecessorId', resource: conventions },
  },
}

export function conventionRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    resource: conventions,
    page,
    include,
    filter: ConventionFilter,
    conditions: conventionConditions,
    operationId: 'listConventions',
    tag,
    summary: 'List conventions',
    description:
      'All conventions, or those of a Caf, a place, a status, a day. A convention answers to a commune, EPCI or département when its perimeter contains or meets it. Drafts are shown to holders of a key.',
  })
  itemRoute(app, services, {
    resource: conventions,
    include,
    exampleId: exampleIds.convention,
    operationId: 'getConvention',
    tag,
    summary: 'Get a convention',
    description:
      'One convention: its state and its status of today, its period with amendments applied, its perimeter, themes and diagnosis. Who signed it, its axes and actions have lists of their own. With `asOf`, as it stood at an instant.',
  })
  historyRoute(app, services, { resource: conventions, versions, tag, exampleId: exampleIds.convention })
  createRoute(app, services, {
    rules: conventionWrites,
    operationId: 'createConvention',
    tag,
    summary: 'Create a convention',
    description:
      'A title and a Caf are enough. It is a draft, seen by holders of keys only, until its state is `signed`.',
  })
  updateRoute(app, services, {
    rules: conventionWrites,
    exampleId: exampleIds.convention,
    operationId: 'updateConvention',
    tag,
    summary: 'Change a convention',
  })
  deleteRoute(app, services, {
    rules: conventionWrites,
    exampleId: exampleIds.convention,
    operationId: 'deleteConvention',
    tag,
    summary: 'Delete a convention',
    description:
      'Deletes the convention with all that is under it, and unlinks its service sites. What another convention renews, or was merged into, is in use and cannot be deleted; drafts of other Cafs are not in the way, their references are cleared.',
  })
}
