/**
 * Search of territories by name. Whole words come first: the name itself, then those that begin with what was typed,
 * then those that contain it; only if there are none, similar names, in which letters are wrong, missing or swapped.
 * Accents, case, hyphens, apostrophes, articles, and St for Saint make no difference. Former communes are found as the
 * commune of today.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { type Condition, conjunction } from '../../db/expressions.ts'
import type { TerritoryKind } from '../../engine/declaration/territories.ts'
import { labelCore, labelKey, labelQuery } from './labels.ts'

/** The most names that are ranked. */
const RANKED_MAX = 400
const SIMILAR_MAX = 100
/** Of the trigrams that were typed so many are in a similar name; in the end it is as similar as this. */
const SIMILARITY = 0.35
const SIMILARITY_MIN = 0.45
/** What is shorter is similar to everything, what is longer no name. */
const SIMILAR_CHARACTERS = { min: 3, max: 80 }

export interface FoundTerritory {
  kind: TerritoryKind
  code: string
  name: string
  /** The name that fits, which may be that of a former commune. */
  label: string
  isFormer: boolean
  /** 5 for the name itself, 4 for its first words, 3 for its beginning, 2 for words in it, 1 for a similar one. */
  tier: number
  /** From 0 to 1; 1 unless it is a similar one. */
  similarity: number
  population: number
}

/** The territories under conditions on a row `t` that have such a name, the best first. Each is there once. */
export async function searchTerritories(
  db: Database,
  typed: string,
  conditions: readonly Condition[] = [],
): Promise<FoundTerritory[]> {
  const key = labelKey(typed)
  const core = labelCore(key)
  if (key === '') return []
  const named = await selectNamed(db, key, conditions)
  const mayBeWrong = core.length >= SIMILAR_CHARACTERS.min && key.length <= SIMILAR_CHARACTERS.max
  return named.length > 0 || !mayBeWrong ? named : selectSimilar(db, key, core, conditions)
}

/** Bounded before each territory is taken once: `s` alone begins thousands of names. */
async function selectNamed(db: Database, key: string, conditions: readonly Condition[]) {
  const { rows } = await sql<FoundTerritory>`
    select named.*, ${ownName} from (
      select distinct on (kind, code) * from (
        select l.kind, l.code, l.name as label, l.is_former as "isFormer", 1::real as similarity, l.population,
          case when l.key = ${key} then 5 when starts_with(l.key, ${`${key} `}) then 4
            when starts_with(l.key, ${key}) then 3 else 2 end as tier
        from territory_label l
        where l.words @@ ${labelQuery(key)}::tsquery and ${within(conditions)}
        order by tier desc, l.is_former, l.population desc, l.code limit ${RANKED_MAX}) named
      order by kind, code, tier desc, "isFormer", label) named
    order by ${relevance}`.execute(db)
  return rows
}

/** By trigrams, of which swapped letters leave few, and by the edits from one to the other. */
async function selectSimilar(db: Database, key: string, core: string, conditions: readonly Condition[]) {
  const { rows } = await sql<FoundTerritory>`
    with asked as materialized (
      -- For this statement alone: the index takes its threshold from the setting.
      select ${key} as key, ${core} as core, set_config('pg_trgm.word_similarity_threshold', ${String(SIMILARITY)}, true)),
    nearest as (
      select asked.key as asked_key, asked.core as asked_core, near.*
      from asked, lateral (
        select l.*, greatest(similarity(l.core, asked.core), 0.8 * word_similarity(asked.core, l.core))::real as nearness
        from territory_label l
        where asked.core <% l.core and ${within(conditions)}
        order by nearness desc limit ${SIMILAR_MAX}) near)
    select named.*, ${ownName} from (
      select distinct on (kind, code) kind, code, name as label, is_former as "isFormer", 1 as tier, population,
        ((greatest(nearness, 1 - levenshtein(left(core, 80), asked_core)::real / greatest(length(core), length(asked_core)))
          + 1 - levenshtein(left(key, 80), asked_key)::real / greatest(length(key), length(asked_key))) / 2)::real as similarity
      from nearest order by kind, code, similarity desc, is_former, label) named
    where similarity >= ${SIMILARITY_MIN} order by ${relevance}`.execute(db)
  return rows
}

const ownName = sql`(select t.name from territory t where t.kind = named.kind and t.code = named.code) as name`

/** Of equal similarity, to a tenth, the largest first; of communes and their EPCI, where the name fits, the commune. */
const relevance = sql`tier desc, (similarity * 10)::int desc, "isFormer", (tier > 2 and kind = 'epci'), population desc,
  array_position(array['commune', 'epci', 'departement', 'region'], kind), code`

/** The label `l` is of a `territory` under all of the conditions. */
function within(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return sql<boolean>`true`
  return sql<boolean>`exists (
    select from territory t where t.kind = l.kind and t.code = l.code and ${conjunction(conditions)})`
}
