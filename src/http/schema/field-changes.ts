/** Field changes: what a plan says of a field, in the names and keys of a document. */
import { anyForm, list, PROSE_MAX, ref, responseSchema, text } from './schemas.ts'

const FIELDS_MAX = 100
/** The most entries of a list in a document. */
const ENTRIES_MAX = 500

/** What a field may hold, in a document. */
export const FieldValue = anyForm(
  'FieldValue',
  'The value of a field: a scalar, a list of keys, codes or objects, or an object (French: valeur).',
  [
    { type: ['string', 'null'], maxLength: PROSE_MAX },
    { type: 'number', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    { type: 'boolean' },
    {
      type: 'array',
      items: { anyOf: [{ type: 'string', maxLength: PROSE_MAX }, { type: 'object' }] },
      maxItems: ENTRIES_MAX,
    },
    { type: 'object' },
  ],
)

const FieldChange = responseSchema(
  'FieldChange',
  'A field that changes, with its value before and after, keys in place of ids (French: champ modifié).',
  {
    field: text(100, 'Its name in the document (French: nom du champ).', 'title'),
    old: ref(FieldValue),
    new: ref(FieldValue),
  },
)

/** The fields that an update changes. */
export const fieldChanges = list(
  ref(FieldChange),
  FIELDS_MAX,
  'The fields that an update changes (French: champs modifiés).',
)
