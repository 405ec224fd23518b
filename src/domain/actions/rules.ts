/** The rules of an action by itself, beyond its schema. */
import { distinctBy, endsAfterStart, fundingRules, territoryRules } from '../../engine/rules.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { Action } from './schema.ts'

export function actionRules(action: Action): BodyFault[] {
  return [
    ...endsAfterStart(action, 'startsOn', 'endsOn'),
    ...territoryRules(action.territories),
    ...fundingRules(action.funding),
    ...distinctBy(action.indicators, '/indicators', '/key', (indicator) => indicator?.key),
  ]
}
