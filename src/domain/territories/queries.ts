/** Reads of territories: one, a page of them, and those that took a former code over. */
import { type Selectable, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { type Condition, conjunction, rows } from '../../db/expressions.ts'
import type { Territory as TerritoryTable } from '../../db/tables.ts'
import type { TerritoryKind } from '../../engine/declaration/territories.ts'
import { type Page, selectKeyset } from '../../engine/read/keyset.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import { labelWords } from './labels.ts'
import { nameKey, prefixRange } from './names.ts'
import type { Territory } from './schema.ts'
import { searchTerritories } from './search.ts'

/** The order of lists; also what a cursor holds of the last territory of a page. */
export interface TerritoryKey {
  kind: TerritoryKind
  code: string
}

const byCode = [
  { column: 'territory.kind', type: 'text' },
  { column: 'territory.code', type: 'text' },
] as const

export interface TerritoryListFilter {
  name?: string
  kind?: TerritoryKind
  departmentCode?: string
}

/** A territory of today's official code; undefined when there is none. */
export async function selectTerritory(db: Database, { kind, code }: TerritoryKey): Promise<Territory | undefined> {
  const row = await selectFrom(db).where('kind', '=', kind).where('code', '=', code).executeTakeFirst()
  return row && toTerritory(row)
}

const selectFrom = (db: Database) => db.selectFrom('territory').selectAll().$narrowType<{ kind: TerritoryKind }>()

/** The communes of today that had a code or took it over; empty when it is no former code. Two at most share one. */
export const selectSuccessors = (db: Database, formerCode: string): Promise<{ code: string; name: string }[]> =>
  db
    .selectFrom('territory')
    .select(['code', 'name'])
    .where('former_codes', '@>', sql<string[]>`array[${formerCode}]`)
    .orderBy('code')
    .execute()

/** One page in the order of kind and code. */
export async function selectTerritories(
  db: Database,
  filter: TerritoryListFilter,
  start: PageStart,
): Promise<Page<Territory>> {
  const { data, ...page } = await selectKeyset(selectFrom(db).where(conjunction(conditionsOf(filter))), byCode, start)
  return { data: data.map(toTerritory), ...page }
}

/** One page of those that `q` finds, the most relevant first: it goes on after the last one of the page before. */
export async function selectFoundTerritories(
  db: Database,
  q: string,
  filter: TerritoryListFilter,
  { after, limit, count }: PageStart,
): Promise<Page<Territory>> {
  const found = await searchTerritories(db, q, conditionsOf(filter))
  const [kind, code] = after ?? []
  const following = found.slice(found.findIndex((one) => one.kind === kind && one.code === code) + 1)
  const page = following.slice(0, limit)
  const last = following.length > limit ? page.at(-1) : undefined
  return {
    data: await selectInOrder(db, page),
    last: last && [last.kind, last.code],
    count: count ? found.length : null,
  }
}

async function selectInOrder(db: Database, keys: readonly TerritoryKey[]): Promise<Territory[]> {
  if (keys.length === 0) return []
  const isOne = keys.map(({ kind, code }) => territory.and({ kind, code }))
  const found = (await selectFrom(db).where(territory.or(isOne)).execute()).map(toTerritory)
  const byKey = new Map(found.map((one) => [`${one.kind}:${one.code}`, one]))
  return keys.flatMap(({ kind, code }) => byKey.get(`${kind}:${code}`) ?? [])
}

const territory = rows<{ territory: 'territory' }>()

function conditionsOf({ name, kind, departmentCode }: TerritoryListFilter): (Condition | undefined)[] {
  return [
    name === undefined ? undefined : named(name),
    kind === undefined ? undefined : territory('kind', '=', kind),
    departmentCode === undefined
      ? undefined
      : territory('department_codes', '@>', sql<string[]>`array[${departmentCode}]`),
  ]
}

/** The name begins so as it is written, or without its article. */
function named(prefix: string): Condition {
  const key = nameKey(prefix)
  // Nothing is called by punctuation alone, while every key begins with an empty one.
  if (key === '') return territory.lit(false)
  const written = prefixRange(key)
  const label = prefixRange(labelWords(prefix))
  const labelled = territory
    .selectFrom('territory_label as l')
    .select(['l.kind', 'l.code'])
    .where('l.key', '>=', label.from)
    .where('l.key', '<', label.before)
    .where('l.is_former', '=', false)
  return territory.or([
    territory.and([territory('name_key', '>=', written.from), territory('name_key', '<', written.before)]),
    territory(territory.refTuple('kind', 'code'), 'in', labelled.$asTuple('kind', 'code')),
  ])
}

const toTerritory = (row: Selectable<TerritoryTable> & { kind: TerritoryKind }): Territory => ({
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
