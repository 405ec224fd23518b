/** The operations on axes. */
import type { FastifyInstance } from 'fastify'
import { exampleIds } from '../../engine/example-ids.ts'
import { historyOf, historyRoute } from '../../engine/read/history.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../../engine/read/routes.ts'
import { conventionCreateRoute, deleteRoute, updateRoute } from '../../engine/write/routes.ts'
import { pageOf } from '../../http/output/pagination.ts'
import { conventions } from '../conventions/queries.ts'
import { axisWrites } from './edits.ts'
import { axes, axisConditions, treeOrder } from './queries.ts'
import { Axis, AxisFilter } from './schema.ts'

const tag = 'Axes'
const versions = historyOf(axes)
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
      'The plan of this convention in the order of its tree: each axis before its sub-axes, siblings by number. With `asOf`, as it stood at an instant.',
  })
  itemRoute(app, services, {
    resource: axes,
    exampleId: exampleIds.axis,
    operationId: 'getAxis',
    tag,
    summary: 'Get an axis',
    description: 'One line of the plan of a convention, with its place in the tree.',
  })
  historyRoute(app, services, { resource: axes, versions, tag, exampleId: exampleIds.axis })
  conventionCreateRoute(app, services, conventions, {
    rules: axisWrites,
    exampleId: exampleIds.convention,
    operationId: 'createAxis',
    tag,
    summary: 'Create an axis',
    description:
      'Adds a line to the plan, at the top or below `parentId`, up to five levels; the number is the next free one among its siblings when left out.',
  })
  updateRoute(app, services, {
    rules: axisWrites,
    exampleId: exampleIds.axis,
    operationId: 'updateAxis',
    tag,
    summary: 'Change an axis',
    description: 'With another parent or number the axes below it move along.',
  })
  deleteRoute(app, services, {
    rules: axisWrites,
    exampleId: exampleIds.axis,
    operationId: 'deleteAxis',
    tag,
    summary: 'Delete an axis',
    description: 'Deletes it. One with sub-axes or actions is in use and cannot be deleted.',
  })
}
