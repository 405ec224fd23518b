/**
 * Territory look-ups of a write: one query for all of them. A territory that is not of today's official code is missing
 * from the result.
 */
import { sql } from 'kysely'
import type { Database } from '../../../db/database.ts'
import { keyOf, type TerritoryRead } from '../../declaration/territories.ts'

type TerritoryKey = Pick<TerritoryRead, 'kind' | 'code'>

/** The names of today by `kind:code`; territories that do not exist are missing. */
export async function territoryNames(db: Database, references: TerritoryKey[]): Promise<Map<string, string>> {
  if (references.length === 0) return new Map()
  const { rows } = await sql<{ key: string; name: string }>`
    select kind || ':' || code as key, name from territory join ${keysTable(references)} using (kind, code)`.execute(db)
  return new Map(rows.map(({ key, name }) => [key, name]))
}

/**
 * The départements in which territories lie, by `kind:code`: of a commune by its code alone, so that a former one
 * counts too; a département is its own; those of EPCI and regions are looked up, unknown ones have none.
 */
export async function departmentsOf(db: Database, references: TerritoryKey[]): Promise<Map<string, string[]>> {
  const isLookedUp = ({ kind }: TerritoryKey) => kind === 'epci' || kind === 'region'
  const known = references.filter((one) => !isLookedUp(one))
  const departments = new Map(known.map(({ kind, code }) => [keyOf({ kind, code }), [departmentOfCode(code)]]))
  const open = references.filter(isLookedUp)
  if (open.length === 0) return departments
  const { rows } = await sql<{ key: string; codes: string[] }>`
    select kind || ':' || code as key, department_codes as codes from territory join ${keysTable(open)} using (kind, code)`.execute(
    db,
  )
  for (const { key, codes } of rows) departments.set(key, codes)
  return departments
}

/** The département of the code of a commune or département: three characters overseas, two elsewhere. */
const departmentOfCode = (code: string): string => code.slice(0, /^9[78]/.test(code) ? 3 : 2)

const keysTable = (references: TerritoryKey[]) => sql`
  unnest(${references.map(({ kind }) => kind)}::text[], ${references.map(({ code }) => code)}::text[]) as wanted (kind, code)`
