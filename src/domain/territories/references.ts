/**
 * How bodies name territories: the two ways of writing one become one, and the names that are left out are filled in.
 */
import type { Database } from '../../db/database.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { TerritoryKind } from '../vocabularies/codes.ts'
import { territoryNames } from './queries.ts'
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

/**
 * Fills in the names that a writer left out: the one known before, else that of today; one query for all. A territory
 * that has none then is unknown: only a name given by the writer makes one legal that is no longer official.
 * @param known gives the name that was written before; undefined when there is none
 */
export async function nameTerritories(
  db: Database,
  territories: TerritoryRead[],
  known: (territory: TerritoryRead) => string | undefined,
): Promise<void> {
  const unnamed = territories.filter(({ name }) => name === null)
  const names = await territoryNames(db, unnamed)
  for (const territory of unnamed) territory.name = known(territory) ?? names.get(keyOf(territory)) ?? null
}

/** The territories with a right code that nobody knows and nobody named, after `nameTerritories`. */
export function unknownTerritories(read: { territory: TerritoryRead; pointer: string }[]): BodyFault[] {
  return read
    .filter(({ territory: { name, kind, code } }) => name === null && isTerritoryCode(kind, code))
    .map(({ territory, pointer }) => ({
      pointer,
      code: 'unknown-territory',
      message: `There is no ${territory.kind} ${territory.code} today: give its name too if it was merged or dissolved.`,
    }))
}
