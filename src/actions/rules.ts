/** The rules of an action by itself, beyond its schema. */
import type { BodyFault } from '../http/faults.ts'
import { distinctBy, endsAfterStart, fundingRules, territoryRules } from '../resource/rules.ts'
import type { Action } from './schema.ts'

export function actionRules(action: Action): BodyFault[] {
  return [
    ...endsAfterStart(action, 'startsOn', 'endsOn'),
    ...territoryRules(action.territories),
    ...fundingRules(action.funding),
    ...distinctBy(action.indicators, '/indicators', '/key', (indicator) => indicator?.key),
  ]
}
