/**
 * Validation of bodies by the schemas of the contract. Text is normalized (trimmed, NFC, line feeds, empty is null where
 * null is allowed); all other errors are reported together, up to 100. A union is checked only by the branch of the
 * value's JSON type, so an error never speaks of another branch.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Static, TSchema } from 'typebox'
import { limits } from '../../config.ts'
import {
  type BodyError,
  describeError,
  inOrderOf,
  OPENING_HOURS,
  pointerSteps,
  READ_ONLY,
} from '../errors/field-errors.ts'
import { addFormats, normalize } from '../schema/formats.ts'
import { type HoursCheck, READ_PER_BODY, readingHours } from '../schema/opening-hours.ts'
import { type Keywords, readOnlyFields, resolve } from '../schema/schemas.ts'

/** So many unknown fields are reported at most; a body may hold a million of them. */
const UNKNOWN_FIELDS_MAX = 100

const ajv = new Ajv({
  strict: true,
  strictTypes: false,
  allErrors: true,
  verbose: true,
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  validateFormats: true,
  passContext: true,
})
addFormats(ajv)
ajv.addKeyword(READ_ONLY)

/** What one check carries through the validator, as `this` of our keywords. */
interface BodyCheck {
  /** What is wrong in lists. */
  inLists: BodyError[]
  hours: HoursCheck
}

/** A list is checked until more is wrong than is reported: a body may hold a million entries, all of them wrong. */
ajv.addKeyword({
  keyword: 'x-entries',
  type: 'array',
  errors: false,
  compile(schema: object) {
    let check: ValidateFunction | undefined
    return function (this: BodyCheck, list: unknown[], at) {
      // Compiled when it is first needed: by then all that it refers to is known.
      check ??= ajv.compile(schema)
      for (let i = 0; i < list.length && this.inLists.length <= limits.problemErrors; i++) {
        const place = { ...at, instancePath: `${at?.instancePath ?? ''}/${i}` } as never
        if (!check.call(this, list[i], place)) this.inLists.push(...describeErrors(check.errors ?? []))
      }
      return true
    }
  },
})

/** The format of that name, which is no format to the validator: those are not passed the check. */
ajv.addKeyword({
  keyword: OPENING_HOURS,
  type: 'string',
  schema: false,
  errors: false,
  validate(this: BodyCheck, text: string) {
    return this.hours.isReadable(text)
  },
})

const compiled = new WeakMap<object, ValidateFunction>()

/** A body as it will be stored, and all that is wrong with it; its type holds only if there is no error. */
export interface CheckedBody<T = unknown> {
  value: T
  errors: BodyError[]
}

const checkedBodies = new WeakMap<object, { schema: TSchema; checked: CheckedBody }>()

/** Checks a body, unless that is done already. */
export function checkBody<T extends TSchema>(schema: T, body: unknown, hours?: HoursCheck): CheckedBody<Static<T>> {
  const known = isObject(body) ? checkedBodies.get(body) : undefined
  if (known?.schema === schema) return known.checked as CheckedBody<Static<T>>
  const value = repair(schema as Keywords, body)
  return { value: value as Static<T>, errors: inOrderOf(value, errorsIn(schema, value, hours)) }
}

/** Keeps what a check found, for as long as the body is there. */
export function rememberCheck(schema: TSchema, body: unknown, checked: CheckedBody): void {
  if (isObject(body)) checkedBodies.set(body, { schema, checked })
}

const tooManyHours: BodyError = {
  pointer: '',
  code: 'too-many',
  message: `More than ${READ_PER_BODY} opening hours are new to the registry, and no more are read at once: send the body again.`,
}

/** All that is wrong with a value as it is; nothing is repaired. */
export function errorsIn(schema: TSchema, value: unknown, hours = readingHours()): BodyError[] {
  const validate = validatorOf(schema)
  const check: BodyCheck = { inLists: [], hours }
  const errors = validate.call(check, value) ? [] : describeErrors(validate.errors ?? [])
  return [...errors, ...check.inLists, ...(hours.unread.length > 0 ? [tooManyHours] : [])]
}

/** A text too short for its format is one error, that of the format. */
function describeErrors(errors: ErrorObject[]): BodyError[] {
  const misformed = new Set(errors.flatMap(({ keyword, instancePath }) => (keyword === 'format' ? instancePath : [])))
  return errors
    .filter(({ keyword, instancePath }) => keyword !== 'minLength' || !misformed.has(instancePath))
    .map(describeError)
}

/**
 * The value without its faulty parts, so that further rules can be applied to the rest: a field is left out, an entry
 * of a list is null, so that the places of the others stay. Undefined when the whole value is faulty, or when more is
 * wrong than is reported.
 */
