/**
 * Schema builders of the contract: scalars stand inline with a description of their own, objects are named components
 * reached by `ref`. A schema never holds a default: the service fills in what a body leaves out, because a default
 * would leak into partial updates.
 */
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import type { Form } from './formats.ts'

/** The longest prose in characters (code points), as every limit on text. */
export const PROSE_MAX = 20_000
export const TITLE_MAX = 300
export const LABEL_MAX = 100
export const KEY_MAX = 200
const URL_MAX = 2_000
const EMAIL_MAX = 254
const POINTER_MAX = 2_000
const OPENING_HOURS_MAX = 255
const PHONE = { min: 4, max: 30 }

/** The largest amount of euro cents: every integer up to it is exact in JSON. */
const CENTS_MAX = Number.MAX_SAFE_INTEGER

type JsonScalar = string | number | boolean | null

function scalar<T>(description: string, example: JsonScalar, keywords: Record<string, unknown>) {
  return Type.Unsafe<T>({ ...keywords, description, examples: [example] })
}

/** One line of text, 1 to `max` characters. Format `text` is ours: no control or bidirectional characters. */
export const text = (max: number, description: string, example: string, form?: Form) =>
  scalar<string>(description, example, {
    type: 'string',
    format: 'text',
    minLength: 1,
    maxLength: max,
    ...(form && { pattern: form.pattern }),
  })

/** A title or a name: one line of 1 to 300 characters. */
export const title = (description: string, example: string) => text(TITLE_MAX, description, example)

/** Text of several lines, up to 20,000 characters. Format `prose` is ours: line feeds, no other control characters. */
export const prose = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'prose', minLength: 1, maxLength: PROSE_MAX })

/** A code of a closed list that may grow. */
export const code = <const T extends readonly string[]>(codes: T, description: string, example: T[number]) =>
  scalar<T[number]>(description, example, { type: 'string', enum: [...codes] })

/** The one code that tells a branch of a union from the others. */
export const constant = <const T extends string>(code: T, description: string) =>
  scalar<T>(description, code, { type: 'string', const: code })

/** A string of a given form, e.g. the INSEE code of a commune. */
export const pattern = ({ pattern }: Form, description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', pattern })

/** A JSON Pointer (RFC 6901) into a body; empty for the whole body. */
export const pointer = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'json-pointer', maxLength: POINTER_MAX })

/** Kept with its precision: `2022`, `2022-03` or `2022-03-17` (EDTF level 0). Format `partial-date` is ours. */
export const partialDate = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'partial-date' })

/** A full calendar day, `2022-03-17`. */
export const date = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'date' })

/** An instant of RFC 3339 in UTC with milliseconds. */
export const instant = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'date-time' })

/** An identifier given by the registry (UUIDv7). */
export const id = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'uuid' })

export const integer = (min: number, max: number, description: string, example: number) =>
  scalar<number>(description, example, { type: 'integer', minimum: min, maximum: max })

/** A finite number with at most 15 significant digits (keyword `maxSignificantDigits` is ours and checked by the service). */
export const decimal = (description: string, example: number) =>
  scalar<number>(description, example, {
    type: 'number',
    minimum: -1e15,
    maximum: 1e15,
    'x-max-significant-digits': 15,
  })

/** Degrees of WGS 84 with at most 7 decimals (about a centimetre). */
export const degrees = (limit: 90 | 180, description: string, example: number) =>
  scalar<number>(description, example, { type: 'number', minimum: -limit, maximum: limit, 'x-max-decimals': 7 })

/** An amount in integer euro cents. */
export const cents = (description: string, example: number) => integer(0, CENTS_MAX, description, example)

export const boolean = (description: string, example: boolean) =>
  scalar<boolean>(description, example, { type: 'boolean' })

/** An absolute http or https address. Format `web-url` is ours. */
export const url = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'web-url', maxLength: URL_MAX })

export const email = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'email', maxLength: EMAIL_MAX })

/** A telephone number as people write it, of 4 to 30 characters. Format `phone` is ours. */
export const phone = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'phone', minLength: PHONE.min, maxLength: PHONE.max })

/** Hours in the OpenStreetMap `opening_hours` syntax. Format `opening-hours` is ours. */
export const openingHours = (description: string, example: string) =>
  scalar<string>(description, example, { type: 'string', format: 'opening-hours', maxLength: OPENING_HOURS_MAX })

