/**
 * The words of a signatory: an organization bound by a convention, from a day, to a day. Its own days may be unknown:
 * then those of the convention and of its amendments hold. Partners that did not sign are an action's partners.
 */
import { type Static, Type } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import {
  derived,
  filterByConvention,
  filterBySource,
  identity,
  include,
  ofConvention,
  partial,
  record,
} from '../../engine/schema.ts'
import { answer, code, date, id, input, nullable, partialDate, ref } from '../../http/schema/schemas.ts'
import { Organization } from '../organizations/schema.ts'
import { organizationKinds } from '../vocabularies/codes.ts'

/** The fields of a signatory, in the order in which people read them. */
export const signatoryFields = {
  organizationId: id(
    'The organization that is bound; fixed once written (French: organisme signataire).',
    exampleIds.commune,
  ),
  role: code(
    organizationKinds,
    'As what it signs; the kind of the organization when left out (French: qualité du signataire).',
    'commune',
  ),
  amendmentId: nullable(
    id(
      'The amendment by which it joined; null: the convention itself (French: avenant d’adhésion).',
      exampleIds.amendment,
    ),
  ),
  startsOn: nullable(partialDate('From when it is bound: its first day counts (French: date d’adhésion).', '2020-01')),
  endsOn: nullable(partialDate('Until when it is bound: its last day counts (French: date de retrait).', '2021-06-30')),
  exitAmendmentId: nullable(id('The amendment by which it left (French: avenant de retrait).', exampleIds.amendment)),
  signedOn: nullable(partialDate('Its signature: year, month or day (French: date de signature).', '2020-01')),
  deliberatedOn: nullable(
    partialDate('Decision of its assembly: year, month or day (French: date de délibération).', '2019-12'),
  ),
}

/** The fields of a signatory as it is written. */
export const signatoryBody = signatoryFields

export const Signatory = answer('Signatory', 'An organization bound by a convention (French: signataire).', {
  ...identity(exampleIds.signatory),
  ...ofConvention(exampleIds.firstConvention),
  ...signatoryFields,
  ...record,
  organization: Type.Optional(ref(Organization)),
})
export type Signatory = Static<typeof Signatory>

export const SignatoryInput = input(
  'SignatoryInput',
  'A signatory to add: its organization is enough (French: signataire à ajouter).',
  partial(signatoryBody, 'organizationId'),
  derived(Signatory, signatoryBody),
)
export type SignatoryInput = Static<typeof SignatoryInput>

const { organizationId, ...changeable } = signatoryBody

export const SignatoryPatch = input(
  'SignatoryPatch',
  'The fields of a signatory to change, as JSON Merge Patch (French: modification d’un signataire).',
  partial(changeable),
  derived(Signatory, changeable),
)
export type SignatoryPatch = Static<typeof SignatoryPatch>

export const signatoryInclude = include(['organization'])

export const SignatoryFilter = {
  ...filterByConvention(exampleIds.firstConvention),
  organizationId: Type.Optional(id('Only what this organization signed (French: organisme).', exampleIds.commune)),
  validOn: Type.Optional(date('Only those bound on this day (French: engagés le).', '2020-06-01')),
  ...filterBySource('rai'),
}
