/** Field types: each makes a field from what is particular to it. */
import type { TSchema, TUnsafe } from 'typebox'
import type { BodyError } from '../../http/errors/field-errors.ts'
import type { Form } from '../../http/schema/formats.ts'
import * as schemas from '../../http/schema/schemas.ts'
import { exampleId } from '../example-ids.ts'
import type { ResourceType } from '../resource-types.ts'
import { bounds, key as keyOf } from '../schema.ts'
import { lastOf } from '../words.ts'
import {
  type AnswerOf,
  type DocumentAnswerOf,
  type DocumentOf,
  Field,
  type Fields,
  type InputOf,
  type Part,
  propertiesOf,
  type Rule,
  ruleErrors,
  typed,
} from './fields.ts'

/** A field of a schema of its own. It says what stands when it is left out: required, nullable, default, ... */
export const field = <T>(schema: TUnsafe<T>) => new Field<T, T, 'unsaid'>({ answer: schema, input: schema })

const fieldOf =
  <A extends unknown[], T>(schema: (...args: A) => TUnsafe<T>) =>
  (...args: A) =>
    field(schema(...args))

export const text = fieldOf(schemas.text)
export const title = fieldOf(schemas.title)
export const prose = fieldOf(schemas.prose)
export const partialDate = fieldOf(schemas.partialDate)
export const integer = fieldOf(schemas.integer)
export const decimal = fieldOf(schemas.decimal)
export const degrees = fieldOf(schemas.degrees)
export const cents = fieldOf(schemas.cents)
export const boolean = fieldOf(schemas.boolean)
export const url = fieldOf(schemas.url)
export const email = fieldOf(schemas.email)
export const phone = fieldOf(schemas.phone)
export const openingHours = fieldOf(schemas.openingHours)
export const key = fieldOf(keyOf)
export const pattern = (form: Form, description: string, example: string) =>
  field(schemas.pattern(form, description, example))

/** A code of a closed list. */
export const code = <const T extends readonly string[]>(of: T, description: string, example: T[number]) =>
  field(schemas.code(of, description, example))

/** Codes of a closed list, none twice. */
export function codes<const T extends readonly string[]>(
  of: T,
  description: string,
  item: { description: string; example: T[number] },
  min = 0,
) {
  const schema = schemas.uniqueList(schemas.code(of, item.description, item.example), bounds.codes, description, min)
  return new Field<T[number][]>({ answer: schema, input: schema })
}

/** What is said of a reference: of ids in the resource itself, of keys in documents. */
interface ReferenceWords<N extends string> {
  /** Its name in documents. */
  name: N
  /** A key in the example of the registry: `rai`, or `<key of its convention>/<key>`. */
  example: string
  /** The key that documents show, where it is not that of the id. */
  exampleKey?: string
  /** Whether what it names is under another convention: documents name it by `<key of that convention>/<key>`. */
  isElsewhere?: boolean
  id: string
  key: string
}

function schemasOf({ example, exampleKey, isElsewhere, ...words }: ReferenceWords<string>, to: ResourceType) {
  const id = schemas.id(words.id, exampleId(to, example))
  if (isElsewhere) return { id, keyed: schemas.text(2 * schemas.KEY_MAX + 1, words.key, exampleKey ?? example) }
  return { id, keyed: keyOf(words.key, exampleKey ?? lastOf(example)) }
}

/** The id of another resource, which is named by its type. */
export function ref<const N extends string>(to: ResourceType, words: ReferenceWords<N>) {
  const { id, keyed } = schemasOf(words, to)
  const document = { name: words.name, answer: keyed, input: keyed }
  const reference = { to, isList: false, isElsewhere: words.isElsewhere ?? false }
  return new Field<string, string, 'unsaid', N>({ answer: id, input: id, document, reference })
}

/** The ids of other resources, none twice. */
export function refs<const N extends string>(
  to: ResourceType,
  max: number,
  words: ReferenceWords<N> & { ids: string; keys: string },
) {
  const { id, keyed } = schemasOf(words, to)
  const ids = schemas.uniqueList(id, max, words.ids)
  const keys = schemas.uniqueList(keyed, max, words.keys)
  const document = { name: words.name, answer: keys, input: keys }
  const reference = { to, isList: true, isElsewhere: words.isElsewhere ?? false }
  return new Field<string[], string[], 'optional', N>({ answer: ids, input: ids, document, reference })
}

/** What an object inside a resource is, and as what it is written; in documents too where it names something. */
interface PartWords {
  answer: string
  input: string
  document?: string
  documentAnswer?: string
}

/** An object inside a resource. */
export function part<F extends Fields>(
  name: string,
  words: PartWords,
  fields: F,
  rules: readonly Rule<AnswerOf<NoInfer<F>>>[] = [],
): Part<F> {
  const { document, documentAnswer } = words
  const Answer = typed<AnswerOf<F>>(schemas.responseSchema(name, words.answer, propertiesOf(fields, 'answer')))
  const Input = typed<InputOf<F>>(schemas.requestSchema(`${name}Input`, words.input, propertiesOf(fields, 'input')))
  const inDocuments = {
    Document: document && schemas.requestSchema(`Document${name}`, document, propertiesOf(fields, 'document')),
    DocumentAnswer:
      documentAnswer &&
      schemas.responseSchema(`Document${name}Answer`, documentAnswer, propertiesOf(fields, 'documentAnswer')),
  }
  return {
    fields,
    Answer,
    Input,
    Document: typed<DocumentOf<F>>(inDocuments.Document || Input),
    DocumentAnswer: typed<DocumentAnswerOf<F>>(inDocuments.DocumentAnswer || Answer),
    isChecked: rules.length > 0 || Object.values(fields).some(({ facts }) => facts.errorsOf),
    errorsOf: (value, pointer) => ruleErrors(fields, rules as readonly Rule<never>[], value, pointer),
  }
}

/** A list of such objects. */
export function listOf<F extends Fields>(of: Part<F>, max: number, description: string) {
  const list = (item: TSchema) => schemas.list(schemas.ref(item), max, description)
  return new Field<AnswerOf<F>[], InputOf<F>[], 'optional', never, DocumentOf<F>[]>({
    answer: list(of.Answer),
    input: list(of.Input),
    document: { answer: list(of.DocumentAnswer), input: list(of.Document) },
    part: of as unknown as Part,
    // A document holds a hundred thousand objects of which the schema says all.
    ...(of.isChecked && {
      errorsOf: (items: AnswerOf<F>[], pointer: string): BodyError[] =>
        items.flatMap((item, i) => of.errorsOf(item, `${pointer}/${i}`)),
    }),
  })
}
