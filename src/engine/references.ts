/**
 * Which fields of a resource hold ids of which other one: one table for checking what a body names, for finding who
 * names a thing that is to be deleted, and for the keys of documents.
 */
import type { ResourceType } from '../domain/vocabularies/codes.ts'
import { columnOf } from './row-mapper.ts'

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

/** A column of ids: one, or a list of them. */
interface NamingColumn {
  type: ResourceType
  column: string
  isList: boolean
}

/** The types whose lines of funding name organizations; a column keeps the list of these. */
const funded: readonly ResourceType[] = ['action', 'service-site']

/** Every column that holds ids of a type. */
export function columnsNaming(to: ResourceType): NamingColumn[] {
  const direct = (Object.entries(references) as [ResourceType, readonly Reference[]][]).flatMap(([type, fields]) =>
    fields
      .filter((one) => one.to === to)
      .map(({ field }) => ({ type, column: columnOf(field), isList: field.endsWith('Ids') })),
  )
  if (to !== 'organization') return direct
  return [...direct, ...funded.map((type) => ({ type, column: columnOf(`${funderField}s`), isList: true }))]
}
