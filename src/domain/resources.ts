/**
 * Resources of the registry by type, for code that treats all of them alike. Referenced types come before those that
 * refer to them.
 */
import type { Resource } from '../engine/declaration/resource.ts'
import type { ResourceType } from '../engine/resource-types.ts'
import { actions } from './actions/resource.ts'
import { amendments } from './amendments/resource.ts'
import { axes } from './axes/resource.ts'
import { conventions } from './conventions/resource.ts'
import { organizations } from './organizations/resource.ts'
import { serviceSites } from './service-sites/resource.ts'
import { signatories } from './signatories/resource.ts'

export const resources = {
  organization: organizations,
  convention: conventions,
  amendment: amendments,
  signatory: signatories,
  axis: axes,
  action: actions,
  'service-site': serviceSites,
} satisfies Record<ResourceType, Resource>

/** The same in the order in which people read of them. */
export const inReadingOrder: readonly Resource[] = Object.values({
  convention: conventions,
  signatory: signatories,
  amendment: amendments,
  axis: axes,
  action: actions,
  'service-site': serviceSites,
  organization: organizations,
} satisfies Record<ResourceType, Resource>)
