/**
 * Labels: the names under which territories are searched. St is Saint, articles at the beginning do not count, and
 * typing errors are judged by what is particular to a name, for thousands share the rest.
 */
import { nameKey } from './names.ts'
import type { OfficialCode, TerritoryRow } from './official-code.ts'

/** A row of `territory_label`, but for its words. */
export interface Label {
  kind: string
  code: string
  name: string
  is_former: boolean
  key: string
  core: string
  /** The names of its départements and regions, for communes and EPCI. */
  around: string
  population: number
}

/** The words of a name, in which St is Saint. */
export const labelWords = (name: string): string =>
  nameKey(name).replace(/\bst(e?)\b/g, (_, feminine: string) => `saint${feminine}`)

/** The words of a name without its article: `l’aigle` and `L’AIGLE` give `aigle`. */
export const labelKey = (name: string): string => labelWords(name).replace(/^(?:l|le|la|les) (?=.)/, '')

const little = 'l|le|la|les|d|de|du|des|en|sur|sous|et|a|au|aux'
const common = new RegExp(
  `\\b(?:saint|sainte|saints|${little}|cc|ca|cu|cdc|communaute|communes|agglomeration|departement|region|ville)\\b`,
  'g',
)
const isLittle = new RegExp(`^(?:${little})$`)

/** What is particular to a key; all of it where nothing is. */
export const labelCore = (key: string): string => key.replace(common, '').replace(/ +/g, ' ').trim() || key

/** All words of a key as a query of Postgres, the last one as a beginning; little words do not count. */
export function labelQuery(key: string): string {
  const words = key === '' ? [] : key.split(' ')
  const last = words.pop()
  if (last === undefined) return ''
  return [...words.filter((word) => !isLittle.test(word)).map(quoted), `${quoted(last)}:*`].join(' & ')
}

/** A key has letters and digits only: nothing in it needs an escape. */
const quoted = (word: string) => `'${word}'`

/** The labels of all territories, and of former communes those of the communes of today. */
export function labelsOf({ territories, formerNames }: OfficialCode): Label[] {
  const byKey = new Map(territories.map((one) => [`${one.kind}:${one.code}`, one]))
  const nameOf = (kind: string) => (code: string) => nameKey(byKey.get(`${kind}:${code}`)?.name ?? '')
  const around = ({ kind, department_codes: departments, region_codes: regions }: TerritoryRow) =>
    kind === 'commune' || kind === 'epci'
      ? [...departments.map(nameOf('departement')), ...regions.map(nameOf('region'))].join(' ')
      : ''
  const label = (territory: TerritoryRow, name: string, isFormer: boolean): Label => {
    const key = labelKey(name)
    const { kind, code, population } = territory
    const own = { kind, code, name, is_former: isFormer, key, core: labelCore(key) }
    return { ...own, around: around(territory), population: population ?? 0 }
  }
  return [
    ...territories.map((territory) => label(territory, territory.name, false)),
    ...formerNames.flatMap(({ code, name }) => {
      const commune = byKey.get(`commune:${code}`)
      return commune ? [label(commune, name, true)] : []
    }),
  ]
}
