/**
 * Places of the country and its public bodies, real ones from the official geographic code, under the keys that the
 * documents give them. EPCI come first, in an order of the seed, then communes, each of which has its conventions.
 */
import { officialCode, type TerritoryRow } from '../../src/domain/territories/official-code.ts'
import { hashOf } from './random.ts'

/** An organization as a document lists it. */
export interface ListedOrganization {
  key: string
  kind: string
  name: string
  shortName?: string
  siren?: string
  territory: string
}

/** The territory of a chain of conventions, and where its services can be. */
export interface Perimeter {
  territory: TerritoryRow
  communes: TerritoryRow[]
  department: TerritoryRow
}

export interface Places {
  /** Those that can have a convention, the first so many in the order of the seed. */
  perimeters: readonly Perimeter[]
}

/** Reads the official code. */
export async function readPlaces(seed: number): Promise<Places> {
  const { territories } = await officialCode()
  const byKey = new Map(territories.map((one) => [keyOf(one), one]))
  const perimeterOf = (territory: TerritoryRow): Perimeter[] => {
    const department = byKey.get(`departement-${territory.department_codes[0]}`)
    const codes = territory.kind === 'commune' ? [territory.code] : territory.member_codes
    const communes = codes.flatMap((code) => byKey.get(`commune-${code}`) ?? [])
    return department && communes.length > 0 ? [{ territory, communes, department }] : []
  }
  const inOrder = (kind: TerritoryRow['kind']) => {
    const ofKind = territories.filter((one) => one.kind === kind)
    const ranked = ofKind.map((one) => ({ one, rank: hashOf(`${seed}/${one.code}`) }))
    return ranked.sort((a, b) => a.rank - b.rank || (a.one.code < b.one.code ? -1 : 1)).map(({ one }) => one)
  }
  return { perimeters: [...inOrder('epci'), ...inOrder('commune')].flatMap(perimeterOf) }
}

export const keyOf = ({ kind, code }: Pick<TerritoryRow, 'kind' | 'code'>) => `${kind}-${code}`

/** A commune, an EPCI or a département as the body that governs it. */
export const publicBody = (territory: TerritoryRow): ListedOrganization => ({
  key: keyOf(territory),
  kind: territory.kind,
  name: territory.name,
  ...(territory.siren && { siren: territory.siren }),
  territory: `${territory.kind}:${territory.code}`,
})

export const caf = ({ code, name }: TerritoryRow): ListedOrganization => ({
  key: `caf-${code}`,
  kind: 'caf',
  name: `Caisse d'allocations familiales (${name})`,
  shortName: `Caf ${name}`,
  territory: `departement:${code}`,
})

export const msa = ({ code, name }: TerritoryRow): ListedOrganization => ({
  key: `msa-${code}`,
  kind: 'msa',
  name: `Mutualité sociale agricole (${name})`,
  territory: `departement:${code}`,
})

/** One of the invented associations of a département. */
export const association = ({ code, name }: TerritoryRow, number: number): ListedOrganization => ({
  key: `association-${code}-${number}`,
  kind: 'association',
  name: `Association inventée n° ${number} (${name})`,
  territory: `departement:${code}`,
})
