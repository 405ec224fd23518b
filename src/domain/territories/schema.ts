/**
 * The words of territories: the read-only resource, how bodies name a territory, and the forms of its codes. A code
 * counts together with its kind: `01` is a département and a region.
 */
import { type Static, Type } from 'typebox'
import { type Form, form } from '../../http/schema/formats.ts'
import {
  code,
  integer,
  nullable,
  pattern,
  ref,
  requestSchema,
  responseSchema,
  TITLE_MAX,
  text,
  title,
  uniqueList,
} from '../../http/schema/schemas.ts'
import { type TerritoryKind, territoryKinds } from '../vocabularies/codes.ts'

/** More than the communes of the largest region, so that the bound never cuts an answer. */
const MEMBERS_MAX = 10_000
const POPULATION_MAX = 2 ** 31 - 1
/** That of an EPCI. */
const CODE_MAX = 9
const YEAR = { min: 1990, max: 2100 }

const bodies = {
  commune: '(\\d{2}|2[AB])\\d{3}',
  epci: '\\d{9}',
  departement: '(\\d{2}|2[AB]|97\\d|98\\d)',
  region: '\\d{2}',
} as const

/** The form of the codes of each kind. */
export const territoryForms: Record<TerritoryKind, Form> = {
  commune: form(`^${bodies.commune}$`, '5 digits, or 2A or 2B and 3 digits'),
  epci: form(`^${bodies.epci}$`, '9 digits'),
  departement: form(`^${bodies.departement}$`, '2 digits, 2A, 2B, or 3 digits that begin with 97 or 98'),
  region: form(`^${bodies.region}$`, '2 digits'),
}

/** Whether a code has the form of its kind; it need not exist. */
export const isTerritoryCode = (kind: TerritoryKind, code: string): boolean =>
  new RegExp(territoryForms[kind].pattern).test(code)

/** What a code of a kind must be, in words that continue "code must be". */
export const territoryRule = (kind: TerritoryKind): string => `a code of kind ${kind}: ${territoryForms[kind].words}`

/** Fits a code of any kind; whether it fits its own kind is `isTerritoryCode`. */
const anyCode = form(
  `^(${bodies.commune}|${bodies.epci}|${bodies.departement}|${bodies.region})$`,
  `of its kind: ${territoryKinds.map((kind) => `${kind} ${territoryForms[kind].words}`).join('; ')}`,
)

const kindAndCode = form(
  `^(${territoryKinds.map((kind) => `${kind}:${bodies[kind]}`).join('|')})$`,
  'a kind and a code of it, such as epci:200068468, commune:61342, departement:61 or region:28',
)

/** The INSEE code of a commune. */
export const communeCode = (description: string, example = '61342') =>
  pattern(territoryForms.commune, description, example)

/** The SIREN of an EPCI. */
export const epciCode = (description: string, example = '200068468') =>
  pattern(territoryForms.epci, description, example)

/** The code of a département or of an overseas collectivity. */
export const departmentCode = (description: string, example = '61') =>
  pattern(territoryForms.departement, description, example)

/** The INSEE code of a region. */
const regionCode = (description: string, example = '28') => pattern(territoryForms.region, description, example)

const kind = code(territoryKinds, 'Kind of territory (French: type de territoire).', 'epci')
const officialCode = (example: string) =>
  pattern(anyCode, 'Code of the official geographic code, of its kind (French: code officiel).', example)

/** A territory as other resources name it. */
export const TerritoryRef = responseSchema(
  'TerritoryRef',
  'A territory by its code, with its name (French: territoire).',
  {
    kind,
    code: officialCode('200068468'),
    name: title('Name, as filled in by the registry or written (French: nom).', "CC des Pays de L'Aigle"),
  },
)
export type TerritoryRef = Static<typeof TerritoryRef>

export const TerritoryRefInput = requestSchema(
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
    pattern(kindAndCode, 'Kind and code of a territory, joined by a colon (French: territoire).', 'epci:200068468'),
    ref(TerritoryRefInput),
  ],
})
export type TerritoryInput = Static<typeof TerritoryInput>

const codesOf = (item: ReturnType<typeof pattern>, description: string) => uniqueList(item, MEMBERS_MAX, description)

/** A territory of the official geographic code. */
export const Territory = responseSchema(
  'Territory',
  'A commune, EPCI, département or region of the official geographic code (French: territoire).',
  {
    kind,
    code: officialCode('49301'),
    name: title('Official name (French: nom officiel).', 'Sèvremoine'),
    siren: nullable(
      pattern(territoryForms.epci, 'SIREN of a commune or EPCI, else null (French: numéro SIREN).', '200054385'),
    ),
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
export const TerritoryParams = Type.Object({
  kind,
  code: text(
    CODE_MAX,
    'Code of the official geographic code, in the form of its kind (French: code officiel).',
    '200068468',
  ),
})

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
