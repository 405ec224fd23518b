/** The operations on organizations. */
import type { FastifyInstance } from 'fastify'
import { exampleIds } from '../../engine/example-ids.ts'
import { historyOf, historyRoute } from '../../engine/read/history.ts'
import { itemRoute, listRoute, type Services } from '../../engine/read/routes.ts'
import { createRoute, deleteRoute, updateRoute } from '../../engine/write/routes.ts'
import { pageOf } from '../../http/output/pagination.ts'
import { organizationWrites } from './edits.ts'
import { organizationConditions, organizations } from './queries.ts'
import { Organization, OrganizationFilter } from './schema.ts'

const tag = 'Organizations'
const versions = historyOf(organizations)
const page = pageOf(Organization)

export function organizationRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    resource: organizations,
    page,
    filter: OrganizationFilter,
    conditions: organizationConditions,
    operationId: 'listOrganizations',
    tag,
    summary: 'List organizations',
    description: 'The bodies that sign, coordinate, lead, take part, manage or fund, shared by all conventions.',
  })
  itemRoute(app, services, {
    resource: organizations,
    exampleId: exampleIds.intercommunality,
    operationId: 'getOrganization',
    tag,
    summary: 'Get an organization',
    description:
      'One body: its kind, names, official numbers, territory and mailbox. No natural person is named anywhere.',
  })
  historyRoute(app, services, { resource: organizations, versions, tag, exampleId: exampleIds.intercommunality })
  createRoute(app, services, {
    rules: organizationWrites,
    operationId: 'createOrganization',
    tag,
    summary: 'Create an organization',
    description: 'A kind and a name are enough; look it up first, organizations are shared by all.',
  })
  updateRoute(app, services, {
    rules: organizationWrites,
    exampleId: exampleIds.intercommunality,
    operationId: 'updateOrganization',
    tag,
    summary: 'Change an organization',
  })
  deleteRoute(app, services, {
    rules: organizationWrites,
    exampleId: exampleIds.intercommunality,
    operationId: 'deleteOrganization',
    tag,
    summary: 'Delete an organization',
    description:
      'Deletes it. One that coordinates, signs, leads, takes part, manages or funds is in use and cannot be deleted.',
  })
}
