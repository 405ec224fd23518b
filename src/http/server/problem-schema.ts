/** Problem schema: the component of every problem, and of what its members list. */
import { Type } from 'typebox'
import { problemTypes } from '../errors/problem-types.ts'
import { type ProblemSlug, problem, problemBody } from '../errors/problems.ts'
import { PARAMETER_MAX } from '../input/parameters.ts'
import { FieldValue, fieldChanges } from '../schema/field-changes.ts'
import { id, integer, KEY_MAX, list, nullable, pointer, ref, responseSchema, text } from '../schema/schemas.ts'

const EXAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057'

const ErrorBody = responseSchema('Fault', 'One thing that is wrong with what was sent.', {
  pointer: Type.Optional(pointer('JSON Pointer (RFC 6901) to the field of the body.', '/title')),
  parameter: Type.Optional(
    Type.String({
      maxLength: PARAMETER_MAX,
      description: 'Name of the parameter of the path, the query or the header, as it was sent: it may be empty.',
      examples: ['limit'],
    }),
  ),
  code: text(100, 'What is wrong, for programs. The list may grow.', 'required'),
  message: text(2_000, 'What is wrong, for people: names the field and its rule.', 'title is required.'),
})

const InUseBy = responseSchema('InUseBy', 'A resource that is in the way.', {
  type: text(100, 'What kind of resource it is.', 'signatory'),
  id: id('Its identifier.', EXAMPLE_ID),
})

/** As many as what a document lists and what others can have made under its convention. */
const CONFLICTS_MAX = 1_000

/** All that a document may hold, and as much again that it may delete. */
export const CHANGES_MAX = 12_000

/** The most resources in its way that a deletion names. */
export const IN_USE_MAX = 50

const count = (description: string, example: number) => integer(0, CHANGES_MAX, description, example)

const ChangeCounts = responseSchema(
  'ChangeCounts',
  'How much a refused document would have changed (French: décompte).',
  {
    created: count('How many it would have created (French: créés).', 0),
    updated: count('How many it would have changed (French: modifiés).', 1),
    deleted: count('How many it would have deleted (French: supprimés).', 12),
    unchanged: count('How many would have stayed as they are (French: inchangés).', 18),
  },
)

const RefusedChange = responseSchema(
  'RefusedChange',
  'What a refused document would have done to an object (French: changement refusé).',
  {
    operation: text(100, 'What would have been done: `create`, `update` or `delete` (French: opération).', 'delete'),
    type: text(100, 'What kind of resource it is (French: type de ressource).', 'action'),
    key: nullable(text(KEY_MAX, 'Its key in the source (French: clé).', 'itinerance')),
    id: nullable(id('Its identifier; null of what would have been created (French: identifiant).', EXAMPLE_ID)),
    changes: fieldChanges,
  },
)

const SourceConflict = responseSchema(
  'SourceConflict',
  'A change by hand that a document contradicts, keys in place of ids (French: conflit de synchronisation).',
  {
    pointer: pointer('Where it is in the document, as JSON Pointer (French: emplacement).', '/actions/0/title'),
    type: text(100, 'What kind of resource it is (French: type de ressource).', 'action'),
    key: text(KEY_MAX, 'Its key in the source (French: clé).', 'itinerance'),
    id: id('Its identifier (French: identifiant).', EXAMPLE_ID),
    field: nullable(text(100, 'The field; null of an object that people deleted (French: champ).', 'title')),
    base: ref(FieldValue),
    yours: ref(FieldValue),
    ours: ref(FieldValue),
  },
)

const ChangedObject = responseSchema(
  'ChangedObject',
  'An object of a document that others changed meanwhile (French: objet modifié entre-temps).',
  {
    operation: text(100, 'What was done: `create`, `update` or `delete` (French: opération).', 'update'),
    type: text(100, 'What kind of resource it is (French: type de ressource).', 'action'),
    key: nullable(text(KEY_MAX, 'Its key in the source (French: clé).', 'itinerance')),
    id: id('Its identifier (French: identifiant).', EXAMPLE_ID),
    version: integer(1, Number.MAX_SAFE_INTEGER, 'Its present version, or the one that ended it (French: version).', 4),
  },
)

/** The component of every problem. */
export const ProblemBody = responseSchema('Problem', 'What went wrong and what to do by RFC 9457 (French: problème).', {
  type: text(200, 'Path of the page that explains problems of this type. It never changes.', '/problems/not-found'),
  title: text(200, 'The type in words, the same in every answer.', problemTypes['not-found'].title),
  status: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.', examples: [404] }),
  detail: text(2_000, 'What is wrong this time.', problemTypes['not-found'].example.detail),
  instance: text(
    100,
    'The id of the request as a URN, also in `X-Request-Id`: name it when you ask the operators.',
    'urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057',
  ),
  errors: Type.Optional(list(ref(ErrorBody), 100, 'All that is wrong with the body or the parameters, 100 at most.')),
  conflictsWith: Type.Optional(
    list(
      ref(InUseBy),
      CONFLICTS_MAX,
      'Of an `already-exists`: the resources that hold what only one may hold; of a `duplicate-convention`: those that it may be.',
    ),
  ),
  inUseBy: Type.Optional(
    list(
      ref(InUseBy),
      IN_USE_MAX,
      `Of an \`in-use\`: what names it, ${IN_USE_MAX} at most; what you may not see is only counted.`,
    ),
  ),
  counts: Type.Optional(ref(ChangeCounts)),
  plan: Type.Optional(list(ref(RefusedChange), CHANGES_MAX, 'What would have been done.')),
  conflicts: Type.Optional(
    list(
      ref(SourceConflict),
      CHANGES_MAX,
      'Of a `source-conflict`: what the source had sent (`base`), what the document sends (`yours`) and what the registry has (`ours`).',
    ),
  ),
  changed: Type.Optional(
    list(
      ref(ChangedObject),
      CONFLICTS_MAX,
      'Of a `precondition-failed`: the objects of the document that changed since the tag that was sent.',
    ),
  ),
  inUseByCount: Type.Optional(integer(1, Number.MAX_SAFE_INTEGER, 'Of an `in-use`: how many name it.', 2)),
})

/** The example of a problem, as its page and the OpenAPI document show it. */
export function exampleOf(slug: ProblemSlug) {
  const { detail, errors } = { errors: undefined, ...problemTypes[slug].example }
  return problemBody(problem(slug, detail, errors && { errors }), EXAMPLE_ID)
}
