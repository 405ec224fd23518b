/**
 * Communes of today: a document that names one by a former code, or by an arrondissement, means the commune that it is
 * part of now. A territory that comes with its name stays as it was written.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Fields } from '../../engine/change-set.ts'
import type { Item } from '../document/items.ts'
import type { Warning } from '../document/schema.ts'

/** What became of a former code. */
interface Commune {
  code: string
  name: string
}

/** The items with the communes of today, and a warning for each that was named otherwise. */
export async function withTodaysCommunes(
  db: Database,
  items: readonly Item[],
): Promise<{ items: Item[]; warnings: Warning[] }> {
  const codes = new Set<string>()
  for (const item of items)
    rewritten(item, (code) => {
      codes.add(code)
      return undefined
    })
  const communes = await selectTodays(db, [...codes])
  const warnings: Warning[] = []
  if (communes.size === 0) return { items: [...items], warnings }
  const today = items.map((item) => ({
    ...item,
    input: rewritten(item, (code, at) => {
      const commune = communes.get(code)
      if (!commune) return undefined
      const message = `${code} is today part of the commune ${commune.code} ${commune.name}, which is stored`
      warnings.push({ pointer: item.pointer + at, code: 'former-commune', message })
      return commune.code
    }),
  }))
  return { items: today, warnings }
}

async function selectTodays(db: Database, codes: string[]): Promise<Map<string, Commune>> {
  if (codes.length === 0) return new Map()
  const { rows } = await sql<Commune & { former: string }>`
    select f.code as former, t.code, t.name from unnest(${codes}::text[]) f (code)
      join territory t on t.kind = 'commune' and t.former_codes @> array[f.code]
    where not exists (select from territory c where c.kind = 'commune' and c.code = f.code)`.execute(db)
  return new Map(rows.map(({ former, ...commune }) => [former, commune]))
}

/** Gives the code of the commune of today for one that the document names; undefined where it stays. */
type Rewrite = (code: string, pointer: string) => string | undefined

function rewritten({ input }: Item, rewrite: Rewrite): Fields {
  const { territories, territory, communeCode, stops } = input
  const isCode = (value: unknown): value is string => typeof value === 'string'
  const inStop = (stop: Fields | null, i: number) =>
    isCode(stop?.communeCode)
      ? { ...stop, communeCode: rewrite(stop.communeCode, `/stops/${i}/communeCode`) ?? stop.communeCode }
      : stop
  return {
    ...input,
    ...(Array.isArray(territories) && { territories: inPerimeter(territories, rewrite) }),
    ...(territory !== undefined && { territory: inTerritory(territory, '/territory', rewrite) }),
    ...(isCode(communeCode) && { communeCode: rewrite(communeCode, '/communeCode') ?? communeCode }),
    ...(Array.isArray(stops) && { stops: stops.map(inStop) }),
  }
}

const SHORT = /^commune:/

function inTerritory(given: unknown, pointer: string, rewrite: Rewrite): unknown {
  const { kind, code, name } = (
    typeof given === 'string' ? { kind: SHORT.test(given) && 'commune', code: given.replace(SHORT, '') } : (given ?? {})
  ) as Fields
  const today = kind === 'commune' && typeof code === 'string' && !name ? rewrite(code, pointer) : undefined
  return today === undefined ? given : `commune:${today}`
}

/** Two arrondissements of a commune are one territory; what the document itself names twice is refused elsewhere. */
function inPerimeter(given: readonly unknown[], rewrite: Rewrite): unknown[] {
  const today = given.map((one, i) => inTerritory(one, `/territories/${i}`, rewrite))
  return today.filter((one, i) => one === given[i] || (today.indexOf(one) === i && !given.includes(one)))
}
