/**
 * Table Schema (Frictionless, Data Package 2.0) of the CSV of a collection: what each column holds, for programs that
 * check or load it.
 */
import { type Static, Type } from 'typebox'
import { invalidParameters, problem } from '../../../http/errors/problems.ts'
import { form } from '../../../http/schema/formats.ts'
import {
  boolean,
  decimal,
  type Keywords,
  list,
  pattern,
  ref,
  responseSchema,
  text,
  uniqueList,
} from '../../../http/schema/schemas.ts'
import type { Api } from '../../../http/server/api.ts'
import { type Column as CsvColumn, chosenColumns, isWords, languageParameter } from './csv.ts'
import type { Collection } from './formats.ts'
import type { Labels, WriteOptions } from './writer.ts'

const PROFILE = 'https://datapackage.org/profiles/2.0/tableschema.json'
const COLUMNS_MAX = 200
const CODES_MAX = 1_000
const NAME_MAX = 100
const TEXT_MAX = 2_000
const columnForm = form('^[A-Za-z.]{1,100}$', 'a name of letters, with a full stop before that of a part')

const Constraints = responseSchema('ColumnConstraints', 'What a value of a column must be (French: contraintes).', {
  required: boolean('Whether it is never empty (French: obligatoire).', true),
  minimum: Type.Optional(decimal('The least number (French: minimum).', 0)),
  maximum: Type.Optional(decimal('The greatest number (French: maximum).', 100)),
  pattern: Type.Optional(text(TEXT_MAX, 'Its form, a regular expression (French: motif).', '^\\d{5}$')),
  enum: Type.Optional(
    list(
      text(TEXT_MAX, 'A code, or its label (French: code ou libellé).', 'active'),
      CODES_MAX,
      'The closed list that it is of (French: valeurs possibles).',
    ),
  ),
})

const Column = responseSchema('Column', 'What a column holds (French: colonne).', {
  name: text(NAME_MAX, 'As in the first line (French: nom).', 'title'),
  type: text(NAME_MAX, 'Type of its values (French: type).', 'string'),
  format: Type.Optional(text(NAME_MAX, 'Format of its values (French: format).', 'uuid')),
  delimiter: Type.Optional(text(1, 'What stands between the entries of a list (French: séparateur).', '|')),
  itemType: Type.Optional(text(NAME_MAX, 'Type of the entries of a list (French: type des entrées).', 'string')),
  description: text(TEXT_MAX, 'What it is (French: description).', 'Title as printed (French: intitulé).'),
  constraints: ref(Constraints),
})

/** The component of a Table Schema. */
const TableSchema = responseSchema('TableSchema', 'What the columns of a CSV hold (French: schéma de table).', {
  $schema: text(TEXT_MAX, 'The standard that it keeps (French: norme).', PROFILE),
  fields: list(ref(Column), COLUMNS_MAX, 'The columns, in their order (French: colonnes).'),
  missingValues: list(
    Type.String({ maxLength: NAME_MAX, description: 'A text that stands for nothing.', examples: [''] }),
    1,
    'How an unknown value is written (French: valeurs manquantes).',
  ),
  primaryKey: Type.Optional(
    list(text(NAME_MAX, 'Name of a column (French: nom).', 'id'), 1, 'The column that tells rows apart (French: clé).'),
  ),
})
type TableSchema = Static<typeof TableSchema>

/** The type and format of a column, by the JSON type and the format of its values. */
const types: Record<string, { type: string; format?: string }> = {
  date: { type: 'date' },
  'date-time': { type: 'datetime' },
  uuid: { type: 'string', format: 'uuid' },
  'web-url': { type: 'string', format: 'uri' },
  // People's words may begin with an apostrophe: no format fits them all.
  email: { type: 'string' },
}

const typeOf = ({ type, format = '' }: Keywords) => types[format] ?? { type: String(type) }

/** The bounds of a value that a CSV keeps as they are. */
const bounds = ['minimum', 'maximum', 'pattern'] as const

function constraintsOf({ shape, schema, isRequired }: CsvColumn, labels: ReadonlyMap<string, string> | undefined) {
  if (shape !== 'scalar') return { required: isRequired }
  const own = isWords(schema)
    ? []
    : bounds.flatMap((name) => ((schema as never)[name] === undefined ? [] : [[name, (schema as never)[name]]]))
  const codes = schema.enum && { enum: labels ? [...labels.values()] : schema.enum }
  return { required: isRequired, ...Object.fromEntries(own), ...codes }
}

function fieldOf(column: CsvColumn, { labels: language }: WriteOptions, labels: Labels) {
  const { name, shape, schema, description } = column
  const type = {
    scalar: typeOf(schema),
    list: { type: 'list', delimiter: '|', itemType: typeOf(schema).type },
    json: { type: 'array' },
  }[shape]
  const words = language && schema.enum && labels(schema.enum as string[], language)
  return { name, ...type, description, constraints: constraintsOf(column, words || undefined) }
}

/** The schema of the CSV that is written with these options. */
function tableSchemaOf({ columns }: Collection, options: WriteOptions, labels: Labels): TableSchema {
  const chosen = chosenColumns(columns, options.columns)
  return {
    $schema: PROFILE,
    fields: chosen.map((column) => fieldOf(column, options, labels)),
    missingValues: [''],
    ...(chosen.some(({ name }) => name === 'id') && { primaryKey: ['id'] }),
  }
}

/** GET of the Table Schema of each collection. */
export function tableSchemaRoute(app: Api, collections: readonly Collection[], labels: Labels): void {
  const names = collections.map(({ name }) => name)
  const schema = {
    operationId: 'getTableSchema',
    tags: ['Service'],
    summary: 'Get the schema of a CSV',
    description: `What the columns of a CSV hold, as Table Schema (Data Package 2.0): ${names.join(', ')}. With \`columns\` and \`labels\` it is that of the CSV that is written with the same; the \`Link\` of each CSV leads here.`,
    params: Type.Object({ name: text(NAME_MAX, 'Name of the list (French: nom de la liste).', names[0] ?? '') }),
    querystring: Type.Object({
      columns: Type.Optional(
        uniqueList(
          pattern(columnForm, 'Name of a column (French: colonne).', 'id'),
          COLUMNS_MAX,
          'Only these columns, in this order (French: colonnes).',
          1,
        ),
      ),
      labels: languageParameter,
    }),
    response: { 200: { description: 'The schema.', ...ref(TableSchema) } },
  }
  app.get('/schemas/:name', { schema }, async ({ params, query }) => {
    const { name } = params as { name: string }
    const options = query as WriteOptions
    const collection = collections.find((one) => one.name === name)
    if (!collection) throw problem('not-found', `There is no schema ${name}; there are ${names.join(', ')}.`)
    const known = collection.columns.map((column) => column.name)
    const unknown = options.columns?.find((column) => !known.includes(column))
    if (unknown !== undefined) {
      const message = `columns must be of ${known.join(', ')}.`
      throw invalidParameters([{ parameter: 'columns', code: 'unknown-code', message }])
    }
    return tableSchemaOf(collection, options, labels)
  })
}
