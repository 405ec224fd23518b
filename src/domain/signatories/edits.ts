/** The writes of signatories. */
import { rights } from '../../auth/policy.ts'
import { authorizeUnderConvention } from '../../engine/write/authorize.ts'
import type { WriteRules } from '../../engine/write/target.ts'
import { signatories } from './queries.ts'
import { SignatoryInput, SignatoryPatch } from './schema.ts'

export const signatoryWrites: WriteRules = {
  resource: signatories,
  input: SignatoryInput,
  patch: SignatoryPatch,
  rights: { create: rights.underConvention, update: rights.underConvention, delete: rights.underConvention },
  authorize: authorizeUnderConvention,
}
