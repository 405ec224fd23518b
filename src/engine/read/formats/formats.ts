/**
 * Formats of collections: one table. A row says how the items of any collection are written, from the texts that GET
 * answers; routes, negotiation, pages and exports follow from it.
 */
import type { FastifyContextConfig } from 'fastify'
import { type TProperties, type TSchema, Type } from 'typebox'
import { code, type Keywords, list, ref } from '../../../http/schema/schemas.ts'
import type { Model } from '../../declaration/models.ts'
import type { Resource } from '../../declaration/resource.ts'
import { FeatureCollection, type FeaturesOf } from '../../geojson.ts'
import { lastOf } from '../../words.ts'
import { type Column, columnsOf, csvParameters, csvWriter, languageOf } from './csv.ts'
import type { Labels, Language, WriteOptions, Writer } from './writer.ts'

/** What the items of a list are to a format: resources or territories. */
export interface Collection {
  /** Part of its address, of its schema and of its files: `service-sites`. */
  name: string
  /** The component of an item, and that of a page of them. */
  Item: TSchema
  Page: TSchema
  /** The columns of its tables. */
  columns: readonly Column[]
  /** The places of an item; without it there is no map. */
  featuresOf?: FeaturesOf | undefined
  /** What its items are in standards of others. */
  models?: readonly Model[] | undefined
  /** The picture of all items, an SVG document; without it there is none. */
  pictureOf?: PictureOf | undefined
}

type PictureOf = (items: never[], language: Language) => string

export interface Format {
  name: string
  /** For people. */
  label: string
  mediaType: string
  /** `Content-Type`. */
  contentType: string
  /** The end of the name of its files, where that is not its name. */
  extension?: string
  /** Whether the list is sent whole unless a page is asked for; such a list is a file. */
  isWhole: boolean
  /** Whether it has columns, which a Table Schema explains. */
  isTable?: boolean
  /** Whether a browser shows it as it is, in place of saving it. */
  isShown?: boolean
  /** The parameters of lists that it takes beside filters and the place of the page. */
  takes: readonly string[]
  /** Those of them that only it has. */
  parameters?(collection: Collection): TProperties
  isOf(collection: Collection): boolean
  /** The schema of an answer in the OpenAPI document. */
  schema(collection: Collection): object
  /** What is written in place of the items that were read. */
  itemsOf?: Model['itemsOf']
  writer(collection: Collection, options: WriteOptions, labels: Labels): Writer
}

const always = () => true
const asText = (texts: readonly string[]) => texts.join(',')

const json: Format = {
  name: 'json',
  label: 'JSON',
  mediaType: 'application/json',
  contentType: 'application/json; charset=utf-8',
  isWhole: false,
  takes: ['count', 'include'],
  isOf: always,
  schema: ({ Page }) => ref(Page),
  writer: () => ({
    head: '{"data":[',
    between: ',',
    items: asText,
    foot: ({ next, count }) => `],"next":${JSON.stringify(next)},"count":${count}}\n`,
  }),
}

const ndjson: Format = {
  name: 'ndjson',
  label: 'NDJSON',
  mediaType: 'application/x-ndjson',
  contentType: 'application/x-ndjson; charset=utf-8',
  isWhole: true,
  takes: ['include'],
  isOf: always,
  schema: ({ Item }) => ({ type: 'string', contentSchema: ref(Item) }),
  writer: () => ({
    head: '',
    between: '',
    items: (texts) => texts.map((text) => `${text}\n`).join(''),
    foot: () => '',
  }),
}

const csv: Format = {
  name: 'csv',
  label: 'CSV',
  mediaType: 'text/csv',
  contentType: 'text/csv; charset=utf-8; header=present',
  isWhole: true,
  isTable: true,
  takes: ['columns', 'labels'],
  parameters: ({ columns }) => csvParameters(columns),
  isOf: always,
  schema: () => ({ type: 'string', contentMediaType: 'text/csv' }),
  writer: ({ columns }, options, labels) => csvWriter(columns, options, labels),
}

const featureTexts = (featuresOf: FeaturesOf, text: string) =>
  featuresOf(JSON.parse(text) as never)
    .map((one) => JSON.stringify(one))
    .join(',')

