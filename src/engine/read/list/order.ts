/** Order of a list: by `sort`, else as `ids` are listed, else as the resource declares it. */
import { sql } from 'kysely'
import type { SortKey, SortKeys } from '../../declaration/orders.ts'
import type { Resource } from '../../declaration/resource.ts'
import type { OrderColumn } from '../keyset.ts'
import { byId } from '../queries.ts'
import type { FilterValues } from './filters.ts'

/** The order that a request asks for; `declared` when it asks for none. */
export function orderOf(
  { sortKeys }: Resource,
  { sort, ids }: FilterValues,
  declared: readonly OrderColumn[],
): readonly OrderColumn[] {
  if (sort !== undefined) return sortedBy(sortKeys, sort, byId)
  return ids ? byKey({ key: sql`array_position(${ids}::uuid[], t.id)`, type: 'integer' }, byId) : declared
}

/** The order that `sort` names; `unique` tells rows with the same key apart. */
export function sortedBy(sortKeys: SortKeys, sort: string, unique: readonly OrderColumn[]): OrderColumn[] {
  const isDescending = sort.startsWith('-')
  const sortKey = sortKeys[isDescending ? sort.slice(1) : sort] as SortKey
  return byKey(sortKey, unique).map((column) => ({ ...column, isDescending }))
}

/** By a key, which rows have as `order_key`. */
export const byKey = ({ key, type }: SortKey, unique: readonly OrderColumn[]): OrderColumn[] => [
  { column: 't.order_key', key, type },
  ...unique,
]
