/**
 * The words of an amendment: a dated change of a convention. It holds what changed in words and dates; who joined or
 * left by it is said by the signatories.
 */
import type { Static } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import {
  bounds,
  derived,
  filterByConvention,
  filterBySource,
  identity,
  NUMBER_MAX,
  ofConvention,
  partial,
  record,
} from '../../engine/schema.ts'
import {
  answer,
  code,
  distinct,
  input,
  integer,
  nullable,
  partialDate,
  prose,
  title,
} from '../../http/schema/schemas.ts'
import { DocumentLink, DocumentLinkInput, documents } from '../conventions/parts.ts'
import { amendmentKinds } from '../vocabularies/codes.ts'

/** The fields of an amendment as it is answered, in the order in which people read them. */
export const amendmentFields = {
  number: integer(
    1,
    NUMBER_MAX,
    'Number, unique in the convention; left out: the next free one, in a document its place there (French: numéro d’avenant).',
    1,
  ),
  kinds: distinct(
    code(amendmentKinds, 'Something that it does (French: objet).', 'add-signatory'),
    bounds.codes,
    'What it does: one kind or more (French: objets de l’avenant).',
    1,
  ),
  title: nullable(title('Title as printed (French: intitulé).', "Adhésion de L'Aigle et de Rai")),
  summary: nullable(
    prose('What it changes (French: résumé).', "La ville de L'Aigle et la commune de Rai rejoignent la convention."),
  ),
  signedOn: nullable(partialDate('Signature: year, month or day (French: date de signature).', '2020-01')),
  effectiveOn: nullable(partialDate('When it takes effect: its first day counts (French: date d’effet).', '2020-01')),
  endsOn: nullable(
    partialDate('New end of the convention, if it moves it (French: nouvelle date de fin).', '2022-12-31'),
  ),
  documents: documents(DocumentLink),
}

/** The fields of an amendment as it is written. */
export const amendmentBody = { ...amendmentFields, documents: documents(DocumentLinkInput) }

export const Amendment = answer('Amendment', 'A dated change of a convention (French: avenant).', {
  ...identity(exampleIds.amendment),
  ...ofConvention(exampleIds.firstConvention),
  ...amendmentFields,
  ...record,
})
export type Amendment = Static<typeof Amendment>

export const AmendmentInput = input(
  'AmendmentInput',
  'An amendment to create: its kinds are enough (French: avenant à créer).',
  partial(amendmentBody, 'kinds'),
  derived(Amendment, amendmentBody),
)
export type AmendmentInput = Static<typeof AmendmentInput>

export const AmendmentPatch = input(
  'AmendmentPatch',
  'The fields of an amendment to change, as JSON Merge Patch (French: modification d’un avenant).',
  partial(amendmentBody),
  derived(Amendment, amendmentBody),
)
export type AmendmentPatch = Static<typeof AmendmentPatch>

export const AmendmentFilter = {
  ...filterByConvention(exampleIds.firstConvention),
  ...filterBySource('avenant-1'),
}
