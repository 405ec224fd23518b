/**
 * Places: what codes of territories mean for what lies somewhere. Codes of today and former ones are looked up in one
 * statement, however many they are.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { seenConvention } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { TerritoryKind } from '../../engine/declaration/territories.ts'
import { nearest } from '../../http/errors/nearest.ts'

/** What communes or EPCI cover. */
export interface Place {
  /** The communes that are it or in it, today and by their former codes. */
  communeCodes: string[]
  /** `kind:code` of all territories that it contains, meets or lies in. */
  keys: string[]
  /** Those of the codes that the official code has, today or as former ones. */
  knownCodes: string[]
}

/** The rows `place` of today's communes that codes mean: themselves, or those that took over a former one. */
export const communesOf = (codes: readonly string[]): RawBuilder<unknown> => sql`
  select asked.code as asked, t.* from unnest(${codes}::text[]) asked (code)
    join territory t on t.kind = 'commune' and (t.code = asked.code or t.former_codes @> array[asked.code])`

const epciOf = (codes: readonly string[]): RawBuilder<unknown> => sql`
  select t.code as asked, t.* from territory t where t.kind = 'epci' and t.code = any(${codes})`

/** How a place is read: its rows, the rows of its communes, and the EPCI that it is or lies in. */
const kinds = {
  commune: {
    rows: communesOf,
    communes: sql`select code, former_codes from place`,
    epci: sql`select e.code from place p join territory e on e.kind = 'epci'
      and e.department_codes && p.department_codes and e.member_codes @> array[p.code]`,
  },
  epci: {
    rows: epciOf,
    communes: sql`select m.code, m.former_codes from place p join territory m on m.kind = 'commune' and m.code = any(p.member_codes)`,
    epci: sql`select code from place`,
  },
} as const

/** The place of communes, or of EPCI, by their codes. */
export async function selectPlace(db: Database, kind: keyof typeof kinds, codes: readonly string[]): Promise<Place> {
  const { rows, communes, epci } = kinds[kind]
  const { rows: found } = await sql<{ known: string[]; communes: string[]; around: string[] }>`
    with place as materialized (${rows(codes)}), commune as materialized (${communes})
    select array(select distinct asked from place) as known,
      array(select code from commune union select unnest(former_codes) from commune) as communes,
      array(select 'epci:' || code from (${epci}) e
        union select 'departement:' || unnest(department_codes) from place
        union select 'region:' || unnest(region_codes) from place) as around`.execute(db)
  const { known = [], communes: codesIn = [], around = [] } = found[0] ?? {}
  // What is written may name a territory that is no longer in the official code.
  const communeCodes = kind === 'commune' ? [...new Set([...codesIn, ...codes])] : codesIn
  const own = kind === 'epci' ? codes.map((code) => `epci:${code}`) : []
  return {
    communeCodes,
    keys: [...new Set([...communeCodes.map((code) => `commune:${code}`), ...around, ...own])],
    knownCodes: known,
  }
}

/** The départements of regions, and those of the codes that are regions. */
export async function selectRegions(db: Database, codes: readonly string[]) {
  const { rows } = await sql<{ code: string; department_codes: string[] }>`
    select code, department_codes from territory where kind = 'region' and code = any(${codes})`.execute(db)
  return {
    departmentCodes: rows.flatMap((row) => row.department_codes),
    knownCodes: rows.map(({ code }) => code),
  }
}

/** Those of the codes that are of this kind in the official code, or that something in the caller's sight names as dissolved. */
export async function selectKnown(
  db: Database,
  caller: Caller,
  kind: TerritoryKind,
  codes: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ code: string }>`
    select asked.code from unnest(${codes}::text[]) asked (code)
    where exists (select from territory t where t.kind = ${kind} and t.code = asked.code)
      or exists (select from organization o where o.territory_key = ${`${kind}:`} || asked.code)
      or exists (select from convention c where c.territory_keys @> array[${`${kind}:`} || asked.code] and ${seenConvention(caller)})`.execute(
    db,
  )
  return rows.map(({ code }) => code)
}

/** Territories of a kind with codes like this one, each as `Rai (61342)`. */
export async function selectNear(db: Database, kind: TerritoryKind, code: string): Promise<string[]> {
  // A mistyped commune is looked for in its département: there are 35,000.
  const within = kind === 'commune' ? code.slice(0, 2) : ''
  const { rows } = await sql<{ code: string; name: string }>`
    select code, name from territory where kind = ${kind} and code like ${`${within}%`} order by code`.execute(db)
  const names = new Map(rows.map((row) => [row.code, `${row.name} (${row.code})`]))
  return nearest(code, [...names.keys()]).flatMap((one) => names.get(one) ?? [])
}
