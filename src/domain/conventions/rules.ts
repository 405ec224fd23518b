/** Rules of conventions beyond a single body, and who may write them. */
import { assertAllowed, isAtLeast, mayCoordinate } from '../../auth/policy.ts'
import type { WriteRequest } from '../../engine/authorize.ts'
import { type Change, type Check, type Fields, finding, isOutOfSight, touches } from '../../engine/change-set.ts'
import type { Facts } from '../../engine/declaration/declaration.ts'
import { continuesDraft } from '../../engine/declaration/rules.ts'
import { keyOf, type TerritoryRead } from '../../engine/declaration/territories.ts'
import type { Row } from '../../engine/row-mapper.ts'

/** Throws a 403 unless the caller may do this to a convention: of both Cafs, where it changes hands. */
export function authorizeConvention({ caller, before, body }: WriteRequest): void {
  assertAllowed(before ? mayCoordinate(caller, before.cafId as string) : isAtLeast(caller, 'editor'))
  const given = (body as Fields | null | undefined)?.cafId
  // What is no id at all is an error of the body.
  if (typeof given === 'string') assertAllowed(mayCoordinate(caller, given.toLowerCase()))
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

/** The départements of the perimeter, in order. */
export function departmentColumns(change: Change, { departments }: Pick<Facts, 'departments'>): Row {
  if (!touches(change, 'territories')) return {}
  const territories = (change.after?.territories ?? []) as TerritoryRead[]
  return { department_codes: [...new Set(territories.flatMap((one) => departments.get(keyOf(one)) ?? []))].sort() }
}
