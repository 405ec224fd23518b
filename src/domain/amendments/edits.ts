/** The writes of amendments. */
import { rights } from '../../auth/policy.ts'
import { authorizeUnderConvention } from '../../engine/write/authorize.ts'
import type { WriteRules } from '../../engine/write/target.ts'
import { amendments } from './queries.ts'
import { AmendmentInput, AmendmentPatch } from './schema.ts'

export const amendmentWrites: WriteRules = {
  resource: amendments,
  input: AmendmentInput,
  patch: AmendmentPatch,
  rights: { create: rights.underConvention, update: rights.underConvention, delete: rights.underConvention },
  authorize: authorizeUnderConvention,
}
