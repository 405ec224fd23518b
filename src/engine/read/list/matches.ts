/** Matches: a page of a list in the order of a lookup, each body with what it says of the match. */
import type { PageStart } from '../../../http/output/pagination.ts'
import type { LookupContext, LookupQueries } from '../../declaration/lookup.ts'
import type { Resource } from '../../declaration/resource.ts'
import type { Page } from '../keyset.ts'
import { type StoredAnswer, selectAnswers } from '../stored-answers.ts'

/** One page of stored answers with `match` as their last member; what has gone meanwhile is left out. */
export async function selectMatches(
  lookup: Pick<LookupQueries, 'select'>,
  context: LookupContext,
  resource: Resource,
  columns: readonly string[],
  start: PageStart,
): Promise<Page<StoredAnswer>> {
  const { data, ...page } = await lookup.select(context, start)
  const ids = data.map(({ id }) => id)
  const answers = await selectAnswers(context.db, resource, context.caller, ids, columns)
  const rows = data.flatMap(({ id, match }): StoredAnswer[] => {
    const row = answers.get(id)
    const text = JSON.stringify(match)
    return row ? [{ ...row, answer: `${row.answer.slice(0, -1)},"match":${text}}`, match: text }] : []
  })
  return { ...page, data: rows }
}
