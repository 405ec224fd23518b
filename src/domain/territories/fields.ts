/** Types of fields that hold territories: written as `epci:200068468` or as an object, and completed with names. */

import { Field } from '../../engine/fields.ts'
import { distinctBy } from '../../engine/rules.ts'
import { bounds, described } from '../../engine/schema.ts'
import { type BodyError, fieldName } from '../../http/errors/field-errors.ts'
import { list, nullable, ref } from '../../http/schema/schemas.ts'
import { isTerritoryCode, TerritoryInput, TerritoryRef, territoryRule } from './schema.ts'

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
