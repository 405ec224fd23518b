/**
 * Downgrade of the OpenAPI document to version 3.0, for tools that know no 3.1. What 3.0 has no words for is left out
 * (what a line of a file holds, all examples of a schema but the first); all else means the same. Null beside a component
 * is said as generators read it, by `nullable` around it.
 */
import { VALUES } from './enumerations.ts'
import type { Document } from './types.ts'

/** What schemas are made of here; `rest` of one is the same in both versions. */
interface Schema {
  $ref?: string
  type?: string | string[] | undefined
  const?: unknown
  anyOf?: Schema[]
  examples?: unknown[]
  contentMediaType?: string
  contentSchema?: unknown
  [keyword: string]: unknown
}

export interface License {
  name: string
  /** Of SPDX in 3.1; 3.0 knows only the address. */
  identifier?: string
  url?: string
}

/** A licence as 3.0 names it. */
export const olderLicense = ({ name, identifier }: License): License => ({
  name,
  url: `https://spdx.org/licenses/${identifier}.html`,
})

type Schemas = Readonly<Record<string, Schema>>

/** The same document in OpenAPI 3.0. */
export function downgrade({ openapi: _, info, components, ...rest }: Document): object {
  const { summary: _summary, license, ...about } = info
  const { schemas, ...others } = components
  const older = downgrader(schemas as Schemas)
  return {
    openapi: '3.0.3',
    info: { ...about, license: olderLicense(license as License) },
    components: { schemas: eachOf(schemas, older), ...(downgradePart(others, '', older) as object) },
    ...(downgradePart(rest, '', older) as object),
  }
}

const eachOf = (members: object, change: (member: Schema) => Schema) =>
  Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]))

/** A part of the document around its schemas. */
function downgradePart(part: unknown, key: string, older: (schema: Schema) => Schema): unknown {
  if (typeof part !== 'object' || part === null || VALUES.includes(key)) return part
  if (key === 'schema') return older(part as Schema)
  if (Array.isArray(part)) return part.map((one) => downgradePart(one, '', older))
  return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, downgradePart(one, name, older)]))
}

/** Of a schema what it is in 3.0; `schemas` are the components that it may refer to. */
function downgrader(schemas: Schemas): (schema: Schema) => Schema {
  const isNull = ({ type }: Schema) => type === 'null'
  const typeOf = ({ $ref = '' }: Schema) => schemas[$ref.split('/').at(-1) ?? '']?.type ?? 'object'
  return function older(schema: Schema): Schema {
    const { $ref, type, const: constant, anyOf, examples, contentMediaType: _m, contentSchema: _s, ...rest } = schema
    if (anyOf?.some(isNull))
      return older({
        ...withNull(
          anyOf.filter((one) => !isNull(one)),
          typeOf,
        ),
        ...withoutAnyOf(schema),
      })
    const types = type === undefined ? [] : [type].flat()
    const further: Schema = {
      ...(types.length > 0 && { type: types.find((one) => one !== 'null') }),
      ...(types.includes('null') && { nullable: true }),
      ...(constant !== undefined && { enum: [constant] }),
      ...(anyOf && { anyOf: anyOf.map(older) }),
      ...within(rest, older),
      ...(examples && { example: examples[0] }),
    }
    // A reference stands alone in 3.0.
    if ($ref === undefined) return further
    return Object.keys(further).length === 0 ? { $ref } : { allOf: [{ $ref }], ...further }
  }
}

const withoutAnyOf = ({ anyOf: _, ...rest }: Schema): Schema => rest

/** Any of some forms, or null: `nullable` must stand beside a type. */
function withNull([form = {}, ...others]: Schema[], typeOf: (form: Schema) => string | string[]): Schema {
  const nullable = form.anyOf
    ? withNull(form.anyOf, typeOf)
    : { ...form, type: [form.$ref ? typeOf(form) : (form.type ?? 'object'), 'null'].flat() }
  return others.length === 0 ? { ...withoutAnyOf(form), ...nullable } : { anyOf: [nullable, ...others] }
}

function within(schema: Schema, older: (schema: Schema) => Schema): Schema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === 'items') return [keyword, older(value as Schema)]
      if (keyword === 'properties') return [keyword, eachOf(value as object, older)]
      if (keyword === 'allOf' || keyword === 'oneOf') return [keyword, (value as Schema[]).map(older)]
      return [keyword, value]
    }),
  )
}
