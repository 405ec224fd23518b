/**
 * Short entries of organizations, which have a SIREN or a territory alone: kind, name and SIREN come from the official
 * geographic code, or from the organization of the registry that has the SIREN.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { readTerritory, type TerritoryInput } from '../../engine/declaration/territories.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import type { Item } from '../document/items.ts'

/** What a document must say of an organization that the registry cannot find out. */
const REQUIRED = ['kind', 'name'] as const

/** The entries with what they leave out, as far as it is known, and the fields that they did not say. */
export async function withOfficialNames(
  db: Database,
  items: readonly Item[],
): Promise<{ item: Item; unsent: readonly string[] }[]> {
  const known = await selectKnown(db, items.filter(isShort))
  return items.map((item) => {
    const found = known.get(item.key)
    // A body that works in a commune is not the commune.
    if (!found || (item.input.kind && item.input.kind !== found.kind)) return { item, unsent: [] }
    const unsent = Object.keys(found).filter((field) => !item.input[field])
    const filled = Object.fromEntries(unsent.map((field) => [field, found[field as keyof Known]]))
    return { item: { ...item, input: { ...item.input, ...filled } }, unsent }
  })
}

/** What is missing where neither the document nor the registry knows it, and nothing is said of it already. */
export const missingNames = (items: readonly Item[], said: readonly BodyError[]): BodyError[] =>
  items.flatMap(({ input, pointer }) =>
    REQUIRED.flatMap((field): BodyError[] => {
      const at = `${pointer}/${field}`
      if (input[field] || said.some((error) => error.pointer === at || error.pointer === pointer)) return []
      const message = `${field} is required: neither the official code nor the registry knows this organization.`
      return [{ pointer: at, code: 'required', message }]
    }),
  )

const isShort = ({ input }: Item) => REQUIRED.some((field) => !input[field]) && Boolean(input.siren ?? input.territory)

interface Known {
  kind: string
  name: string
  siren: string | null
  territory: unknown
}

async function selectKnown(db: Database, items: readonly Item[]): Promise<Map<string, Known>> {
  if (items.length === 0) return new Map()
  const entries = items.map(({ key, input: { siren = null, territory } }) => {
    const { kind, code } = territory ? readTerritory(territory as TerritoryInput) : { kind: null, code: null }
    return { key, siren, kind, code }
  })
  const { rows } = await sql<Known & { key: string }>`
    select e.key, coalesce(o.kind, t.kind) as kind, coalesce(o.name, t.name) as name, coalesce(o.siren, t.siren) as siren,
      case when o.id is null then jsonb_build_object('kind', t.kind, 'code', t.code, 'name', t.name) else o.territory end as territory
    from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) e (key text, siren text, kind text, code text)
      left join organization o on o.siren = e.siren
      left join territory t on case when e.siren is null then (t.kind, t.code) = (e.kind, e.code) else t.siren = e.siren end
    where o.id is not null or t.code is not null`.execute(db)
  return new Map(rows.map(({ key, ...known }) => [key, known]))
}
