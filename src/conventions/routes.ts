/** The operations on conventions. */
import type { FastifyInstance } from 'fastify'
import { pageOf } from '../http/pagination.ts'
import { organizations } from '../organizations/queries.ts'
import { exampleIds } from '../resource/example-ids.ts'
import { itemRoute, listRoute, type Services } from '../resource/routes.ts'
import { conventionConditions, conventions } from './queries.ts'
import { Convention, ConventionFilter, conventionInclude } from './schema.ts'

const tag = 'Conventions'
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
      'One convention: its state and its status of today, its period with amendments applied, its perimeter, themes and diagnosis. Who signed it, its axes and actions have lists of their own.',
  })
}
