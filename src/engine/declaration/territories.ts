/**
 * Territories: the kinds and the codes of the official geographic code, and the types of fields that hold a territory,
 * written as `epci:200068468` or as an object and completed with its name. A code counts together with its kind: `01`
 * is a département and a region.
 */
import { type Static, Type } from 'typebox'
import { type BodyError, fieldName } from '../../http/errors/field-errors.ts'
import { type Form, form } from '../../http/schema/formats.ts'
import { code, list, nullable, pattern, ref, requestSchema, responseSchema, title } from '../../http/schema/schemas.ts'
import { bounds, described } from '../schema.ts'
import { Field } from './fields.ts'
import { distinctBy } from './rules.ts'

export const territoryKinds = ['commune', 'epci', 'departement', 'region'] as const
export type TerritoryKind = (typeof territoryKinds)[number]

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

/** The kind and the code of a territory in one text. */
export const keyPattern = (description: string, example = 'epci:200068468') =>
  pattern(kindAndCode, description, example)

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
export const regionCode = (description: string, example = '28') => pattern(territoryForms.region, description, example)

export const territoryKind = code(territoryKinds, 'Kind of territory (French: type de territoire).', 'epci')
export const officialCode = (example: string) =>
  pattern(anyCode, 'Code of the official geographic code, of its kind (French: code officiel).', example)

/** A territory as other resources name it. */
const TerritoryRef = responseSchema('TerritoryRef', 'A territory by its code, with its name (French: territoire).', {
  kind: territoryKind,
  code: officialCode('200068468'),
  name: title('Name, as filled in by the registry or written (French: nom).', "CC des Pays de L'Aigle"),
})
type TerritoryRef = Static<typeof TerritoryRef>

const TerritoryRefInput = requestSchema(
  'TerritoryRefInput',
  'A territory that a writer names. The registry knows the names of today; that of a territory which was merged or dissolved is given (French: territoire).',
  {
    kind: territoryKind,
    code: officialCode('200068468'),
    name: Type.Optional(
      nullable(title('Name; left out, the registry fills in that of today (French: nom).', "CC des Pays de L'Aigle")),
    ),
  },
)
type TerritoryRefInput = Static<typeof TerritoryRefInput>

/** How bodies name a territory: `epci:200068468` for short, or an object. */
export const TerritoryInput = Type.Unsafe<string | TerritoryRefInput>({
  description: 'A territory: its kind and code in one text, or an object (French: territoire).',
  examples: ['epci:200068468'],
  anyOf: [keyPattern('Kind and code of a territory, joined by a colon (French: territoire).'), ref(TerritoryRefInput)],
})
export type TerritoryInput = Static<typeof TerritoryInput>

/** A perimeter: none of its territories stands twice. */
export const territories = (description: string) =>
  new Field<TerritoryRef[], TerritoryInput[]>({
    answer: list(ref(TerritoryRef), bounds.territories, description),
    input: list(TerritoryInput, bounds.territories, description),
    isTerritory: true,
    errorsOf: (value: TerritoryRef[], pointer: string) => [
      ...value.flatMap((one, i) => codeFaults(one, `${pointer}/${i}`)),
      ...distinctBy(value, pointer, '', ({ kind, code }) => code && `${kind}:${code}`),
    ],
  })

/** One territory, or none. */
export const territory = (description: string) =>
  new Field<TerritoryRef | null, TerritoryInput | null>({
    answer: described(nullable(ref(TerritoryRef)), description),
    input: described(nullable(TerritoryInput), description),
    isNullable: true,
    isTerritory: true,
    errorsOf: codeFaults,
  })

/** The code of a territory is written as the codes of its kind are. */
function codeFaults(territory: TerritoryRef | null, pointer: string): BodyError[] {
  if (!territory?.kind || !territory.code || isTerritoryCode(territory.kind, territory.code)) return []
  const message = `${fieldName(pointer)} must be ${territoryRule(territory.kind)}.`
  return [{ pointer, code: 'invalid-form', message }]
}

/** A territory as it is written; the name is null until it is filled in. */
export interface TerritoryRead {
  kind: TerritoryKind
  code: string
  name: string | null
}

/** A territory that passed the schema, whichever way it was written. */
export function readTerritory(given: TerritoryInput): TerritoryRead {
  if (typeof given !== 'string') return { kind: given.kind, code: given.code, name: given.name ?? null }
  const [kind, code] = given.split(':') as [TerritoryKind, string]
  return { kind, code, name: null }
}

/** A territory across kinds: `epci:200068468`. */
export const keyOf = ({ kind, code }: Pick<TerritoryRead, 'kind' | 'code'>) => `${kind}:${code}`

/** Territories with a well-formed code that are unknown and have no name, once names are filled in. */
export function unknownTerritories(read: { territory: TerritoryRead; pointer: string }[]): BodyError[] {
  return read
    .filter(({ territory: { name, kind, code } }) => name === null && isTerritoryCode(kind, code))
    .map(({ territory, pointer }) => ({
      pointer,
      code: 'unknown-territory',
      message: `There is no ${territory.kind} ${territory.code} today: give its name too if it was merged or dissolved.`,
    }))
}
