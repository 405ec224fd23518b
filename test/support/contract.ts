/**
 * Contract check: every answer that a test gets is held against the OpenAPI document of the service. Its status,
 * headers and body must be declared for the operation. Schemas are closed for this check, so that no field leaks
 * unseen.
 */
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Document, Operation, Reference, Response } from '../../src/http/openapi/types.ts'
import { addFormats } from '../../src/http/schema/formats.ts'

export interface SeenAnswer {
  method: string
  /** With its query. */
  url: string
  status: number
  headers: Readonly<Record<string, unknown>>
  /** As it was sent. */
  bytes: Buffer
}

/** Carried by every answer, for the connection or against misuse by browsers: no part of an operation. */
const GENERAL =
  /^(access-control-.*|connection|content-(length|security-policy|type)|cross-origin-resource-policy|date|keep-alive|referrer-policy|strict-transport-security|transfer-encoding|x-accel-buffering|x-(content-type|frame)-options)$/

/** What is answered where the document knows no operation. */
const WITHOUT_OPERATION = [400, 404, 405, 414]

const WITHOUT_END = 'the JSON does not end with a line feed'

const checkers = new Map<string, (answer: SeenAnswer) => string[]>()

/** All in which an answer breaks the document, a JSON text; none when it keeps it. */
export function contractErrors(document: string, answer: SeenAnswer): string[] {
  const check = checkers.get(document) ?? checker(JSON.parse(document))
  checkers.set(document, check)
  return check(answer)
}

function checker(document: Document) {
  const paths = Object.keys(document.paths)
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((path) => ({ path, form: formOf(path) }))
  const validatorOf = validators(document)
  return (answer: SeenAnswer): string[] => {
    const [wanted = ''] = answer.url.split('?')
    const found = paths.find(({ form }) => form.test(wanted))
    const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase()
    const operation = found && document.paths[found.path]?.[method as 'get']
    if (!operation) return strayErrors(answer, wanted, validatorOf('#/components/schemas/Problem'))
    const declared = operation.responses[answer.status]
    if (!declared) return [`the status ${answer.status} is not declared for ${operation.operationId}`]
    const response = resolve(document, declared) as Response
    return [...headerErrors(document, response, answer), ...bodyErrors(document, operation, answer, validatorOf)]
  }
}

/** Paths with fewer parameters are tried first, so that a literal part wins over one. */
const formOf = (path: string) =>
  new RegExp(`^${path.replace(/[.*+?()|[\]\\^$]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`)

function resolve<T extends object>(document: Document, given: T | { $ref: string }): T {
  if (!('$ref' in given)) return given
  const [, , kind = '', name = ''] = given.$ref.split('/')
  return (document.components[kind] as Record<string, T>)[name] as T
}

/** Validators of the schemas of the document, each compiled when it is first needed. */
function validators(document: Document) {
  // That the schemas are schemas is for the linters. Few answers are checked by each process: to optimize takes longer.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, code: { optimize: false } })
  addFormats(ajv as never)
  ajv.addFormat('uri', { type: 'string', validate: (value: string) => URL.canParse(value) })
  ajv.addSchema({ $id: 'document', components: { schemas: closed(document.components.schemas) } })
  const compiled = new Map<string, ValidateFunction>()
  return (reference: string): ValidateFunction => {
    const validate = compiled.get(reference) ?? ajv.compile({ $ref: `document${reference}` })
    compiled.set(reference, validate)
    return validate
  }
}

/** Schemas whose objects have no other fields than those declared. What others extend is closed where they do. */
function closed(schemas: Record<string, object>): unknown {
  const extended = Object.values(schemas).flatMap((schema) => ('allOf' in schema ? (schema.allOf as Reference[]) : []))
  const names = new Set(extended.map(({ $ref }) => $ref?.split('/').at(-1)))
  const all = Object.entries(schemas).map(([name, schema]) => [name, names.has(name) ? schema : close(schema)])
  return Object.fromEntries(all)
}

function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  if ('allOf' in schema) return { ...schema, unevaluatedProperties: false }
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, close(value)]))
  return inner.type === 'object' && inner.properties ? { ...inner, additionalProperties: false } : inner
}

const decoders = { br: brotliDecompressSync, gzip: gunzipSync }
type Coding = keyof typeof decoders

function textOf({ headers, bytes }: SeenAnswer): string {
  const decode = decoders[headers['content-encoding'] as Coding] as ((bytes: Buffer) => Buffer) | undefined
  return String(decode && bytes.length > 0 ? decode(bytes) : bytes)
}

/** Where there is no operation there is a problem, or the answer to OPTIONS, or a page that is no part of the API. */
function strayErrors(answer: SeenAnswer, path: string, isProblem: ValidateFunction): string[] {
  const { method, status, headers } = answer
  const text = textOf(answer)
  if (method === 'OPTIONS' && status === 204 && headers.allow) return []
  if (!WITHOUT_OPERATION.includes(status)) {
    return path.startsWith('/v1/') ? [`${method} ${path} is not in the document and answered ${status}`] : []
  }
  if (status === 405 && !headers.allow) return ['a 405 without Allow']
  if (method === 'HEAD') return []
  if (!text.endsWith('\n')) return [WITHOUT_END]
  return isProblem(JSON.parse(text)) ? [] : [`${method} ${path} answered ${status} without a problem: ${text}`]
}

function headerErrors(
  document: Document,
  { headers: declared = {} }: Response,
  { headers, status }: SeenAnswer,
): string[] {
  const known = new Map(Object.entries(declared).map(([name, given]) => [name.toLowerCase(), resolve(document, given)]))
  const undeclared = Object.keys(headers)
    .filter((name) => !GENERAL.test(name) && !known.has(name))
    .map((name) => `the header ${name} is not declared for the status ${status}`)
  const missing = [...known]
    .filter(([name, header]) => 'required' in header && header.required && headers[name] === undefined)
    .map(([name]) => `the header ${name} is missing from a ${status}`)
  return [...undeclared, ...missing]
}

function bodyErrors(
  document: Document,
  operation: Operation,
  answer: SeenAnswer,
  validatorOf: (reference: string) => ValidateFunction,
): string[] {
  const { method, status, headers } = answer
  const text = textOf(answer)
  const { content } = resolve(document, operation.responses[status] as Response)
  const isBare = method === 'HEAD' || !content || headers['preference-applied'] === 'return=minimal'
  if (isBare) return text === '' ? [] : [`a ${status} has a body`]
  const [type = ''] = String(headers['content-type']).split(';')
  const media = content[type]
  if (!media) return [`the media type ${type} is not declared for the status ${status}`]
  const isOfLines = type === 'application/x-ndjson'
  const reference = isOfLines ? (media.schema?.contentSchema as Reference | undefined)?.$ref : media.schema?.$ref
  if (!reference || !type.endsWith('json')) return []
  if (!text.endsWith('\n')) return [WITHOUT_END]
  const validate = validatorOf(reference)
  const texts = isOfLines ? text.split('\n').filter((line) => line !== '') : [text]
  return texts.flatMap((one) =>
    validate(JSON.parse(one))
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `the body at "${instancePath}" ${message} ${JSON.stringify(params)}`,
        ),
  )
}
