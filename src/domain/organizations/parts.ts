/** Parts of an organization, which service sites have too: its numbers in other registers. */
import { code, listOf, part, text } from '../../engine/declaration/field-types.ts'
import { LABEL_MAX } from '../../http/schema/schemas.ts'
import { identifierSchemes } from '../vocabularies/codes.ts'

const IDENTIFIERS_MAX = 20

const identifier = part(
  'Identifier',
  {
    answer: 'An identifier of another scheme than SIREN and SIRET (French: identifiant externe).',
    input: 'An `Identifier` as it is written (French: identifiant externe).',
  },
  {
    scheme: code(identifierSchemes, 'Who gives these identifiers (French: référentiel).', 'caf-code').required(),
    value: text(LABEL_MAX, 'The identifier, as that scheme writes it (French: valeur).', '611').required(),
  },
)

export const identifiers = listOf(
  identifier,
  IDENTIFIERS_MAX,
  'Identifiers of other schemes (French: identifiants externes).',
)
