/**
 * The words of territories: the read-only resource, how bodies name a territory, and the forms of its codes. A code
 * counts together with its kind: `01` is a département and a region.
 */
import { type Static, Type } from 'typebox'
import {
  answer,
  code,
  distinct,
  input,
  integer,
  nullable,
  pattern,
  ref,
  TITLE_MAX,
  text,
  title,
} from '../http/schemas.ts'
import { type TerritoryKind, territoryKinds } from '../vocabularies/codes.ts'

/** More than the communes of the largest region, so that the bound never cuts an answer. */
const MEMBERS_MAX = 10_000
const POPULATION_MAX = 2 ** 31 - 1
const YEAR = { min: 1990, max: 2100 }

const bodies = {
  commune: '(\\d{2}|2[AB])\\d{3}',
  epci: '\\d{9}',
  departement: '(\\d{2}|2[AB]|97\\d|98\\d)',
  region: '\\d{2}',
} as const

/** The form of the codes of each kind, as regular expressions. */
export const territoryCodePatterns = {
  commune: `^${bodies.commune}$`,
  epci: `^${bodies.epci}$`,
  departement: `^${bodies.departement}$`,
  region: `^${bodies.region}$`,
} as const

/** Whether a code has the form of its kind; it need not exist. */
export const isTerritoryCode = (kind: TerritoryKind, code: string): boolean => forms[kind].test(code)

const forms: Record<TerritoryKind, RegExp> = {
  commune: new RegExp(territoryCodePatterns.commune),
  epci: new RegExp(territoryCodePatterns.epci),
  departement: new RegExp(territoryCodePatterns.departement),
  region: new RegExp(territoryCodePatterns.region),
}

/** Fits a code of any kind; whether it fits its own kind is `isTerritoryCode`. */
export const ANY_CODE = `^(${bodies.commune}|${bodies.epci}|${bodies.departement}|${bodies.region})$`

const KIND_AND_CODE = `^(${territoryKinds.map((kind) => `${kind}:${bodies[kind]}`).join('|')})$`

/** The INSEE code of a commune. */
export const communeCode = (description: string, example = '61342') =>
  pattern(territoryCodePatterns.commune, description, example)

/** The SIREN of an EPCI. */
export const epciCode = (description: string, example = '200068468') =>
  pattern(territoryCodePatterns.epci, description, example)

/** The code of a département or of an overseas collectivity. */
export const departmentCode = (description: string, example = '61') =>
  pattern(territoryCodePatterns.departement, description, example)

/** The INSEE code of a region. */
export const regionCode = (description: string, example = '28') =>
  pattern(territoryCodePatterns.region, description, example)

const kind = code(territoryKinds, 'Kind of territory (French: type de territoire).', 'epci')
const officialCode = (example: string) =>
  pattern(ANY_CODE, 'Code of the official geographic code, of its kind (French: code officiel).', example)

/** A territory as other resources name it. */
export const TerritoryRef = answer('TerritoryRef', 'A territory by its code, with its name (French: territoire).', {
  kind,
  code: officialCode('200068468'),
  name: title('Name, as filled in by the registry or written (French: nom).', "CC des Pays de L'Aigle"),
})
export type TerritoryRef = Static<typeof TerritoryRef>

export const TerritoryRefInput = input(
  'TerritoryRefInput',
  'A territory that a writer names. The registry knows the names of today; that of a territory which was merged or dissolved is given (French: territoire).',
  {
    kind,
    code: officialCode('200068468'),
    name: Type.Optional(
      nullable(title('Name; left out, the registry fills in that of today (French: nom).', "CC des Pays de L'Aigle")),
    ),
  },
)
export type TerritoryRefInput = Static<typeof TerritoryRefInput>

/** How bodies name a territory: `epci:200068468` for short, or an object. */
export const TerritoryInput = Type.Unsafe<string | TerritoryRefInput>({
  description: 'A territory: its kind and code in one text, or an object (French: territoire).',
  examples: ['epci:200068468'],
  anyOf: [
    pattern(KIND_AND_CODE, 'Kind and code of a territory, joined by a colon (French: territoire).', 'epci:200068468'),
    ref(TerritoryRefInput),
  ],
})
export type TerritoryInput = Static<typeof TerritoryInput>

const codesOf = (item: ReturnType<typeof pattern>, description: string) => distinct(item, MEMBERS_MAX, description)

/** A territory of the official geographic code. */
export const Territory = answer(
  'Territory',
  'A commune, EPCI, département or region of the official geographic code (French: territoire).',
  {
    kind,
    code: officialCode('49301'),
    name: title('Official name (French: nom officiel).', 'Sèvremoine'),
    siren: nullable(pattern('^\\d{9}$', 'SIREN of a commune or EPCI, else null (French: numéro SIREN).', '200054385')),
    population: nullable(
      integer(
        0,
        POPULATION_MAX,
        'Inhabitants: municipal population; of larger territories the sum of their communes (French: population municipale).',
        25797,
      ),
    ),
    populationYear: nullable(
      integer(
        YEAR.min,
        YEAR.max,
        'Reference year of the population, null where it is unknown (French: millésime de la population).',
        2023,
      ),
    ),
    departmentCodes: codesOf(
      departmentCode('Code of a département.'),
      'Départements that it lies in; an EPCI may span several (French: départements).',
    ),
    regionCodes: codesOf(
      regionCode('Code of a region.'),
      'Regions that it lies in; none for overseas collectivities (French: régions).',
    ),
    memberCodes: codesOf(
      communeCode('INSEE code of a commune.'),
      'Communes of an EPCI, département or region; none for a commune (French: communes membres).',
    ),
    formerCodes: codesOf(
      communeCode('INSEE code of a former commune.', '49349'),
      'Codes that a commune had or took over, by mergers above all (French: anciens codes).',
    ),
  },
)
export type Territory = Static<typeof Territory>

/** The path of one territory. */
export const TerritoryParams = Type.Object({ kind, code: officialCode('200068468') })

/** The filters of the list. */
export const TerritoryFilter = {
  name: Type.Optional(
    text(TITLE_MAX, 'Only names that begin so, without regard to accents, case and punctuation (French: nom).', 'rai'),
  ),
  kind: Type.Optional(code(territoryKinds, 'Only this kind of territory (French: type de territoire).', 'commune')),
  departmentCode: Type.Optional(
    departmentCode('Only territories that lie in this département, in whole or in part (French: code du département).'),
  ),
}
