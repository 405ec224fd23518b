/** The writes of conventions. */
import { demand, isAtLeast, mayCoordinate, rights } from '../../auth/policy.ts'
import type { Fields } from '../../engine/change-set.ts'
import type { WriteRules } from '../../engine/write/target.ts'
import { conventions } from './queries.ts'
import { ConventionInput, ConventionPatch } from './schema.ts'

export const conventionWrites: WriteRules = {
  resource: conventions,
  input: ConventionInput,
  patch: ConventionPatch,
  rights: { create: rights.createConvention, update: rights.convention, delete: rights.convention },
  authorize({ caller, before, body }) {
    demand(before ? mayCoordinate(caller, before.cafId as string) : isAtLeast(caller, 'editor'))
    const given = (body as Fields | null | undefined)?.cafId
    // What is no id at all is a fault of the body.
    if (typeof given === 'string') demand(mayCoordinate(caller, given.toLowerCase()))
  },
}
