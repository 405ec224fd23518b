/** The rules of a convention by itself, beyond its schema. */
import { endsAfterStart, territoryRules } from '../../engine/rules.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { Convention } from './schema.ts'

export function conventionRules(convention: Convention): BodyFault[] {
  return [...endsAfterStart(convention, 'startsOn', 'endsOn'), ...territoryRules(convention.territories)]
}
