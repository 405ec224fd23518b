/** The rules of a service site by itself, beyond its schema. */
import { endsAfterStart, fundingRules, placeRules } from '../../engine/rules.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { ServiceSite } from './schema.ts'

export function serviceSiteRules(site: ServiceSite): BodyFault[] {
  return [
    ...endsAfterStart(site, 'openedOn', 'closedOn'),
    ...placeRules(site),
    ...fundingRules(site.funding),
    ...site.stops.flatMap((stop, i) => [
      ...endsAfterStart(stop, 'startsOn', 'endsOn', `/stops/${i}`),
      ...placeRules(stop, `/stops/${i}`),
    ]),
  ]
}
