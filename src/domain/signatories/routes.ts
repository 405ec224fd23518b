/** The operations on signatories. */
import type { FastifyInstance } from 'fastify'
import { exampleIds } from '../../engine/example-ids.ts'
import { historyOf, historyRoute } from '../../engine/read/history.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from '../../engine/read/routes.ts'
import { conventionCreateRoute, deleteRoute, updateRoute } from '../../engine/write/routes.ts'
import { pageOf } from '../../http/output/pagination.ts'
import { conventions } from '../conventions/queries.ts'
import { organizations } from '../organizations/queries.ts'
import { signatoryWrites } from './edits.ts'
import { signatories, signatoryConditions } from './queries.ts'
import { Signatory, SignatoryFilter, signatoryInclude } from './schema.ts'

const tag = 'Signatories'
const versions = historyOf(signatories)
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
      'Who is bound by this convention, by itself or by an amendment. With `validOn`, who was bound on that day; with `asOf` too, as it was known at an instant. Partners that did not sign are found at actions.',
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
  historyRoute(app, services, { resource: signatories, versions, tag, exampleId: exampleIds.signatory })
  conventionCreateRoute(app, services, conventions, {
    rules: signatoryWrites,
    exampleId: exampleIds.convention,
    operationId: 'createSignatory',
    tag,
    summary: 'Create a signatory',
    description:
      'Binds an organization: by the convention itself, or from the effect of the amendment by which it joined. No organization is bound twice on the same day.',
  })
  updateRoute(app, services, {
    rules: signatoryWrites,
    exampleId: exampleIds.signatory,
    operationId: 'updateSignatory',
    tag,
    summary: 'Change a signatory',
    description: 'The organization is fixed once written.',
  })
  deleteRoute(app, services, {
    rules: signatoryWrites,
    exampleId: exampleIds.signatory,
    operationId: 'deleteSignatory',
    tag,
    summary: 'Delete a signatory',
    description:
      'Deletes it as if it had never been bound; one that leaves gets `endsOn` or `exitAmendmentId` instead.',
  })
}
