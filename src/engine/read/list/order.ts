/** Order of a list: by relevance with `q`, by `sort`, else as `ids` are listed, else as the resource declares it. */
import { type RawBuilder, sql } from 'kysely'
import type { Resource } from '../../declaration/resource.ts'
import type { OrderColumn } from '../keyset.ts'
import { byId } from '../queries.ts'
import type { FilterValues } from './filters.ts'

/** The order that a request asks for; `declared` when it asks for none. */
export function orderOf(
  { sortKeys }: Resource,
  { q, sort, ids }: FilterValues,
  declared: readonly OrderColumn[],
): readonly OrderColumn[] {
  const by = (key: RawBuilder<unknown>, type: OrderColumn['type'], isDescending = false) =>
    [{ column: 't.order_key', key, type }, ...byId].map((column) => ({ ...column, isDescending }))
  if (q !== undefined) return byRelevance
  if (sort !== undefined) {
    const isDescending = sort.startsWith('-')
    const { key, type } = sortKeys[isDescending ? sort.slice(1) : sort] as (typeof sortKeys)[string]
    return by(key, type, isDescending)
  }
  return ids ? by(sql`array_position(${ids}::uuid[], t.id)`, 'integer') : declared
}

/** Of what is found by `q`: how relevant it is. */
const byRelevance: readonly OrderColumn[] = [{ column: 't.score', type: 'integer' }, ...byId]
