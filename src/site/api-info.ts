/** API info: the introduction of the OpenAPI document, and its tags in reading order. */
import fs from 'node:fs'
import { inReadingOrder } from '../domain/resources.ts'
import type { Term } from '../domain/vocabularies/schema.ts'
import { vocabularies } from '../domain/vocabularies/vocabularies.ts'
import { tagOf } from '../engine/words.ts'
import type { ApiWords, OperatorWords } from '../http/openapi/openapi.ts'

const packageFile = new URL('../../package.json', import.meta.url)
export const { version } = JSON.parse(fs.readFileSync(packageFile, 'utf8')) as { version: string }

/** The folder of the OpenAPI document and of its examples, made by `npm run openapi`. */
export const openapiFolder = new URL('../../openapi/', import.meta.url)
export const examplesFile = new URL('examples.json', openapiFolder)

export const NAME = 'CTG registry'
export const SUMMARY = 'The conventions territoriales globales of France, as data'

const description = `The open registry of the *conventions territoriales globales* (CTG): the agreements by which a Caf, the communes and other public bodies of a territory plan their services to families. Who signed, for how long, with which axes, actions and places, as data.

Reading is free and needs no key: begin with [\`GET /v1/conventions\`](/docs#/Conventions/listConventions) and follow the ids. The [guide](/guide) explains in two minutes what holds for every operation: pages, filters, dates, errors, keys, limits. The [home page](/) leads to everything.

Beside what an operation lists, any request may meet [405](/problems/method-not-allowed), [408](/problems/request-timeout), [417](/problems/expectation-failed) or [431](/problems/headers-too-large). New fields and codes may come at any time: ignore what you do not know.`

const tags = {
  ...Object.fromEntries(inReadingOrder.map(({ path, docs: words }) => [tagOf(path), words.tag])),
  Sync: 'Whole conventions as documents, put by the systems that hold them.',
  Changes: 'Everything that happened, in order: the feed, its stream, snapshots, digests to compare copies.',
  Territories: 'Communes, EPCI, départements and regions of the official geographic code.',
  Search: 'What fits some words, across resources and territories.',
  Statistics: 'Figures: what conventions cover, when they end.',
  Vocabularies: 'Closed lists of codes with French and English labels and definitions.',
  Keys: 'API keys: who holds them, what they may do; made, rotated and revoked.',
  Audit: 'Who did what and when, and who was refused.',
  Service: 'The service itself: its home page, this document, its health.',
}

/** The name of the type of one code of a vocabulary: `ConventionStatus` of `convention-statuses`. */
const typeName = (vocabulary: string) =>
  `-${vocabulary}`
    .replace(/ies$/, 'y')
    .replace(/(us)es$|s$/, '$1')
    .replace(/-(.)/g, (_, letter) => letter.toUpperCase())

const enumeration = (vocabulary: string, terms: readonly Term[]) => ({
  codes: terms.map(({ code }) => code),
  description: `A code of the vocabulary \`${vocabulary}\`, which has its labels and its definition; new ones may come.`,
})

/** What the OpenAPI document says of this API. The examples are read from their file. */
export const apiWords = ({ contact, license, servers }: OperatorWords): ApiWords => ({
  info: {
    title: NAME,
    version,
    summary: `${SUMMARY}.`,
    description,
    contact,
    license,
  },
  servers,
  tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
  apiKey:
    'An API key of the registry. Editors make those of their organization with `POST /v1/keys`, the operators of the registry any with `npm run keys -- create NAME`. Reading what is public needs none.',
  examples: JSON.parse(fs.readFileSync(examplesFile, 'utf8')),
  enumerations: Object.fromEntries(vocabularies.map(({ name, terms }) => [typeName(name), enumeration(name, terms)])),
})
