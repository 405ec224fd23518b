/**
 * Which fields of a resource hold ids of which other one: one table for checking what a body names, for finding who
 * names a thing that is to be deleted, and for the keys of documents.
 */
import type { ResourceType } from './resource.ts'

export interface Reference {
  field: string
  to: ResourceType
}

/** The field of each line of funding that holds an organization. */
export const funderField = 'funderId'

export const references: Readonly<Record<ResourceType, readonly Reference[]>> = {
  convention: [
    { field: 'cafId', to: 'organization' },
    { field: 'predecessorId', to: 'convention' },
    { field: 'mergedIntoId', to: 'convention' },
  ],
  organization: [],
  amendment: [],
  signatory: [
    { field: 'organizationId', to: 'organization' },
    { field: 'amendmentId', to: 'amendment' },
    { field: 'exitAmendmentId', to: 'amendment' },
  ],
  axis: [{ field: 'parentId', to: 'axis' }],
  action: [
    { field: 'axisIds', to: 'axis' },
    { field: 'carriedFromId', to: 'action' },
    { field: 'leadId', to: 'organization' },
    { field: 'partnerIds', to: 'organization' },
    { field: 'serviceSiteIds', to: 'service-site' },
  ],
  'service-site': [{ field: 'managerId', to: 'organization' }],
}

type Fields = Record<string, unknown>

/** Every id that a body names, with its place. */
export function namedIds(type: ResourceType, body: Fields): { to: ResourceType; id: string; pointer: string }[] {
  const direct = references[type].flatMap(({ field, to }) => {
    const value = body[field]
    const ids = Array.isArray(value) ? value.map((id, i) => [id, `/${field}/${i}`]) : [[value, `/${field}`]]
    return ids.map(([id, pointer]) => ({ to, id, pointer }))
  })
  const lines = (body.funding ?? []) as Fields[]
  const funders = lines.map((line, i) => ({
    to: 'organization' as const,
    id: line?.[funderField],
    pointer: `/funding/${i}/${funderField}`,
  }))
  return [...direct, ...funders].filter(({ id }) => typeof id === 'string') as {
    to: ResourceType
    id: string
    pointer: string
  }[]
}