const geojson: Format = {
  name: 'geojson',
  label: 'GeoJSON',
  mediaType: 'application/geo+json',
  contentType: 'application/geo+json; charset=utf-8',
  isWhole: true,
  takes: ['include'],
  isOf: ({ featuresOf }) => featuresOf !== undefined,
  schema: () => ref(FeatureCollection),
  writer: ({ featuresOf }) => ({
    head: '{"type":"FeatureCollection","features":[',
    between: ',',
    items: (texts) => texts.map((text) => featureTexts(featuresOf as FeaturesOf, text)).join(','),
    foot: () => ']}\n',
  }),
}

/** A list in a model of others: one JSON array of their items. */
const inModel = ({ name, label, mediaType, description, itemsOf }: Model): Format => ({
  name,
  label,
  mediaType,
  contentType: `${mediaType}; charset=utf-8`,
  extension: `${name}.json`,
  isWhole: true,
  takes: [],
  isOf: always,
  schema: () => list(Type.Unsafe<object>({ type: 'object', description }), ITEMS_MAX, 'All of them (French: liste).'),
  itemsOf,
  writer: () => ({ head: '[', between: ',', items: asText, foot: () => ']\n' }),
})

/** More than all items of a list. */
const ITEMS_MAX = 100_000_000

/** One picture of all items. */
const svg: Format = {
  name: 'svg',
  label: 'SVG',
  mediaType: 'image/svg+xml',
  contentType: 'image/svg+xml; charset=utf-8',
  isWhole: true,
  isShown: true,
  takes: ['labels'],
  parameters: () => ({
    labels: languageOf(
      'Of a CSV: labels in this language in place of codes; of a picture: its words, English unless asked for otherwise',
    ),
  }),
  isOf: ({ pictureOf }) => pictureOf !== undefined,
  schema: () => ({ type: 'string', contentMediaType: 'image/svg+xml' }),
  writer: ({ pictureOf }, { labels = 'en' }) => ({
    head: '',
    between: '',
    items: (texts) => (pictureOf as PictureOf)(texts.map((text) => JSON.parse(text)) as never[], labels),
    foot: () => '',
  }),
}

const table: readonly Format[] = [json, ndjson, csv, geojson, svg]

/** The formats that a collection has, its own last; JSON is the first. */
export const formatsOf = (collection: Collection): Format[] => [
  ...table.filter((format) => format.isOf(collection)),
  ...(collection.models ?? []).map(inModel),
]

/** What the description of a list says of its formats. */
export function formatWords(collection: Collection): string {
  const whole = formatsOf(collection).flatMap(({ isWhole, label }) => (isWhole ? [label] : []))
  return `As JSON it comes in pages; as ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(whole)} it comes whole, as it stood at one moment, unless \`limit\` or \`cursor\` asks for a page.`
}

/** A collection of the items of a page. */
export function collectionOf(
  name: string,
  Item: TSchema,
  Page: TSchema,
  views: Pick<Collection, 'featuresOf' | 'models' | 'pictureOf'> = {},
): Collection {
  return { name, Item, Page, columns: columnsOf(Item as Keywords), ...views }
}

/** A resource as formats know it. */
export const collectionOfResource = ({ path, Answer, Page, featuresOf, models }: Resource): Collection =>
  collectionOf(lastOf(path), Answer, Page, { featuresOf, models })

/** The parameters by which a list chooses its format, and what the format takes. */
export function formatParameters(collection: Collection): TProperties {
  const formats = formatsOf(collection)
  const names = formats.map(({ name }) => name)
  return {
    format: Type.Optional(
      code(names, 'Format of the answer; it wins over `Accept` (French: format de la réponse).', 'json'),
    ),
    ...Object.assign({}, ...formats.map(({ parameters }) => parameters?.(collection))),
  }
}

/** What negotiation knows of a list in these formats. */
export const formatConfig = (formats: readonly Format[]): FastifyContextConfig => ({
  formats,
  produces: formats.map(({ mediaType }) => mediaType),
})

/** The answers 200 of a list, by media type. */
export function formatResponse(collection: Collection, description: string) {
  const content = formatsOf(collection).map(({ mediaType, schema }) => [mediaType, { schema: schema(collection) }])
  return { 200: { description, content: Object.fromEntries(content) } }
}
