/**
 * Schemas that all resources share: the identity and the record around every body, the bounds of lists, the filters that
 * every list has.
 */
import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import { form } from '../http/schema/formats.ts'
import {
  code,
  id,
  instant,
  integer,
  KEY_MAX,
  list,
  pattern,
  ref,
  responseSchema,
  text,
  uniqueList,
} from '../http/schema/schemas.ts'
import { EXAMPLE_SOURCE } from './example-ids.ts'

/** The most items that lists hold of which there are several. */
export const bounds = {
  codes: 20,
  territories: 500,
  /** Lists of objects that people write: needs, governance, documents, milestones, reviews, stops. */
  entries: 100,
  sources: 200,
  /** What the registry lists by itself: successors, the conventions of a site, départements. */
  derived: 10_000,
} as const

/** The highest number of what is numbered in a convention or among siblings. */
export const NUMBER_MAX = 999

/** The years that funding and reviews may speak of. */
export const YEAR = { min: 1990, max: 2100 } as const

export const sirenForm = form('^\\d{9}$', '9 digits')
export const sourceForm = form('^[a-z0-9-]{1,50}$', '1 to 50 of a-z, 0-9 and hyphens')

const VERSION_MAX = 2 ** 31 - 1

/** URLs are resolved by these two, even percent-encoded (RFC 3986, 5.2.4): no client could ask for such a key. */
const keyForm = form('^($|\\.{0,2}[^.]|\\.{3})', 'another text than . and .., which mean places in a URL')

/** A key under which a source holds something: 1 to 200 characters, case-sensitive, neither `.` nor `..`. */
export const key = (description: string, example: string) => text(KEY_MAX, description, example, keyForm)

/** The number of a version, from 1 upwards without a gap. */
export const version = () =>
  integer(1, VERSION_MAX, 'Number of the version: 1, then one more with each change (French: numéro de version).', 1)

export const sourceName = (description: string) => pattern(sourceForm, description, EXAMPLE_SOURCE)

export const SourceKey = responseSchema(
  'SourceKey',
  'Who syncs a resource, and under which key (French: clé dans le système source).',
  {
    source: sourceName('Name of the source (French: nom de la source).'),
    key: key('Key of the resource in that source (French: clé).', 'pays-de-l-aigle-2022'),
  },
)
export type SourceKey = Static<typeof SourceKey>

/** What a body begins with. */
export const identity = (exampleId: string) => ({
  id: id('Identifier given by the registry, for ever, a UUIDv7 (French: identifiant).', exampleId),
  version: version(),
})

/** The convention that a resource belongs to, after its identity. */
export const ofConvention = (exampleId: string) => ({
  conventionId: id('Convention that this belongs to (French: convention).', exampleId),
})

/** What a body ends with. */
export const record = {
  sources: list(
    ref(SourceKey),
    bounds.sources,
    'Sources that sync this, each with its key (French: sources de synchronisation).',
  ),
  createdAt: instant('Instant of the first version (French: date de création).', '2026-01-01T00:00:00.000Z'),
  updatedAt: instant('Instant of this version (French: date de modification).', '2026-01-01T00:00:00.000Z'),
}

/** The filters by source that every list has: what it syncs, or the one thing that it holds under a key. */
export const filterBySource = (exampleKey: string) => ({
  source: Type.Optional(sourceName('Only what this source syncs (French: source).')),
  sourceKey: Type.Optional(
    key('Only what has this key in the `source` of the same request (French: clé dans la source).', exampleKey),
  ),
})

/** The relations that a reader may ask for beside the ids, e.g. `include=lead,partners`. */
export const include = <const T extends readonly [string, ...string[]]>(relations: T) => ({
  include: Type.Optional(
    uniqueList(
      code(relations, 'Name of a relation (French: relation).', relations[0]),
      relations.length,
      'Relations to answer in full beside their ids, separated by commas; after a dot, one of what they lead to (French: relations à inclure).',
      1,
    ),
  ),
})

/** A description of its own for a nullable component. Beside a bare `$ref` it would be dropped. */
export const described = <T extends TSchema>(schema: T, description: string) =>
  Type.Unsafe<Static<T>>({ ...schema, description })

/** The fields of an answer that no body holds, since the registry gives them. */
export const derived = (answered: TSchema, body: TProperties): string[] =>
  Object.keys((answered as unknown as { properties: TProperties }).properties).filter((name) => !(name in body))

const QUERY_CHARACTERS_MAX = 200

/** The parameter `q`. */
export const textParameter = (description: string, example: string) => text(QUERY_CHARACTERS_MAX, description, example)

/** How `q` is read, in words that continue a description. */
export const querySyntax =
  'Accents, case, hyphens, apostrophes, plurals and articles make no difference, the last word may be begun only, and names may have typing errors; `"two words"` stand together, `-word` excludes, `or` is either.'

/** The search in a list. */
export const searchInList = {
  q: Type.Optional(
    textParameter(
      `Only what fits these words, the most relevant first. ${querySyntax} Some 1,500 candidates are ranked, and \`count\` counts them; \`next\` goes on in their order, which moves when they change: it is no walk through the list. Not with \`sort\` or \`asOf\` (French: recherche).`,
      'itinérance',
    ),
  ),
}
