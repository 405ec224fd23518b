/**
 * Relations: the fields of a resource that hold ids of others. `include` answers these in full beside their ids, by the
 * names that references have in documents.
 */
import { type TProperties, Type } from 'typebox'
import * as schemas from '../../http/schema/schemas.ts'
import type { ResourceType } from '../resource-types.ts'
import { described } from '../schema.ts'
import { pascal } from '../words.ts'
import type { Fields } from './fields.ts'

export interface Relation {
  /** `lead`. */
  name: string
  /** `leadId`. */
  field: string
  to: ResourceType
  isList: boolean
}

/** The relations of a resource of these fields; that to its convention is the last. */
export function relationsOf(fields: Fields, isUnderConvention: boolean): Relation[] {
  const own = Object.entries(fields).flatMap(([field, { facts }]): Relation[] => {
    const { reference, document, relation } = facts
    if (relation) return [{ field, ...relation, isList: true }]
    return reference && document?.name
      ? [{ field, name: document.name, to: reference.to, isList: reference.isList }]
      : []
  })
  return isUnderConvention ? [...own, OF_CONVENTION] : own
}

const OF_CONVENTION: Relation = { name: 'convention', field: 'conventionId', to: 'convention', isList: false }

/** The properties of what is included, in an answer whose own properties are these. */
export function includedProperties(relations: readonly Relation[], answer: TProperties): TProperties {
  const schemaOf = ({ name, field, to, isList }: Relation) => {
    const ids = answer[field] as schemas.Keywords
    const body = Type.Unsafe({ $ref: `${pascal(to)}#` })
    const description = `With \`include=${name}\` (French: ${frenchOf(ids)}).`
    if (isList) return schemas.list(body, ids.maxItems ?? 0, description)
    return isNullable(ids) ? described(schemas.nullable(body), description) : body
  }
  return Object.fromEntries(relations.map((relation) => [relation.name, Type.Optional(schemaOf(relation))]))
}

const frenchOf = ({ description = '' }: schemas.Keywords) => /\(French: ([^)]*)\)/.exec(description)?.[1]

const isNullable = ({ type, anyOf }: schemas.Keywords) =>
  (Array.isArray(type) && type.includes('null')) || anyOf?.some((one) => one.type === 'null') === true
