/** Filters of lists of signatories that are no equality with a field, for a row `t`. */
import { sql } from 'kysely'
import { boundOn } from '../../engine/authorize.ts'
import type { Filters } from '../../engine/declaration/filters.ts'
import { date } from '../../http/schema/schemas.ts'
import { byOrganization } from '../organizations/filters.ts'
import { byPerimeter } from '../territories/filters.ts'

export const filters: Filters = {
  ...byOrganization('in which this organization is bound', {
    isInRole: (ids) => sql<boolean>`t.organization_id = any(${ids})`,
  }),
  validOn: {
    schema: date('Only those bound on this day (French: engagés le).', '2020-06-01'),
    condition: (day: string) => boundOn(day),
  },
  ...byPerimeter,
}
