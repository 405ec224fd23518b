/**
 * The seven resources of the registry by their names in the feed: for what treats all of them alike. What is named by
 * others comes first.
 */
import type { Resource, ResourceType } from '../engine/resource.ts'
import { actions } from './actions/queries.ts'
import { amendments } from './amendments/queries.ts'
import { axes } from './axes/queries.ts'
import { conventions } from './conventions/queries.ts'
import { organizations } from './organizations/queries.ts'
import { serviceSites } from './service-sites/queries.ts'
import { signatories } from './signatories/queries.ts'

export const resources = {
  organization: organizations,
  convention: conventions,
  amendment: amendments,
  signatory: signatories,
  axis: axes,
  action: actions,
  'service-site': serviceSites,
} satisfies Record<ResourceType, Resource>
