/**
 * Text search: what is found by `q`, and in which order. Candidates are bounded before they are ranked, by the words of
 * titles first, then of all texts, then by words that are only begun, at last by names with typing errors; each tier is
 * read only while the ones before have found little. Filters, and what the caller may see, are inside the bound: what is
 * hidden takes no place and changes no answer.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../../auth/caller.ts'
import { isAdmin, seenConvention } from '../../../auth/visibility.ts'
import type { Database } from '../../../db/database.ts'
import { type Condition, conjunction } from '../../../db/expressions.ts'
import { invalidParameters } from '../../../http/errors/problems.ts'
import type { PageStart } from '../../../http/output/pagination.ts'
import type { Resource } from '../../declaration/resource.ts'
import type { ResourceType } from '../../resource-types.ts'
import { idColumnsOf, type Relations } from '../include.ts'
import type { Page } from '../keyset.ts'
import { type StoredAnswer, selectAnswers } from '../stored-answers.ts'

/** The most that one tier adds, and so many are enough. */
const TIER_MAX = 500
const ENOUGH = 100
/** The part of the trigrams that were typed which is in a name, and the length within which that says something. */
const SIMILARITY = 0.5
const SIMILAR_CHARACTERS = { min: 4, max: 60 }
/** A rank from 0 to 1 becomes an integer, exact in cursors. */
const SCORE_SCALE = 1_000_000

/** What was typed, as Postgres looks for it. */
export interface TextQuery {
  /** Queries: of whole words, and with the last one also as a beginning. */
  words: string
  typed: string
  /** The words themselves, for names with typing errors. */
  plain: string
}

/** The query of what was typed; a 400 when nothing is looked for: excluded words alone would match everything. */
export async function readTextQuery(db: Database, q: string): Promise<TextQuery> {
  const { rows } = await sql<TextQuery & { is_empty: boolean }>`
    select websearch_to_tsquery('fr', tamed)::text as words, typed::text, plain(tamed) as plain,
      querytree(typed) in ('', 'T') as is_empty
    from (select tamed, ask(tamed) as typed from tame(${q}) tamed) asked`.execute(db)
  const [query] = rows
  if (query && !query.is_empty) return query
  const message = 'q has no word to look for: little words, punctuation and excluded words are none.'
  throw invalidParameters([{ parameter: 'q', code: 'no-word', message }])
}

/** What is searched. */
export interface TextScope {
  types: readonly ResourceType[]
  caller: Caller
  /** Conditions on a row `s` of `search_text`. */
  where: readonly (Condition | undefined)[]
}

export interface Candidate {
  type: ResourceType
  id: string
  /** From 0 to a million. */
  score: number
  /** A name with typing errors, of which nothing was found as it was typed. */
  isSimilar: boolean
}

/** What is found, the most relevant first, then by id; at most some 1,500. */
export async function selectCandidates(db: Database, query: TextQuery, scope: TextScope): Promise<Candidate[]> {
  const words = sql`${query.words}::tsquery`
  const typed = sql`${query.typed}::tsquery`
  const found = new Map<string, Candidate>()
  const keep = (some: Candidate[]) => {
    for (const one of some) if (!found.has(one.id)) found.set(one.id, one)
  }
  keep(await selectTier(db, scope, sql<boolean>`s.title_words @@ ${words}`, rank(words)))
  keep(await selectTier(db, scope, sql<boolean>`s.words @@ ${words}`, rank(words)))
  // A word that is only begun, or mistyped, counts where the words themselves find little.
  if (found.size < ENOUGH)
    keep(await selectTier(db, scope, sql<boolean>`s.title_words @@ ${typed}`, sql`0.5 * ${rank(typed)}`))
  if (found.size === 0) keep(await selectSimilar(db, scope, query.plain))
  return [...found.values()].sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
}

/** By weight from D to A, and the shorter text before the longer one. */
const rank = (query: RawBuilder<unknown>) => sql`ts_rank('{0.05, 0.15, 0.4, 1}', s.words, ${query}, 1)`

async function selectTier(
  db: Database,
  { types, caller, where }: TextScope,
  fits: Condition,
  score: RawBuilder<unknown>,
) {
  const { rows } = await sql<Candidate>`
    select s.type, s.id, false as "isSimilar", least(${SCORE_SCALE}, round(${SCORE_SCALE} * ${score}))::integer as score
    from (select s.* from search_text s
      where ${conjunction([fits, ofTypes(types), seen(caller), ...where])} limit ${TIER_MAX}) s`.execute(db)
  return rows
}

/** Names with typing errors. */
async function selectSimilar(db: Database, { types, caller, where }: TextScope, plain: string): Promise<Candidate[]> {
  if (plain.length < SIMILAR_CHARACTERS.min || plain.length > SIMILAR_CHARACTERS.max) return []
  const { rows } = await sql<Candidate>`
    with asked as materialized (
      -- For this statement alone: the index takes its threshold from the setting.
      select ${plain} as plain, set_config('pg_trgm.word_similarity_threshold', ${String(SIMILARITY)}, true))
    select s.type, s.id, true as "isSimilar", round(${SCORE_SCALE} * 0.1 * word_similarity(asked.plain, s.name))::integer as score
    from asked, lateral (select s.* from search_text s
      where asked.plain <% s.name and ${conjunction([ofTypes(types), seen(caller), ...where])} limit ${TIER_MAX}) s`.execute(
    db,
  )
  return rows
}

/** Of a single type the statement says which: some have indexes of their own. */
const ofTypes = (types: readonly ResourceType[]): Condition =>
  types.length === 1 ? sql<boolean>`s.type = ${sql.lit(types[0])}` : sql<boolean>`s.type = any(${types})`

/** A convention, and what is under one, is seen by those who see the convention; all else by everybody. */
function seen(caller: Caller): Condition | undefined {
  if (isAdmin(caller)) return undefined
  return sql<boolean>`(s.convention_id is null
    or exists (select from convention c where c.id = s.convention_id and ${seenConvention(caller)}))`
}

/** One page of stored answers that fit `q`, the most relevant first; `where` holds the conditions on a row `t`. */
export async function selectFoundPage(
  db: Database,
  resource: Resource,
  caller: Caller,
  { q, where, relations }: { q: string; where: readonly (Condition | undefined)[]; relations: Relations },
  { after, limit, count }: PageStart,
): Promise<Page<StoredAnswer>> {
  const query = await readTextQuery(db, q)
  const conditions = where.filter((condition) => condition !== undefined)
  const filtered = sql<boolean>`exists (select from ${sql.table(resource.table)} t where t.id = s.id and ${conjunction(conditions)})`
  const scope = { types: [resource.type], caller, where: conditions.length > 0 ? [filtered] : [] }
  const candidates = await selectCandidates(db, query, scope)
  const [score = Infinity, id = ''] = (after ?? []) as [number?, string?]
  const following = candidates.filter((one) => one.score < score || (one.score === score && one.id > id))
  const page = following.slice(0, limit)
  const ids = page.map((one) => one.id)
  const answers = await selectAnswers(db, resource, caller, ids, idColumnsOf(relations))
  const last = following.length > limit ? page.at(-1) : undefined
  return {
    data: ids.flatMap((one) => answers.get(one) ?? []),
    last: last && [last.score, last.id],
    count: count ? candidates.length : null,
  }
}
