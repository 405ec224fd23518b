/** Schemas of the search across resources and territories. */
import { type Static, Type } from 'typebox'
import { exampleId } from '../engine/example-ids.ts'
import { querySyntax, textParameter } from '../engine/schema.ts'
import {
  boolean,
  code,
  id,
  integer,
  list,
  nullable,
  prose,
  ref,
  responseSchema,
  text,
  title,
} from '../http/schema/schemas.ts'

/** What is searched: resources with fields that are declared so, and territories. */
export const searchTypes = ['convention', 'action', 'organization', 'service-site', 'territory'] as const
export type SearchType = (typeof searchTypes)[number]

const RESULTS = { max: 50, byDefault: 20 }
/** More than an excerpt of thirty words has. */
const PARTS_MAX = 700
const FIELD_MAX = 100
const ID_MAX = 50
const PATH_MAX = 100
export const SCORE_MAX = 1_000_000

const ITINERANT = exampleId('action', 'pays-de-l-aigle-2022/itinerance')

const type = (description: string) => code(searchTypes, description, 'action')

const HighlightPart = responseSchema('HighlightPart', 'A part of an excerpt (French: extrait).', {
  text: prose('The part itself, as plain text (French: texte).', 'itinérance'),
  matched: boolean('Whether it is what was looked for (French: correspond à la recherche).', true),
})

export const SearchResult = responseSchema('SearchResult', 'What was found (French: résultat de recherche).', {
  type: type('What it is (French: type).'),
  id: text(
    ID_MAX,
    'Its id; of a territory its kind and code as bodies name it, `commune:61214` (French: identifiant).',
    ITINERANT,
  ),
  path: text(PATH_MAX, 'Where it can be read (French: chemin).', `/v1/actions/${ITINERANT}`),
  title: title('Its title or name (French: intitulé).', "Organisation de l'itinérance des services et animations"),
  conventionId: nullable(
    id(
      'The convention that it is under, else null (French: convention).',
      exampleId('convention', 'pays-de-l-aigle-2022'),
    ),
  ),
  field: nullable(
    text(
      FIELD_MAX,
      'The field in which the words were found, the most important one; `formerName` of a territory is that of a former commune or an arrondissement; null where a name is only similar (French: champ).',
      'title',
    ),
  ),
  highlight: list(
    ref(HighlightPart),
    PARTS_MAX,
    'The field, or an excerpt of it, in parts: joined they are its text (French: extrait mis en évidence).',
  ),
  score: integer(
    0,
    SCORE_MAX,
    'How relevant it is within this answer; no scale of its own (French: pertinence).',
    120_000,
  ),
})
export type SearchResult = Static<typeof SearchResult>

export const SearchResults = responseSchema(
  'SearchResults',
  'What was found, the most relevant first (French: résultats).',
  {
    data: list(ref(SearchResult), RESULTS.max, 'What was found, the most relevant first (French: résultats).'),
  },
)

export const searchQuery = Type.Object({
  q: textParameter(`What to look for. ${querySyntax} (French: recherche).`, 'itinérance'),
  type: Type.Optional(
    list(type('Only these types (French: types).'), searchTypes.length, 'Only these types (French: types).', 1),
  ),
  limit: Type.Optional(
    Type.Unsafe<number>({
      ...integer(1, RESULTS.max, 'How many to answer at most (French: nombre maximal).', RESULTS.byDefault),
      default: RESULTS.byDefault,
    }),
  ),
})
export const defaultLimit = RESULTS.byDefault
