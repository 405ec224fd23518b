/**
 * Official geographic code: its rows, shaped from the files of `@etalab/decoupage-administratif`: Insee's code, the
 * EPCI of the DGCL and Insee's reference populations. Populations of EPCI, départements and regions are the sums of
 * their communes, because the package has those of EPCI in an older edition.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { TerritoryKind } from '../../engine/declaration/territories.ts'
import { nameKey } from './names.ts'

const PACKAGE = '@etalab/decoupage-administratif'
const { resolve } = createRequire(import.meta.url)

/** Raised whenever rows are shaped otherwise, so that a registry that holds the same edition loads them again. */
const SHAPE = 2

/**
 * The package says that its populations are Insee's table 8680726, the reference populations of 2023, with two
 * exceptions: Mayotte, counted in 2017, and the Pacific collectivities, whose own censuses it does not date.
 */
const POPULATION_YEAR = 2023
const POPULATION_YEAR_OF_DEPARTMENT: Record<string, number | null> = {
  '976': 2017,
  '986': null,
  '987': null,
  '988': null,
}

/** A territory as the table holds it. */
export interface TerritoryRow {
  kind: TerritoryKind
  code: string
  name: string
  name_key: string
  siren: string | null
  population: number | null
  population_year: number | null
  department_codes: string[]
  region_codes: string[]
  member_codes: string[]
  former_codes: string[]
}

interface Commune {
  code: string
  nom: string
  type: 'commune-actuelle' | 'commune-deleguee' | 'commune-associee' | 'arrondissement-municipal'
  departement: string
  region: string
  zone: 'metro' | 'drom' | 'com'
  siren?: string
  population?: number
  anciensCodes?: string[]
  /** The commune of today to which a commune déléguée or associée belongs. */
  chefLieu?: string
  /** That of an arrondissement. */
  commune?: string
}

/** A name under which a commune of today is found beside its own: of a former commune or an arrondissement. */
export interface FormerName {
  code: string
  name: string
}

interface Epci {
  code: string
  nom: string
  membres: { code: string }[]
}

interface Division {
  code: string
  nom: string
  zone: Commune['zone']
}

/** What tells one load from another, e.g. `6.0.0/1`: the version of the package and of the shape of the rows. */
export async function officialEdition(): Promise<string> {
  const { version } = await readJson<{ version: string }>('package.json')
  return `${version}/${SHAPE}`
}

/** What the files of the package hold: the territories, and what communes were called that are none today. */
export interface OfficialCode {
  territories: TerritoryRow[]
  formerNames: FormerName[]
}

/** All rows: communes, EPCI, départements (overseas collectivities among them) and regions. Reads 12 MB of JSON. */
export async function officialCode(): Promise<OfficialCode> {
  const communes = await readJson<Commune[]>('data/communes.json')
  const current = communes.filter(({ type }) => type === 'commune-actuelle')
  const former = formerCodes(communes)
  const byCode = new Map(current.map((commune) => [commune.code, commune]))
  const epci = await readJson<Epci[]>('data/epci.json')
  const departments = await readJson<Division[]>('data/departements.json')
  const regions = await readJson<Division[]>('data/regions.json')
  const territories = [
    ...current.map((commune) => ({
      ...group('commune', commune, [commune]),
      siren: commune.siren ?? null,
      member_codes: [],
      former_codes: former.get(commune.code) ?? [],
    })),
    ...epci.map((one) => ({
      ...group(
        'epci',
        one,
        one.membres.flatMap(({ code }) => byCode.get(code) ?? []),
      ),
      siren: one.code,
    })),
    ...grouped('departement', departments, current, ({ departement }) => departement),
    // The package also lists overseas collectivities as regions; the official code has none for them.
    ...grouped('region', regions.filter(isRegion), current, ({ region }) => region),
  ]
  return { territories, formerNames: formerNames(communes, byCode) }
}

const isRegion = ({ zone }: { zone: Commune['zone'] }) => zone !== 'com'

function grouped(
  kind: TerritoryKind,
  divisions: Division[],
  communes: Commune[],
  codeOf: (commune: Commune) => string,
) {
  const members = Map.groupBy(communes, codeOf)
  return divisions.map((division) => group(kind, division, members.get(division.code) ?? []))
}

/** A territory made of communes; a commune is made of itself. */
function group(kind: TerritoryKind, { code, nom }: { code: string; nom: string }, communes: Commune[]): TerritoryRow {
  const name = nom.normalize('NFC')
  return {
    kind,
    code,
    name,
    name_key: nameKey(name),
    siren: null,
    ...populationOf(communes),
    department_codes: sorted(communes.map(({ departement }) => departement)),
    region_codes: sorted(communes.filter(isRegion).map(({ region }) => region)),
    member_codes: sorted(communes.map((commune) => commune.code)),
    former_codes: [],
  }
}

/** The sum of those known, null if none is; the year only where it is known and the same for all. */
function populationOf(communes: Commune[]) {
  const counted = communes.filter(({ population }) => population !== undefined)
  if (counted.length === 0) return { population: null, population_year: null }
  const years = new Set(counted.map(({ departement }) => populationYear(departement)))
  const [year = null] = years
  return {
    population: counted.reduce((sum, { population = 0 }) => sum + population, 0),
    population_year: years.size === 1 ? year : null,
  }
}

function populationYear(department: string): number | null {
  const other = POPULATION_YEAR_OF_DEPARTMENT[department]
  return other === undefined ? POPULATION_YEAR : other
}

/** The commune of today to which a former commune or an arrondissement belongs; undefined of a commune of today. */
const todayOf = ({ type, chefLieu, commune }: Commune) =>
  type === 'commune-actuelle' ? undefined : (chefLieu ?? commune)

function formerNames(communes: Commune[], today: Map<string, Commune>): FormerName[] {
  const named = communes.flatMap((former) => {
    const commune = today.get(todayOf(former) ?? '')
    const isOwn = !commune || nameKey(commune.nom) === nameKey(former.nom)
    return isOwn ? [] : [{ code: commune.code, name: former.nom.normalize('NFC') }]
  })
  return [...new Map(named.map((one) => [`${one.code} ${one.name}`, one])).values()]
}

/** For each commune of today the codes that it had or took over: of merged communes, of parts of it that have a code. */
function formerCodes(communes: Commune[]): Map<string, string[]> {
  const pairs = communes.flatMap((one) => {
    const { code, type, anciensCodes = [] } = one
    if (type === 'commune-actuelle') return anciensCodes.map((former) => ({ commune: code, former }))
    const commune = todayOf(one)
    return commune && commune !== code ? [{ commune, former: code }] : []
  })
  const byCommune = Map.groupBy(pairs, ({ commune }) => commune)
  return new Map([...byCommune].map(([code, found]) => [code, sorted(found.map(({ former }) => former))]))
}

const sorted = (codes: string[]) => [...new Set(codes)].sort()

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(resolve(`${PACKAGE}/${file}`), 'utf8'))
}
