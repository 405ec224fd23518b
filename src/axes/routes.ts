/** The operations on axes. */
import type { FastifyInstance } from 'fastify'
import { conventions } from '../conventions/queries.ts'
import { pageOf } from '../http/pagination.ts'
import { exampleIds } from '../resource/example-ids.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../resource/routes.ts'
import { axes, axisConditions, treeOrder } from './queries.ts'
import { Axis, AxisFilter } from './schema.ts'

const tag = 'Axes'
const list = {
  resource: axes,
  page: pageOf(Axis),
  filter: AxisFilter,
  conditions: axisConditions,
  tag,
}

export function axisRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    ...list,
    operationId: 'listAxes',
    summary: 'List axes',
    description: 'Axes of the plans across all conventions, by id.',
  })
  conventionListRoute(app, services, conventions, {
    ...list,
    order: treeOrder,
    exampleId: exampleIds.convention,
    operationId: 'listConventionAxes',
    summary: 'List the axes of a convention',
    description:
      'The plan of this convention in the order of its tree: each axis before its sub-axes, siblings by number.',
  })
  itemRoute(app, services, {
    resource: axes,
    exampleId: exampleIds.axis,
    operationId: 'getAxis',
    tag,
    summary: 'Get an axis',
    description: 'One line of the plan of a convention, with its place in the tree.',
  })
}
