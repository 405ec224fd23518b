/**
 * How bodies name territories: the two ways of writing one become one, and the names that are left out are filled in.
 */
import type { BodyError } from '../../http/errors/field-errors.ts'
import type { TerritoryKind } from '../vocabularies/codes.ts'
import { isTerritoryCode, type TerritoryInput } from './schema.ts'

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
