/** API info: the introduction of the OpenAPI document, and its tags in reading order. */
import fs from 'node:fs'
import { limits } from '../config.ts'
import { inReadingOrder } from '../domain/resources.ts'
import type { Term } from '../domain/vocabularies/schema.ts'
import { vocabularies } from '../domain/vocabularies/vocabularies.ts'
import { tagOf } from '../engine/words.ts'
import type { ApiWords } from '../http/openapi/openapi.ts'

const packageFile = new URL('../../package.json', import.meta.url)
export const { version } = JSON.parse(fs.readFileSync(packageFile, 'utf8')) as { version: string }

/** The file of the examples, made by `npm run openapi`. */
export const examplesFile = new URL('../../openapi/examples.json', import.meta.url)

export const NAME = 'CTG registry'
export const SUMMARY = 'The conventions territoriales globales of France, as data'

const description = `The open registry of the *conventions territoriales globales* (CTG): the agreements by which a Caf, the communes and other public bodies of a territory plan their services to families. Who signed, for how long, with which axes, actions and places, as data.

**In a minute**
- Reading is free and needs no key. Begin with \`GET /v1/conventions\`, follow the ids.
- A convention has *signatories*, *amendments*, *axes* and *actions*, each with a list of its own, and *service sites* where families find a service. \`GET /v1/conventions/{id}/document\` gives all of it at once.
- Looking for something? \`GET /v1/search?q=aigle\` searches everything, \`q\` in a list that one.
- Every list has filters by place (\`communeCode\`, \`epciCode\` …) and by subject (\`theme\`, \`organizationId\` …), \`sort\`, and \`format=csv\` to take it away whole. Service sites are found by \`near\`, \`bbox\` and \`openAt\`.
- Lists come in pages: go on with \`next\` as \`cursor\`, or follow the \`Link\` header.
- Every field is always there; what is unknown is \`null\` or \`[]\`. Dates are as precise as they are known: \`2022\`, \`2022-03\`, \`2022-03-17\`.
- Codes of closed lists (\`petite-enfance\`, \`active\` …) have French and English labels in \`GET /v1/vocabularies\`.
- Nothing is forgotten: \`/history\` under a resource tells what changed and when, \`asOf\` answers what was known at an instant, \`validOn\` who was bound on a day. \`GET /v1/changes\` tells every change, in order.

**Errors** are problems (RFC 9457) that name all that is wrong at once; the \`type\` of each leads to a page that explains it. Beside what an operation lists, any request may meet [405](/problems/method-not-allowed), [408](/problems/request-timeout), [417](/problems/expectation-failed) or [431](/problems/headers-too-large).

**Writing** needs a key (\`Authorization: Bearer …\`). A Caf's system describes a whole convention in one document and PUTs it under \`/v1/sources/{source}/conventions/{key}\`; the registry makes the smallest change. Try it with \`dryRun=true\`. Drafts are shown to keys of the Caf that coordinates them, and to administrators.

**Keys** have a role: \`reader\` (also the drafts of its own organization), \`contributor\` (follows up the actions that its organization leads and the sites that it manages), \`editor\` (the conventions that its organization coordinates and all that is under them), \`admin\`. What an operation takes stands at the end of its description, and its least role as \`x-required-role\`. A key that may not see a thing gets a 404, one that sees it and may not change it a 403.

**Limits**: what an address or a key may ask for in a minute is counted in units: a read takes ${limits.costs.read}, a document, a search, a page of changes or of the audit ${limits.costs.large}, a write ${limits.costs.write}, putting a document ${limits.costs.document}, a snapshot, a digest or a whole list ${limits.costs.fullScan}. \`RateLimit\` says what is left; beyond it the answer is a [429](/problems/too-many-requests) with \`Retry-After\`. A key may do ten times as much as an address; a wrong one costs ${limits.costs.failedAuth}.

This document is served [as JSON](/openapi.json) and [as YAML](/openapi.yaml); the [home page](/) leads to everything. New fields and codes may come at any time: ignore what you do not know. Bounds: a body ${limits.bodyBytes / 1024} KB, a document ${limits.documentBytes / 1024 / 1024} MB, a page ${limits.pageItems} items.`

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
export const apiWords = (): ApiWords => ({
  info: {
    title: NAME,
    version,
    summary: `${SUMMARY}.`,
    description,
    contact: { name: 'The operators of this registry' },
    license: { name: 'European Union Public Licence 1.2', identifier: 'EUPL-1.2' },
  },
  tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
  apiKey:
    'An API key of the registry. Editors make those of their organization with `POST /v1/keys`, the operators of the registry any with `npm run keys -- create NAME`. Reading what is public needs none.',
  examples: JSON.parse(fs.readFileSync(examplesFile, 'utf8')),
  enumerations: Object.fromEntries(vocabularies.map(({ name, terms }) => [typeName(name), enumeration(name, terms)])),
})
