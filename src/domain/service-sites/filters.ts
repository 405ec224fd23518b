/** Filters of lists of service sites that are no equality with a field, for a row `t`. */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { visible } from '../../auth/visibility.ts'
import { type Condition, conjunction, rows } from '../../db/expressions.ts'
import { type Filters, fewOf, severalOf, sharing } from '../../engine/declaration/filters.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import { id } from '../../http/schema/schemas.ts'
import { byFunder, byOrganization } from '../organizations/filters.ts'
import { byTerritory } from '../territories/filters.ts'

export const filters: Filters = {
  conventionId: {
    schema: severalOf(id('Only those linked to this convention (French: convention).', exampleIds.convention)),
    condition: (ids: string[], { caller }) => linkedTo(ids, caller),
  },
  ...byTerritory({
    words: 'in, or with a stop in,',
    near: ({ communeCodes }) => sql<boolean>`communes_of_site(t.commune_code, t.stops) && ${communeCodes}`,
    inDepartments: (codes) => sharing('department_codes', codes),
  }),
  ...byFunder((ids) => fewOf('service_site', sharing('funder_ids', ids))),
  ...byOrganization('that this organization manages or funds', {
    isInRole: (ids) => fewOf('service_site', sql<boolean>`(t.manager_id = any(${ids}) or t.funder_ids && ${ids})`),
  }),
}

const site = rows<{ t: 'service_site' }>()

/** Linked to a convention; a draft's links show to those only who may see the draft. */
function linkedTo(conventionIds: string[], caller: Caller): Condition {
  const links = site
    .selectFrom('convention_site as t')
    .select('t.site_id')
    .where('t.convention_id', 'in', conventionIds)
    .where(conjunction([visible(caller, 'convention')]))
  return site('t.id', 'in', links)
}
