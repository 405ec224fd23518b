/** Filters of lists of axes that are no equality with a field, for a row `t`. */
import { sql } from 'kysely'
import { type Filters, severalOf } from '../../engine/declaration/filters.ts'
import { byPerimeter } from '../territories/filters.ts'
import { axisParameter, subtreeOf } from './rules.ts'

export const filters: Filters = {
  axisId: {
    schema: severalOf(axisParameter('Only this axis and those below it (French: axe).')),
    condition: (ids: string[]) => sql<boolean>`t.id in (${subtreeOf(ids)})`,
  },
  ...byPerimeter,
}
