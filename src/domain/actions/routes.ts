/** The operations on actions. */
import type { FastifyInstance } from 'fastify'
import { exampleIds } from '../../engine/example-ids.ts'
import { historyOf, historyRoute } from '../../engine/read/history.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../../engine/read/routes.ts'
import { conventionCreateRoute, deleteRoute, updateRoute } from '../../engine/write/routes.ts'
import { pageOf } from '../../http/output/pagination.ts'
import { axes } from '../axes/queries.ts'
import { conventions } from '../conventions/queries.ts'
import { organizations } from '../organizations/queries.ts'
import { serviceSites } from '../service-sites/queries.ts'
import { actionWrites } from './edits.ts'
import { actionConditions, actions, codeOrder } from './queries.ts'
import { Action, ActionFilter, actionInclude } from './schema.ts'

const tag = 'Actions'
const versions = historyOf(actions)
const include = {
  parameters: actionInclude,
  relations: {
    lead: { field: 'leadId', resource: organizations },
    partners: { field: 'partnerIds', resource: organizations },
    axes: { field: 'axisIds', resource: axes },
    serviceSites: { field: 'serviceSiteIds', resource: serviceSites },
  },
}
const list = {
  resource: actions,
  page: pageOf(Action),
  include,
  filter: ActionFilter,
  conditions: actionConditions,
  tag,
}

export function actionRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    ...list,
    operationId: 'listActions',
    summary: 'List actions',
    description: 'Actions across all conventions, by id.',
  })
  conventionListRoute(app, services, conventions, {
    ...list,
    order: codeOrder,
    exampleId: exampleIds.convention,
    operationId: 'listConventionActions',
    summary: 'List the actions of a convention',
    description:
      'What will be done under this convention, by printed code in natural order (2 before 10); actions without a code come last. With `asOf`, as they stood at an instant.',
  })
  itemRoute(app, services, {
    resource: actions,
    include,
    exampleId: exampleIds.action,
    operationId: 'getAction',
    tag,
    summary: 'Get an action',
    description: 'One action: what for, under which axes, by whom, for whom, with which means, how far it is.',
  })
  historyRoute(app, services, { resource: actions, versions, tag, exampleId: exampleIds.action })
  conventionCreateRoute(app, services, conventions, {
    rules: actionWrites,
    exampleId: exampleIds.convention,
    operationId: 'createAction',
    tag,
    summary: 'Create an action',
    description: 'A title is enough. Axes, service sites and partners are named by their ids.',
  })
  updateRoute(app, services, {
    rules: actionWrites,
    exampleId: exampleIds.action,
    operationId: 'updateAction',
    tag,
    summary: 'Change an action',
  })
  deleteRoute(app, services, {
    rules: actionWrites,
    exampleId: exampleIds.action,
    operationId: 'deleteAction',
    tag,
    summary: 'Delete an action',
    description:
      'Deletes it. One that an action of another convention continues is in use and cannot be deleted; drafts of other Cafs are not in the way, their references are cleared.',
  })
}
