/** The writes of axes. */
import { rights } from '../../auth/policy.ts'
import { authorizeUnderConvention } from '../../engine/write/authorize.ts'
import type { WriteRules } from '../../engine/write/target.ts'
import { axes } from './queries.ts'
import { AxisInput, AxisPatch } from './schema.ts'

export const axisWrites: WriteRules = {
  resource: axes,
  input: AxisInput,
  patch: AxisPatch,
  rights: { create: rights.underConvention, update: rights.underConvention, delete: rights.underConvention },
  authorize: authorizeUnderConvention,
}
