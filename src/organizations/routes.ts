/** The operations on organizations. */
import type { FastifyInstance } from 'fastify'
import { pageOf } from '../http/pagination.ts'
import { exampleIds } from '../resource/example-ids.ts'
import { itemRoute, listRoute, type Services } from '../resource/routes.ts'
import { organizationConditions, organizations } from './queries.ts'
import { Organization, OrganizationFilter } from './schema.ts'

const tag = 'Organizations'

export function organizationRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    resource: organizations,
    page: pageOf(Organization),
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
}
