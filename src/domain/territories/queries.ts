/** Reads of territories: one, a page of them, and those that took a former code over. */
import { type Selectable, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { type Condition, conjunction, rows } from '../../db/expressions.ts'
import type { Territory as TerritoryTable } from '../../db/tables.ts'
import type { TerritoryKind } from '../../engine/declaration/territories.ts'
import { type OrderColumn, type Page, selectKeyset } from '../../engine/read/keyset.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import type { Territory } from './schema.ts'
import { searchTerritories } from './search.ts'

export interface TerritoryKey {
  kind: TerritoryKind
  code: string
}

/** The order of lists where nothing else is asked for, and within equal keys. */
export const byCode: readonly OrderColumn[] = [
  { column: 't.kind', type: 'text' },
  { column: 't.code', type: 'text' },
]

/** A territory of today's official code; undefined when there is none. */
export async function selectTerritory(db: Database, { kind, code }: TerritoryKey): Promise<Territory | undefined> {
  const row = await selectFrom(db).where('t.kind', '=', kind).where('t.code', '=', code).executeTakeFirst()
  return row && toTerritory(row)
}

const selectFrom = (db: Database) =>
  db.selectFrom('territory as t').selectAll('t').$narrowType<{ kind: TerritoryKind }>()

/** The communes of today that had a code or took it over; empty when it is no former code. Two at most share one. */
export const selectSuccessors = (db: Database, formerCode: string): Promise<{ code: string; name: string }[]> =>
  db
    .selectFrom('territory')
    .select(['code', 'name'])
    .where('former_codes', '@>', sql<string[]>`array[${formerCode}]`)
    .orderBy('code')
    .execute()

/** One page of those under conditions on a row `t`. */
export async function selectTerritories(
  db: Database,
  where: readonly Condition[],
  order: readonly OrderColumn[],
  start: PageStart,
): Promise<Page<Territory>> {
  const keys = order.flatMap(({ key }) => (key ? [sql`${key}`.as('order_key')] : []))
  const list = selectFrom(db).select(keys).where(conjunction(where))
  const { data, ...page } = await selectKeyset(list, order as readonly OrderColumn<'t.code'>[], start)
  return { data: data.map(toTerritory), ...page }
}

/** One page of those that `q` finds, the most relevant first: it goes on after the last one of the page before. */
export async function selectFoundTerritories(
  db: Database,
  q: string,
  where: readonly Condition[],
  { after, limit, count }: PageStart,
): Promise<Page<Territory>> {
  const found = await searchTerritories(db, q, where)
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
  const isOne = keys.map(({ kind, code }) => territory.and({ 't.kind': kind, 't.code': code }))
  const found = (await selectFrom(db).where(territory.or(isOne)).execute()).map(toTerritory)
  const byKey = new Map(found.map((one) => [`${one.kind}:${one.code}`, one]))
  return keys.flatMap(({ kind, code }) => byKey.get(`${kind}:${code}`) ?? [])
}

const territory = rows<{ t: 'territory' }>()

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
