/**
 * CSV (RFC 4180) for spreadsheets: UTF-8 with a byte order mark, CRLF, one row for each item. A spreadsheet would run
 * text that begins like a formula, so people's words that do so get an apostrophe in front.
 */
import { stringify } from 'csv-stringify/sync'
import { Type } from 'typebox'
import { code, type Keywords, resolve, uniqueList } from '../../../http/schema/schemas.ts'
import type { Labels, WriteOptions, Writer } from './writer.ts'

/** How the value of a column is written: one value, several joined by `|`, or JSON. */
export type Shape = 'scalar' | 'list' | 'json'

export interface Column {
  /** The name of the field; a field of an object inside has that of the object before it: `period.from`. */
  name: string
  shape: Shape
  /** Of the value, or of each of several. */
  schema: Keywords
  description: string
  isRequired: boolean
  /** The value in an item; of a list its entries. */
  read(item: Item): unknown
}

type Item = Record<string, unknown>

const SEPARATOR = '|'

/** The columns of a table of items of this schema, without what is only there when it is included. */
export function columnsOf(schema: Keywords): Column[] {
  const { properties = {}, required = [] } = resolve(schema)
  return Object.entries(properties)
    .filter(([name]) => required.includes(name))
    .flatMap(([name, property]) => columnsOfField(name, property, (item) => item[name]))
}

function columnsOfField(name: string, property: Keywords, read: Column['read']): Column[] {
  const { schema, isNullable } = withoutNull(property)
  const { description = schema.description ?? '' } = property
  const column = { name, description, isRequired: !isNullable, read }
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([inner, of]) =>
      columnsOfField(`${name}.${inner}`, of, (item) => (read(item) as Item | null)?.[inner] ?? null).map((one) =>
        isNullable ? { ...one, isRequired: false } : one,
      ),
    )
  if (schema.type !== 'array') return [{ ...column, shape: 'scalar', schema }]
  const items = withoutNull(schema.items ?? {}).schema
  if (!items.properties) return [{ ...column, shape: 'list', schema: items, isRequired: false }]
  // As writers name a territory: `epci:200068468`.
  if ('kind' in items.properties && 'code' in items.properties)
    return [{ ...column, shape: 'list', schema: { type: 'string' }, isRequired: false, read: kindsAndCodes(read) }]
  return [{ ...column, shape: 'json', schema, isRequired: false }]
}

const kindsAndCodes = (read: Column['read']) => (item: Item) =>
  (read(item) as { kind: string; code: string }[]).map(({ kind, code }) => `${kind}:${code}`)

/** A schema of a value that is not null. */
function withoutNull(property: Keywords): { schema: Keywords; isNullable: boolean } {
  const { anyOf, ...rest } = resolve(property)
  if (anyOf) return { schema: resolve(anyOf.find(({ type }) => type !== 'null') ?? {}), isNullable: true }
  if (!Array.isArray(rest.type)) return { schema: rest, isNullable: false }
  const [type = 'string'] = rest.type.filter((one) => one !== 'null')
  const { enum: codes, ...schema } = { ...rest, type }
  return { schema: codes ? { ...schema, enum: codes.filter((one) => one !== null) } : schema, isNullable: true }
}

/** The parameter of a language. */
export const languageOf = (description: string) =>
  Type.Optional(code(['fr', 'en'], `${description} (French: langue des libellés).`, 'fr'))

/** The language in which codes are written as labels. */
export const languageParameter = languageOf('Of a CSV: labels in this language in place of the codes of vocabularies')

/** The parameters that only tables take. */
export const csvParameters = (columns: readonly Column[]) => ({
  columns: Type.Optional(
    uniqueList(
      code(
        columns.map(({ name }) => name),
        'Name of a column (French: colonne).',
        columns[0]?.name ?? '',
      ),
      columns.length,
      'Of a CSV: the columns, in this order, separated by commas; left out, all (French: colonnes).',
      1,
    ),
  ),
  labels: languageParameter,
})

/** The columns that a table has, in their order. */
export function chosenColumns(columns: readonly Column[], names?: readonly string[]): readonly Column[] {
  return names?.flatMap((name) => columns.filter((column) => column.name === name)) ?? columns
}

/** Text that a spreadsheet would take for a formula, and text that is marked as no formula already. */
const FORMULA = /^[\s\uFEFF']*[=+\-@\t\r]/

/** People's words: what is neither a code nor of a form. A telephone number keeps its `+`. */
const WORDS = new Set(['text', 'prose', 'email'])
export const isWords = ({ format, enum: codes, type }: Keywords): boolean =>
  type === 'string' && codes === undefined && WORDS.has(format ?? '')

/** Rows of these columns. */
export function csvWriter(
  all: readonly Column[],
  { columns: names, labels: language }: WriteOptions,
  labels: Labels,
): Writer {
  const columns = chosenColumns(all, names)
  const cells = columns.map(({ schema }) =>
    cellOf(schema, language && schema.enum && labels(schema.enum as string[], language)),
  )
  const row = (item: Item) => columns.map((column, i) => textOf(column, column.read(item), cells[i] as Cell))
  return {
    head: `\uFEFF${write([columns.map(({ name }) => name)])}`,
    between: '',
    items: (texts) => write(texts.map((text) => row(JSON.parse(text)))),
    foot: () => '',
  }
}

/** A line feed alone ends a row for spreadsheets too, so text that has one is quoted. */
const write = (rows: string[][]) => stringify(rows, { record_delimiter: 'windows', quoted_match: /[\r\n]/ })

type Cell = (value: unknown) => string

function cellOf(schema: Keywords, labels: ReadonlyMap<string, string> | undefined): Cell {
  if (labels) return (value) => labels.get(String(value)) ?? String(value)
  if (isWords(schema)) return (value) => (FORMULA.test(String(value)) ? `'${value}` : String(value))
  return String
}

function textOf({ shape }: Column, value: unknown, cell: Cell): string {
  if (value === null || value === undefined) return ''
  if (shape === 'json') return JSON.stringify(value)
  return shape === 'list' ? (value as unknown[]).map(cell).join(SEPARATOR) : cell(value)
}
