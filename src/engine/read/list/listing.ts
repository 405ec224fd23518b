/**
 * Listing: how a request reads a list. What `q` finds comes by relevance, what a lookup ranks in its own order, all else by
 * `sort`, else as `ids` are listed, else as the resource declares it.
 */
import type { PageStart } from '../../../http/output/pagination.ts'
import type { LookupContext, OpenLookup } from '../../declaration/lookup.ts'
import type { Resource } from '../../declaration/resource.ts'
import { idColumnsOf, type Relations } from '../include.ts'
import type { OrderColumn, Page } from '../keyset.ts'
import { byId, selectPage } from '../queries.ts'
import type { StoredAnswer } from '../stored-answers.ts'
import type { FilterValues } from './filters.ts'
import { selectMatches } from './matches.ts'
import { orderOf } from './order.ts'
import { selectFoundPage } from './text.ts'

export interface Listing {
  order: readonly OrderColumn[]
  /** Whether each item says what matched, which changes with the clock. */
  isRanked: boolean
  /** One page of stored answers, with the columns of relations. */
  select(context: LookupContext, relations: Relations, start: PageStart): Promise<Page<StoredAnswer>>
}

/** The listing that a request asks for, in the declared order when it asks for none. */
export function listingOf(
  resource: Resource,
  filter: FilterValues,
  { declared, lookup }: { declared: readonly OrderColumn[]; lookup?: OpenLookup | undefined },
): Listing {
  const { q } = filter
  if (q === undefined && lookup?.isRanked(filter))
    return {
      order: lookup.order,
      isRanked: true,
      select: (context, relations, start) => selectMatches(lookup, context, resource, idColumnsOf(relations), start),
    }
  const order = q === undefined ? orderOf(resource, filter, declared) : byRelevance
  return {
    order,
    isRanked: false,
    async select(context, relations, start) {
      const { db, caller } = context
      const where = [...context.where, ...((await lookup?.conditions(context)) ?? [])]
      return q === undefined
        ? selectPage(db, resource, caller, { where, order, relations }, start)
        : selectFoundPage(db, resource, caller, { q, where, relations }, start)
    },
  }
}

const byRelevance: readonly OrderColumn[] = [{ column: 't.score', type: 'integer' }, ...byId]
