/** The operations on signatories. */
import type { FastifyInstance } from 'fastify'
import { conventions } from '../conventions/queries.ts'
import { pageOf } from '../http/pagination.ts'
import { organizations } from '../organizations/queries.ts'
import { exampleIds } from '../resource/example-ids.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../resource/routes.ts'
import { signatories, signatoryConditions } from './queries.ts'
import { Signatory, SignatoryFilter, signatoryInclude } from './schema.ts'

const tag = 'Signatories'
const include = {
  parameters: signatoryInclude,
  relations: {
    organization: { field: 'organizationId', resource: organizations },
  },
}
const list = {
  resource: signatories,
  page: pageOf(Signatory),
  include,
  filter: SignatoryFilter,
  conditions: signatoryConditions,
  tag,
}

export function signatoryRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services, {
    ...list,
    operationId: 'listSignatories',
    summary: 'List signatories',
    description: 'Who is bound, across all conventions: by organization, or on a day with `validOn`.',
  })
  conventionListRoute(app, services, conventions, {
    ...list,
    exampleId: exampleIds.firstConvention,
    operationId: 'listConventionSignatories',
    summary: 'List the signatories of a convention',
    description:
      'Who is bound by this convention, by itself or by an amendment. With `validOn`, who was bound on that day. Partners that did not sign are found at actions.',
  })
  itemRoute(app, services, {
    resource: signatories,
    include,
    exampleId: exampleIds.signatory,
    operationId: 'getSignatory',
    tag,
    summary: 'Get a signatory',
    description: 'One organization bound by a convention: as what, since when, by which amendment.',
  })
}
