/**
 * References: which fields of a resource hold ids of which other one, as they are declared. From them follows what a
 * body names, who names a thing that is to be deleted, and how documents name things by key.
 */

import type { ResourceType } from '../resource-types.ts'
import { columnOf } from '../row-mapper.ts'
import type { Reference } from './fields.ts'
import { definitionOf, definitions, type Resource } from './resource.ts'

type Fields = Record<string, unknown>

/** An id that a body names, with its place. */
export interface NamedId extends Pick<Reference, 'to' | 'isElsewhere'> {
  id: string
  pointer: string
}

/** Every id that a body names. */
export const namedIds = (type: ResourceType, body: Fields): NamedId[] =>
  definitionOf(type).references.flatMap(({ field, within, to, isElsewhere }) => {
    const objects = within ? ((body[within] ?? []) as Fields[]) : [body]
    return objects.flatMap((object, i) => {
      const [value, at] = [object?.[field], within ? `/${within}/${i}/${field}` : `/${field}`]
      const ids = Array.isArray(value) ? value.map((id, place) => [id, `${at}/${place}`]) : [[value, at]]
      return ids.flatMap(([id, pointer]) => (typeof id === 'string' ? [{ to, isElsewhere, id, pointer }] : []))
    })
  })

/** A column of ids: one, or a list of them. */
interface NamingColumn extends Pick<Reference, 'isList' | 'isElsewhere'> {
  type: ResourceType
  column: string
}

/** Every column that holds ids of a type; a column of its own lists those that the objects of a list hold. */
export const columnsNaming = (to: ResourceType): NamingColumn[] =>
  definitions().flatMap(({ type, references }) =>
    references
      .filter((one) => one.to === to)
      .map(({ field, within, isList, isElsewhere }) => ({
        type,
        isElsewhere,
        ...(within ? { column: columnOf(`${field}s`), isList: true } : { column: columnOf(field), isList }),
      })),
  )

/** Whether references lead to this type under other conventions. */
export const isNamedElsewhere = (to: ResourceType): boolean =>
  definitions().some(({ references }) => references.some((one) => one.to === to && one.isElsewhere))

/** All resources, each after those that it names: in this order they are written, in the opposite one deleted. */
export function namedFirst(): Resource[] {
  const ordered = new Set<Resource>()
  const seen = new Set<Resource>()
  const visit = (resource: Resource): void => {
    if (seen.has(resource)) return
    seen.add(resource)
    if (resource.visibility === 'convention') visit(definitionOf('convention'))
    for (const { to } of resource.references) visit(definitionOf(to))
    ordered.add(resource)
  }
  definitions().forEach(visit)
  return [...ordered]
}
