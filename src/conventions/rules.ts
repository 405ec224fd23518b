/** The rules of a convention by itself, beyond its schema. */
import type { BodyFault } from '../http/faults.ts'
import { endsAfterStart, territoryRules } from '../resource/rules.ts'
import type { Convention } from './schema.ts'

export function conventionRules(convention: Convention): BodyFault[] {
  return [...endsAfterStart(convention, 'startsOn', 'endsOn'), ...territoryRules(convention.territories)]
}
