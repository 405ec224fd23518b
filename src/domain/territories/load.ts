/**
 * Loader of the official geographic code, once for each edition. All that follows from a reload happens in one
 * transaction: readers see the old edition or the new one, and rows that did not change are not written.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { inTransaction } from '../../db/transaction.ts'
import { type Label, labelsOf } from './labels.ts'
import { officialCode, officialEdition, type TerritoryRow } from './official-code.ts'

const DATASET = 'territories'
const LOCK = sql`hashtext('load territories')`

interface LoadOptions {
  force?: boolean
  log?: (message: string) => void
}

export interface TerritoryLoad {
  edition: string
  /** False when this edition was there already: then nothing was read but its name. */
  isLoaded: boolean
  /** Rows inserted or changed, and rows of an older edition that were removed. */
  written: number
  removed: number
}

/**
 * Brings the table to the edition of the installed package. Costs one small query when it is there already, unless
 * `force` is set; else `log` gets a line before it begins. Processes that start together wait for the first one and then
 * find nothing to do.
 */
export async function loadTerritories(db: Database, { force = false, log }: LoadOptions = {}): Promise<TerritoryLoad> {
  const edition = await officialEdition()
  const nothing = { edition, isLoaded: false, written: 0, removed: 0 }
  if (!force && (await loadedEdition(db)) === edition) return nothing
  log?.('loading the official geographic code: communes, EPCI, départements and regions')
  const official = await officialCode()
  return inTransaction(db, { actor: null, requestId: null, source: null }, async (trx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx)
    if (!force && (await loadedEdition(trx)) === edition) return nothing
    const changes = await replaceTerritories(trx, official.territories)
    await replaceLabels(trx, labelsOf(official))
    await sql`select gin_clean_pending_list('territory_label_words'), gin_clean_pending_list('territory_label_core')`.execute(
      trx,
    )
    // Plans must not wait until the server comes round to it by itself.
    await sql`analyze territory, territory_label`.execute(trx)
    await trx
      .insertInto('dataset')
      .values({ name: DATASET, edition })
      .onConflict((on) => on.column('name').doUpdateSet({ edition, loaded_at: sql`now()` }))
      .execute()
    return { edition, isLoaded: true, ...changes }
  })
}

async function loadedEdition(db: Database): Promise<string | undefined> {
  const dataset = await db.selectFrom('dataset').select('edition').where('name', '=', DATASET).executeTakeFirst()
  return dataset?.edition
}

async function replaceTerritories(db: Database, territories: TerritoryRow[]) {
  const { rows } = await sql<{ written: number; removed: number }>`
    with official as materialized (
      select * from jsonb_populate_recordset(null::territory, ${JSON.stringify(territories)}::jsonb)
    ), gone as (
      delete from territory t where not exists (select from official o where o.kind = t.kind and o.code = t.code)
      returning 1
    ), kept as (
      insert into territory as t select * from official
      on conflict (kind, code) do update set
        name = excluded.name, name_key = excluded.name_key, siren = excluded.siren,
        population = excluded.population, population_year = excluded.population_year,
        department_codes = excluded.department_codes, region_codes = excluded.region_codes,
        member_codes = excluded.member_codes, former_codes = excluded.former_codes
      where t is distinct from excluded
      returning 1
    )
    select (select count(*)::int from kept) as written, (select count(*)::int from gone) as removed`.execute(db)
  return rows[0] ?? { written: 0, removed: 0 }
}

async function replaceLabels(db: Database, labels: Label[]) {
  await sql`
    with official as materialized (
      select kind, code, name, is_former, key, core,
        setweight(to_tsvector('simple', key), 'A') || setweight(to_tsvector('simple', around), 'D') as words, population
      from jsonb_to_recordset(${JSON.stringify(labels)}::jsonb) label (
        kind text, code text, name text, is_former boolean, key text, core text, around text, population integer)
    ), gone as (
      delete from territory_label l
      where not exists (select from official o where o.kind = l.kind and o.code = l.code and o.name = l.name)
    )
    insert into territory_label as l (kind, code, name, is_former, key, core, words, population) select * from official
    on conflict (kind, code, name) do update set is_former = excluded.is_former, key = excluded.key, core = excluded.core,
      words = excluded.words, population = excluded.population
    where l is distinct from excluded`.execute(db)
}
