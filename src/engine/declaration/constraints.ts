/**
 * Constraint problems of a table, by the names of its constraints. Those of its identity and of its references follow
 * from its declaration.
 */
import type { ErrorCode } from '../../http/errors/error-codes.ts'
import type { ConstraintProblem } from '../../http/server/error-handler.ts'
import { columnOf } from '../row-mapper.ts'
import { nameOf } from '../words.ts'
import { definitionOf, type Resource } from './resource.ts'

type Place = [pointer: string, message: string]

export const wrong = (code: ErrorCode, ...[pointer, message]: Place): ConstraintProblem => ({
  slug: 'invalid-body',
  pointer,
  code,
  message,
})
export const unknown = (...place: Place) => wrong('unknown-reference', ...place)
export const malformed = (...place: Place) => wrong('malformed', ...place)
export const tooMany = (...place: Place) => wrong('too-many', ...place)
export const taken = (...[pointer, message]: Place): ConstraintProblem => ({
  slug: 'already-exists',
  pointer,
  code: 'taken',
  message,
})

/** All that the constraints of a resource's table mean. */
export function constraintsOf(resource: Resource): Record<string, ConstraintProblem> {
  const { type, table, visibility, references, declared, constraints } = resource
  const found: Record<string, ConstraintProblem> = {
    [`${table}_pkey`]: taken('/id', `Another ${nameOf(type)} has this id.`),
    ...(visibility === 'convention' && {
      [`${table}_convention`]: unknown('/conventionId', 'conventionId names no convention.'),
    }),
  }
  for (const { field, name, to, isList, isElsewhere, within } of references) {
    const home = homeOf(definitionOf(to), isElsewhere)
    const constraint = `${table}_${columnOf(within ? `${name}s` : name)}`
    if (within) found[constraint] = unknown(`/${within}`, `A ${field} names ${home}.`)
    else found[constraint] = unknown(`/${field}`, `${field} names ${isList ? 'what is ' : ''}${home}.`)
    const { maxItems } = (declared[field]?.facts.answer ?? {}) as { maxItems?: number }
    if (maxItems)
      found[`${constraint}_length`] = tooMany(`/${field}`, `${field} must have at most ${maxItems} entries.`)
  }
  return { ...found, ...constraints }
}

function homeOf({ type, visibility, isLinked }: Resource, isElsewhere: boolean): string {
  if (isLinked) return 'not linked to the convention'
  const isWithin = visibility === 'convention' && !isElsewhere
  return `no ${nameOf(type)}${isWithin ? ' of the convention' : ''}`
}
