/** The rules of the tree of axes, as faults: both ways of writing axes tell them in the same words. */
import type { BodyFault } from '../../http/errors/field-errors.ts'

/** How deep the tree of axes goes, its roots included. */
export const MAX_LEVELS = 5

export const cycle = (pointer: string): BodyFault => ({
  pointer,
  code: 'cycle',
  message: 'An axis cannot be below itself.',
})

export const tooDeep = (pointer: string): BodyFault => ({
  pointer,
  code: 'too-deep',
  message: `Axes have at most ${MAX_LEVELS} levels.`,
})