/** A named component: the schema is registered once under its `$id` and referred to wherever it is used. */
export function ref<T extends TSchema>(schema: T) {
  const { $id } = schema as { $id?: string }
  if (!$id) throw new Error('ref() needs a schema with an $id')
  return Type.Unsafe<Static<T>>({ $ref: `${$id}#` })
}

/** The same schema, or null: as a list of types for scalars, as `anyOf` for components. */
export function nullable<T extends TSchema>(schema: T) {
  const { type, enum: codes, ...rest } = schema as unknown as { type?: string; enum?: unknown[] }
  if (!type || type === 'object' || type === 'array')
    return Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }] })
  const values = codes ? { enum: [...codes, null] } : {}
  return Type.Unsafe<Static<T> | null>({ ...rest, type: [type, 'null'], ...values })
}

/** A list of at most `max` items, in the order in which they were given. */
export const list = <T extends TSchema>(items: T, max: number, description: string, min = 0) =>
  Type.Unsafe<Static<T>[]>({ type: 'array', items, maxItems: max, ...(min > 0 && { minItems: min }), description })

/** A list of codes or ids: none stands twice in it. */
export const uniqueList = <T extends TSchema>(items: T, max: number, description: string, min = 0) =>
  Type.Unsafe<Static<T>[]>({
    type: 'array',
    items,
    maxItems: max,
    ...(min > 0 && { minItems: min }),
    uniqueItems: true,
    description,
  })

/** Every named component by its name: what routes, the validator and the document of the contract refer to. */
export const components = new Map<string, TSchema>()

/** The keywords of a schema of ours, as plain JSON. */
export interface Keywords {
  $ref?: string
  $id?: string
  type?: string | string[]
  enum?: unknown[]
  format?: string
  description?: string
  minimum?: number
  maximum?: number
  maxLength?: number
  items?: Keywords
  maxItems?: number
  properties?: Record<string, Keywords>
  required?: string[]
  additionalProperties?: boolean
  anyOf?: Keywords[]
  examples?: unknown[]
}

/** The component that a reference leads to, or the schema itself. */
export function resolve(schema: Keywords): Keywords {
  if (!schema.$ref) return schema
  const component = components.get(schema.$ref.replace(/#$/, ''))
  if (!component) throw new Error(`there is no component ${schema.$ref}`)
  return component as Keywords
}

const component = <P extends TProperties>($id: string, properties: P, keywords: Record<string, unknown>) =>
  register($id, Type.Object(properties, { $id, ...keywords }))

function register<T extends TSchema>($id: string, schema: T): T {
  if (components.has($id)) throw new Error(`the component ${$id} is defined twice`)
  components.set($id, schema)
  return schema
}

/** A component that the service answers: every field is always present; readers ignore fields that they do not know. */
export const responseSchema = <P extends TProperties>($id: string, description: string, properties: P) =>
  component($id, properties, { description })

/** A component that the service answers: all that another one has, and these fields. */
export const extended = <B extends TSchema, P extends TProperties>(
  $id: string,
  description: string,
  base: B,
  properties: P,
) =>
  register(
    $id,
    Type.Unsafe<Static<B> & Static<TObject<P>>>({ $id, allOf: [ref(base), Type.Object(properties)], description }),
  )

/** A component that is one of several answers, by the constant in one of their fields. */
export function oneOf<T extends TSchema>(
  $id: string,
  description: string,
  propertyName: string,
  branches: Readonly<Record<string, T>>,
) {
  const mapping = Object.fromEntries(
    Object.entries(branches).map(([code, branch]) => [code, `#/components/schemas/${(branch as Keywords).$id}`]),
  )
  const schema = Type.Unsafe<Static<T>>({
    $id,
    oneOf: Object.values(branches).map(ref),
    discriminator: { propertyName, mapping },
    description,
  })
  return register($id, schema)
}

/** A component that is any of several forms. */
export const anyForm = ($id: string, description: string, forms: readonly Keywords[]) =>
  register($id, Type.Unsafe<unknown>({ $id, anyOf: forms, description }))

/** By the name of a component that the service takes: the fields that its answers have beside those. */
export const readOnlyFields = new Map<string, readonly string[]>()

/**
 * A component that the service takes: fields that it does not know are refused by name, and those that only answers
 * have (`readOnly`) in words of their own.
 */
export function requestSchema<P extends TProperties>(
  $id: string,
  description: string,
  properties: P,
  readOnly: readonly string[] = [],
) {
  readOnlyFields.set($id, readOnly)
  return component($id, properties, { description, additionalProperties: false })
}
