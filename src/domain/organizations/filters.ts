/** Filters of lists of organizations that are no equality with a field, for a row `t`. */
import { among } from '../../engine/declaration/filters.ts'
import { byTerritory, inPerimeter } from '../territories/filters.ts'

export const filters = byTerritory(
  inPerimeter('whose territory contains or meets', (keys) => among('territory_key', keys)),
)