export function withoutInvalidParts<T>(value: T, errors: BodyError[]): T | undefined {
  if (errors.length > limits.problemErrors) return undefined
  if (errors.some(({ pointer }) => pointer === '')) return undefined
  if (errors.length === 0) return value
  const copy = structuredClone(value)
  for (const { pointer } of errors) {
    const steps = pointerSteps(pointer)
    const last = steps.pop() as string
    const parent = steps.reduce<unknown>(
      (at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined),
      copy,
    )
    if (Array.isArray(parent)) parent[Number(last)] = null
    else if (isObject(parent)) delete parent[last]
  }
  return copy
}

function validatorOf(schema: TSchema): ValidateFunction {
  let validate = compiled.get(schema)
  if (!validate) {
    addComponents(schema as Keywords)
    validate = ajv.compile(withTypes(schema as Keywords))
    compiled.set(schema, validate)
  }
  return validate
}

/** Makes the components that a schema refers to known to the validator, and those that they refer to. */
function addComponents(schema: Keywords): void {
  const name = schema.$ref?.replace(/#$/, '')
  if (name && !added.has(name)) {
    added.add(name)
    ajv.addSchema(rulesOf(resolve(schema)), name)
    addComponents(resolve(schema))
  }
  const parts = [schema.items ?? [], schema.anyOf ?? [], Object.values(schema.properties ?? {})].flat()
  for (const part of parts) addComponents(part)
}

const added = new Set<string>()

/** A schema for the validator: it says its types, and then the rules for values of each of them. */
function withTypes(schema: Keywords): object {
  const type = typesOf(schema)
  return { ...(type.length > 0 && { type }), ...rulesOf(schema) }
}

/** The rules of a schema without its types. Those of the branches of a union stand side by side: each rule is about
 * one type of value and lets others pass, so a value meets the rules of its own branch only. */
function rulesOf({ type: _type, $id, anyOf, items, properties, format, ...rest }: Keywords): object {
  if (anyOf) return Object.assign({}, ...disjoint(anyOf).map(rulesOf))
  return {
    ...rest,
    ...(format && (format === 'opening-hours' ? { [OPENING_HOURS]: true } : { format })),
    ...($id !== undefined && readOnlyFields.has($id) && { [READ_ONLY]: readOnlyFields.get($id) }),
    ...(items && { 'x-entries': withTypes(items) }),
    ...(properties && { properties: mapValues(properties, withTypes) }),
  }
}

function disjoint(branches: Keywords[]): Keywords[] {
  const types = branches.flatMap(typesOf)
  if (new Set(types).size < types.length || branches.some((branch) => branch.enum))
    throw new Error('the branches of anyOf must be told apart by type alone')
  return branches
}

const typesOf = (schema: Keywords): string[] => {
  const { type = [], anyOf } = resolve(schema)
  return anyOf ? anyOf.flatMap(typesOf) : [type].flat()
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function repair(reference: Keywords, value: unknown): unknown {
  const schema = resolve(reference)
  if (schema.anyOf) {
    const branch = schema.anyOf.find((one) => typesOf(one).includes(typeOf(value)))
    return branch ? repair(branch, value) : value
  }
  if (typeof value === 'string') return repairText(schema, value)
  if (Array.isArray(value)) {
    const { items, maxItems = Number.POSITIVE_INFINITY } = schema
    // One too many is kept, so that it is reported.
    return items ? value.slice(0, maxItems + 1).map((item) => repair(items, item)) : value
  }
  return isObject(value) && schema.properties ? repairObject(schema, schema.properties, value) : value
}

function repairObject(schema: Keywords, properties: Record<string, Keywords>, value: Record<string, unknown>) {
  let unknownFields = 0
  const members: [string, unknown][] = []
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (known) members.push([name, repair(known, member)])
    else if (schema.additionalProperties !== false || unknownFields++ < UNKNOWN_FIELDS_MAX) members.push([name, member])
  }
  return Object.fromEntries(members)
}

/** The most characters that become one by NFC, and one to spare. */
const COMPOSED_MAX = 5

function repairText({ type, enum: codes, format, maxLength }: Keywords, value: string): string | null {
  // It stays too long whatever is repaired.
  if (
    maxLength !== undefined &&
    value.length > maxLength * COMPOSED_MAX &&
    value.trim().length > maxLength * COMPOSED_MAX
  )
    return value
  const repaired = codes ? value : normalize(value.replace(/\r\n?/g, '\n')).trim()
  if (repaired === '' && type?.includes('null')) return null
  return format === 'uuid' ? repaired.toLowerCase() : repaired
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const mapValues = <A, B>(object: Record<string, A>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]))
