/** Reads of territories: one, a page of them, and those that took a former code over. */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { type Condition, type Keyset, type OrderColumn, type Page, selectKeyset } from '../../engine/read/keyset.ts'
import type { TerritoryKind } from '../../engine/territories.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import { labelWords } from './labels.ts'
import { nameKey, prefixRange } from './names.ts'
import type { TerritoryRow } from './official-code.ts'
import type { Territory } from './schema.ts'

/** The order of lists; also what a cursor holds of the last territory of a page. */
export interface TerritoryKey {
  kind: TerritoryKind
  code: string
}

const byCode: readonly OrderColumn[] = [
  { column: 'kind', type: 'text' },
  { column: 'code', type: 'text' },
]

export interface TerritoryListFilter {
  name?: string
  kind?: TerritoryKind
  departmentCode?: string
}

/** A territory of today's official code; undefined when there is none. */
export async function selectTerritory(db: Database, { kind, code }: TerritoryKey): Promise<Territory | undefined> {
  const { rows } = await sql<TerritoryRow>`select * from territory where kind = ${kind} and code = ${code}`.execute(db)
  return rows[0] && toTerritory(rows[0])
}

/** The communes of today that had a code or took it over; empty when it is no former code. Two at most share one. */
export async function selectSuccessors(db: Database, formerCode: string): Promise<{ code: string; name: string }[]> {
  const { rows } = await sql<{ code: string; name: string }>`
    select code, name from territory where former_codes @> array[${formerCode}] order by code`.execute(db)
  return rows
}

/** One page in the order of kind and code. */
export async function selectTerritories(
  db: Database,
  filter: TerritoryListFilter,
  start: PageStart,
): Promise<Page<Territory>> {
  const list: Keyset = {
    select: sql`select * from territory`,
    where: conditionsOf(filter),
    order: byCode,
    counted: { from: sql`territory` },
  }
  const { data, ...page } = await selectKeyset<TerritoryRow>(db, list, start)
  return { data: data.map(toTerritory), ...page }
}

function conditionsOf({ name, kind, departmentCode }: TerritoryListFilter): (Condition | undefined)[] {
  return [
    name === undefined ? undefined : named(name),
    kind === undefined ? undefined : sql<boolean>`kind = ${kind}`,
    departmentCode === undefined ? undefined : sql<boolean>`department_codes @> array[${departmentCode}]`,
  ]
}

/** The name begins so as it is written, or without its article. */
function named(prefix: string): Condition {
  const key = nameKey(prefix)
  // Nothing is called by punctuation alone, while every key begins with an empty one.
  if (key === '') return sql<boolean>`false`
  const written = prefixRange(key)
  const label = prefixRange(labelWords(prefix))
  return sql<boolean>`(name_key >= ${written.from} and name_key < ${written.before} or (kind, code) in (
    select kind, code from territory_label where key >= ${label.from} and key < ${label.before} and not is_former))`
}

const toTerritory = (row: TerritoryRow): Territory => ({
  kind: row.kind,
  code: row.code,
  name: row.name,
  siren: row.siren,
  population: row.population,
  populationYear: row.population_year,
  departmentCodes: row.department_codes,
  regionCodes: row.region_codes,
  memberCodes: row.member_codes,
  formerCodes: row.former_codes,
})
