/**
 * Fields of a declaration, which are data: the schema in each form in which the field travels, and facts. The types of
 * its values stand beside it, so that the types of bodies follow.
 */
import { type TSchema, type TUnsafe, Type } from 'typebox'
import type { BodyError } from '../../http/errors/field-errors.ts'
import { nullable } from '../../http/schema/schemas.ts'
import type { ResourceType } from '../resource-types.ts'

/** Whether a writer gives it: always, once and never again, perhaps, or never. */
export type Presence = 'required' | 'fixed' | 'optional' | 'derived' | 'unsaid'

/** The weight of a field in searches, `A` for titles to `D` for the rest, and whether typing errors are forgiven in it. */
export interface Search {
  weight: 'A' | 'B' | 'C' | 'D'
  isName: boolean
}

/** The facts of a field at run time. */
export interface FieldFacts {
  presence: Presence
  isNullable?: boolean
  /** Of a value that is not null. */
  value: TSchema
  answer: TSchema
  input: TSchema
  /** In a document, where it differs: keys stand there in place of ids. */
  document?: { name?: string; answer: TSchema; input: TSchema }
  /** Of a derived field: whether documents show it all the same. */
  isInDocuments?: boolean
  /** What it is when a writer leaves it out, where that is neither null nor an empty list. */
  default?: unknown
  /** What a writer leaves out is taken from what the reference beside it names. */
  copied?: { reference: string; from: 'kind' | 'name' }
  reference?: { to: ResourceType; isList: boolean; isElsewhere: boolean }
  /** Of a derived list of ids: what it leads to, and as what that is included. */
  relation?: { to: ResourceType; name: string }
  /** As what it is searched by `q`; undefined: it is not. */
  search?: Search
  /** Lists may be filtered by it, under its own name or another one. */
  filter?: { description: string; name?: string }
  /** What the objects of a list are. */
  part?: Part
  /** Whether it holds territories, which are written in two ways and completed with their names. */
  isTerritory?: boolean
  /** What is wrong with a value beyond its schema; of a type of fields, never of one resource. */
  errorsOf?: (value: never, pointer: string) => BodyError[]
}

/**
 * A field, with the types of its values: `O` as it is answered, `I` as it is written, `D` as a document has it under
 * the name `N`, and whether a writer gives it, `P`. These types are nowhere at run time.
 */
export class Field<O = unknown, I = O, P extends Presence = 'optional', N extends string = never, D = I> {
  declare readonly types: { answer: O; input: I; document: D; presence: P; name: N }
  readonly facts: FieldFacts

  constructor(facts: Omit<FieldFacts, 'presence' | 'value'> & Partial<FieldFacts>) {
    this.facts = { presence: 'optional', value: facts.answer, ...facts }
  }

  required = () => new Field<O, I, 'required', N, D>({ ...this.facts, presence: 'required' })
  /** Required, and given once: a patch does not take it. */
  fixed = () => new Field<O, I, 'fixed', N, D>({ ...this.facts, presence: 'fixed' })
  /** Only the registry gives it. */
  derived = ({ isInDocuments = false } = {}) =>
    new Field<O, never, 'derived', N, D>({ ...this.facts, presence: 'derived', isInDocuments })
  /** The ids in it are of this type; `include` names them so. */
  leadsTo = (to: ResourceType, name: string) => new Field<O, I, P, N, D>({ ...this.facts, relation: { to, name } })
  /** Searched by `q` with this weight; `isName` forgives typing errors. */
  search = (weight: Search['weight'], { isName = false } = {}) =>
    new Field<O, I, P, N, D>({ ...this.facts, search: { weight, isName } })
  default = (value: I) => new Field<O, I, 'optional', N, D>({ ...this.facts, default: value })
  /** The registry completes it, see `numbered` of the resource. */
  completed = () => new Field<O, I, 'optional', N, D>(this.facts)
  /** Left out, it is the kind or the name of the organization that a reference beside it names. */
  copied = (reference: string, from: 'kind' | 'name') =>
    new Field<O, I, 'optional', N, D>({ ...this.facts, copied: { reference, from } })

  /** Lists may be filtered by its value, or by those that it holds, under its own name or another one. */
  filter = (description: string, name?: string) =>
    new Field<O, I, P, N, D>({ ...this.facts, filter: { description, ...(name !== undefined && { name }) } })

  nullable() {
    const { answer, input, document, ...facts } = this.facts
    return new Field<O | null, I | null, P extends 'unsaid' ? 'optional' : P, N, D | null>({
      ...facts,
      isNullable: true,
      ...orNull({ answer, input }),
      ...(document && { document: { ...document, ...orNull(document) } }),
    })
  }
}

const orNull = ({ answer, input }: { answer: TSchema; input: TSchema }) => ({
  answer: nullable(answer),
  input: answer === input ? nullable(answer) : nullable(input),
})

/** Any field: only what the types of bodies are made from. */
export interface AnyField {
  types: { answer: unknown; input: unknown; document: unknown; presence: Presence; name: string }
  facts: FieldFacts
}
export type Fields = Record<string, AnyField>

