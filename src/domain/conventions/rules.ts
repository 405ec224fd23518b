/** The rules of a convention by itself, beyond its schema. */

import { type Change, type Check, finding, isOutOfSight } from '../../engine/change-set.ts'
import type { Facts } from '../../engine/resource.ts'
import { continuesDraft, endsAfterStart, territoryRules } from '../../engine/rules.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import { keyOf, type TerritoryRead } from '../territories/references.ts'
import type { Convention } from './schema.ts'

export function conventionRules(convention: Convention): BodyFault[] {
  return [...endsAfterStart(convention, 'startsOn', 'endsOn'), ...territoryRules(convention.territories)]
}

/** A convention that gets other readers has no action, of whomever, that continues one of a draft that they do not see. */
export const carriesNoDraft: Check = (view) => {
  const change = view.changeOf(view.convention?.id)
  if (!view.isOpened || !change) return []
  return view.all('action').flatMap(({ id, carriedFromId }) => {
    const named = view.named(carriedFromId)
    if (!named || !isOutOfSight(view, named) || view.changeOf(id)) return []
    const { pointer, code, message } = continuesDraft(view.isPublished ? '/state' : '/cafId', id as string)
    return [finding(change, pointer, code, message)]
  })
}

/** The départements of a perimeter, in order. */
export const departmentsOfPerimeter = ({ after }: Change, departments: Facts['departments']): string[] =>
  [
    ...new Set(((after?.territories ?? []) as TerritoryRead[]).flatMap((one) => departments.get(keyOf(one)) ?? [])),
  ].sort()
