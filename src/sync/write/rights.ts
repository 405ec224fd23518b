/** Rights to documents: a convention belongs to its Caf. */
import type { Caller } from '../../auth/caller.ts'
import { forbidden, mayCoordinate } from '../../auth/policy.ts'
import type { Draft } from '../../engine/write/decide/complete.ts'
import { isId } from '../../engine/write/decide/names.ts'

/** Throws a 403 unless the caller may coordinate what the document makes of a convention. */
export function assertCoordinates(caller: Caller, [own]: readonly { draft: Draft }[]): void {
  const cafId = own?.draft.after.cafId as string
  // A key that means nothing is reported with all that is wrong.
  if (!isId(`${cafId}`) || mayCoordinate(caller, cafId)) return
  throw forbidden('The caf of the document is not the organization of this key; name it by its SIREN or its id.')
}