type Given<F extends Fields, P extends Presence> = {
  [K in keyof F as F[K]['types']['presence'] extends P ? K : never]: F[K]['types']['input']
}
type NameOf<F extends Fields, K extends keyof F> = [F[K]['types']['name']] extends [never] ? K : F[K]['types']['name']
type Named<F extends Fields, P extends Presence, V extends 'document' | 'answer'> = {
  [K in keyof F as F[K]['types']['presence'] extends P ? NameOf<F, K> : never]: F[K]['types'][V]
}
export type Flat<T> = { [K in keyof T]: T[K] } & {}

export type AnswerOf<F extends Fields> = Flat<{ [K in keyof F]: F[K]['types']['answer'] }>
export type InputOf<F extends Fields> = Flat<Given<F, 'required' | 'fixed'> & Partial<Given<F, 'optional'>>>
export type PatchOf<F extends Fields> = Flat<Partial<Given<F, 'required' | 'optional'>>>
export type DocumentOf<F extends Fields> = Flat<
  Named<F, 'required' | 'fixed', 'document'> & Partial<Named<F, 'optional', 'document'>>
>
export type DocumentAnswerOf<F extends Fields> = Flat<Named<F, 'required' | 'fixed' | 'optional', 'answer'>>

/** A component with the type of its values. */
export type Component<T> = TUnsafe<T> & { properties: { [K in keyof T]-?: TSchema } }
export const typed = <T>(schema: TSchema) => schema as Component<T>

/** An object inside a resource, in its forms; those of documents are its own where it names something. */
export interface Part<F extends Fields = Fields> {
  fields: F
  Answer: Component<AnswerOf<F>>
  Input: Component<InputOf<F>>
  Document: Component<DocumentOf<F>>
  DocumentAnswer: Component<DocumentAnswerOf<F>>
  /** Whether anything can be wrong with it beyond its schema. */
  isChecked: boolean
  errorsOf(value: AnswerOf<F>, pointer: string): BodyError[]
}

/** A rule over several fields of one body: what is wrong, with pointers into it. Rules are named functions. */
export type Rule<Body> = (body: Body) => BodyError[]

export type Form = 'answer' | 'input' | 'patch' | 'document' | 'documentAnswer'

/** The properties of a form of these fields, under the names that they have in it. */
export function propertiesOf(fields: Fields, form: Form): Record<string, TSchema> {
  const properties = Object.entries(fields).flatMap(([field, { facts }]): [string, TSchema][] => {
    const { answer, input, presence, isInDocuments } = facts
    const document = facts.document ?? { answer, input: presence === 'derived' ? answer : input }
    const name = facts.document?.name ?? field
    const given = (schema: TSchema) => (isRequired(presence) && form !== 'patch' ? schema : Type.Optional(schema))
    if (form === 'answer') return [[field, answer]]
    const isOfDocuments = form === 'document' || form === 'documentAnswer'
    if (presence === 'derived' && !(isOfDocuments && isInDocuments)) return []
    if (form === 'patch' && presence === 'fixed') return []
    if (form === 'documentAnswer') return [[name, document.answer]]
    return form === 'document' ? [[name, given(document.input)]] : [[field, given(input)]]
  })
  return Object.fromEntries(properties)
}

const isRequired = (presence: Presence) => presence === 'required' || presence === 'fixed'

/** What is wrong with a body by itself, beyond its schema: field by field, then by rules over several of them. */
export function ruleErrors(
  fields: Fields,
  rules: readonly Rule<never>[],
  body: Record<string, unknown>,
  pointer = '',
): BodyError[] {
  const ofFields = Object.entries(fields).flatMap(
    ([field, { facts }]) => facts.errorsOf?.(body[field] as never, `${pointer}/${field}`) ?? [],
  )
  const ofRules = rules.flatMap((rule) => rule(body as never))
  return [...ofFields, ...ofRules.map((error) => ({ ...error, pointer: pointer + error.pointer }))]
}

/** A field of a resource that holds ids of another one, as it is declared. */
export interface Reference {
  /** `leadId`, or of the objects of a list the field of each. */
  field: string
  /** Its name in documents, where it holds keys: `lead`. */
  name: string
  to: ResourceType
  isList: boolean
  /** Whether what it names is under another convention than its own. */
  isElsewhere: boolean
  /** The list whose objects hold it; undefined of the resource's own fields. */
  within?: string
}

/** The references that fields hold, those of the objects in their lists included. */
export const referencesOf = (fields: Fields, within?: string): Reference[] =>
  Object.entries(fields).flatMap(([field, { facts }]): Reference[] => {
    const { reference, document, part } = facts
    const own = reference
      ? [{ field, name: document?.name ?? field, ...reference, ...(within !== undefined && { within }) }]
      : []
    return [...own, ...(part ? referencesOf(part.fields, field) : [])]
  })

/** Whether one of the fields is searched, or one inside their lists. */
export const isSearched = (fields: Fields): boolean =>
  Object.values(fields).some(({ facts }) => facts.search || (facts.part && isSearched(facts.part.fields)))
