/** Search across resources and territories: candidates of both, ranked together, with the field and the excerpt that fit. */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { visible } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { conjunction } from '../db/expressions.ts'
import { type FoundTerritory, searchTerritories } from '../domain/territories/search.ts'
import { definitionOf } from '../engine/declaration/resource.ts'
import { type Candidate, readTextQuery, selectCandidates, type TextQuery } from '../engine/read/list/text.ts'
import type { ResourceType } from '../engine/resource-types.ts'
import { SCORE_MAX, type SearchResult, type SearchType } from './schema.ts'

/** Of territories: the name itself, its first words, its beginning, words in it, a similar one times its similarity. */
const tierScores: Record<number, number> = { 5: 1, 4: 0.5, 3: 0.3, 2: 0.2, 1: 0.1 }

const SIMILAR = 1

interface Asked {
  q: string
  types: readonly SearchType[]
  limit: number
}

/** What is found, the most relevant first; a 400 when nothing is looked for. */
export async function search(db: Database, caller: Caller, { q, types, limit }: Asked): Promise<SearchResult[]> {
  const query = await readTextQuery(db, q)
  const ofResources = types.filter((type) => type !== 'territory')
  const [candidates, territories] = await Promise.all([
    ofResources.length > 0 ? selectCandidates(db, query, { types: ofResources, caller, where: [] }) : [],
    types.includes('territory') ? searchTerritories(db, q) : [],
  ])
  // A similar name says nothing beside the words themselves.
  const isGuess = candidates.every(({ isSimilar }) => isSimilar)
  const fitting = territories.filter(({ tier }) => isGuess || tier > SIMILAR)
  // Half of the places are theirs: thousands of communes are called after a saint.
  const places = Math.max(Math.ceil(limit / 2), limit - candidates.length)
  const named = fitting.slice(0, places).map(territoryResult)
  const found = await selectResults(db, query, caller, candidates.slice(0, limit))
  return [...found, ...named].sort((a, b) => b.score - a.score).slice(0, limit)
}

function territoryResult({ kind, code, name, label, isFormer, tier, similarity }: FoundTerritory): SearchResult {
  const isSimilar = tier === SIMILAR
  return {
    type: 'territory',
    id: `${kind}:${code}`,
    path: `/v1/territories/${kind}/${code}`,
    title: name,
    conventionId: null,
    field: isSimilar ? null : isFormer ? 'formerName' : 'name',
    highlight: [{ text: label, matched: !isSimilar }],
    score: Math.round(SCORE_MAX * (tierScores[tier] ?? 0) * similarity),
  }
}

interface Row {
  type: ResourceType
  id: string
  convention_id: string | null
  title: string
  field: string | null
  excerpt: string | null
}

/** The results of candidates, in their order; what was deleted or hidden meanwhile is left out. */
async function selectResults(
  db: Database,
  query: TextQuery,
  caller: Caller,
  candidates: Candidate[],
): Promise<SearchResult[]> {
  if (candidates.length === 0) return []
  const byType = Object.entries(Object.groupBy(candidates, ({ type }) => type))
  const bodies = byType.map(([type, ofType = []]) => {
    const ids = ofType.map(({ id }) => id)
    const { table, visibility } = definitionOf(type as ResourceType)
    const where = conjunction([sql<boolean>`t.id = any(${ids}::uuid[])`, visible(caller, visibility)])
    return sql`select ${type}::text as type, t.id, to_jsonb(t) as body from ${sql.table(table)} t where ${where}`
  })
  const { rows } = await sql<Row>`
    select r.type, r.id, r.body ->> 'convention_id' as convention_id, h.title, h.field, h.excerpt
    from (${sql.join(bodies, sql` union all `)}) r,
      highlighted(r.type, r.body, ${query.words}::tsquery, ${query.typed}::tsquery) h`.execute(db)
  const byId = new Map(rows.map((row) => [row.id, row]))
  return candidates.flatMap(({ id, score }) => {
    const row = byId.get(id)
    return row ? [resultOf(row, score)] : []
  })
}

const resultOf = (
  { type, id, convention_id: conventionId, title, field, excerpt }: Row,
  score: number,
): SearchResult => ({
  type: type as SearchType,
  id,
  path: `/v1${definitionOf(type).path}/${id}`,
  title,
  conventionId,
  field,
  highlight: excerpt === null ? [{ text: title, matched: false }] : partsOf(excerpt),
  score,
})

/** What was looked for stands between the characters 1 and 2. */
const partsOf = (excerpt: string) =>
  excerpt.split('\u0001').flatMap((piece, i) => {
    const [matched = '', other = ''] = i === 0 ? ['', piece] : piece.split('\u0002')
    return [
      { text: matched, matched: true },
      { text: other, matched: false },
    ].filter(({ text }) => text !== '')
  })
