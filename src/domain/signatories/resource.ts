/**
 * Signatories: organizations bound by a convention, from a day, to a day. The days of one may be unknown: then those of
 * the convention and of its amendments hold. Partners that did not sign are an action's partners.
 */
import type { Static } from 'typebox'
import { taken, wrong } from '../../engine/declaration/constraints.ts'
import { code, partialDate, ref } from '../../engine/declaration/field-types.ts'
import { resource } from '../../engine/declaration/resource.ts'
import { endsAfterStart } from '../../engine/declaration/rules.ts'
import { organizationKinds } from '../vocabularies/codes.ts'
import { filters } from './filters.ts'
import { boundOnce, daysFields } from './rules.ts'

export const signatories = resource('signatory', {
  path: '/signatories',
  visibility: 'convention',
  limit: 500,
  example: 'pays-de-l-aigle-2018/rai',
  document: { description: 'Organizations that are bound (French: signataires).' },
  docs: {
    answer: 'An organization bound by a convention (French: signataire).',
    input: 'A signatory to add: its organization is enough (French: signataire à ajouter).',
    french: 'un signataire',
    tag: 'Who is bound by a convention, from which day to which.',
    home: 'The signatories of all conventions.',
    list: 'Who is bound, across all conventions: by organization, or on a day with `validOn`.',
    listOfConvention:
      'Who is bound by this convention, by itself or by an amendment. With `validOn`, who was bound on that day; with `asOf` too, as it was known at an instant. Partners that did not sign are found at actions.',
    get: 'One organization bound by a convention: as what, since when, by which amendment.',
    create:
      'Binds an organization: by the convention itself, or from the effect of the amendment by which it joined. No organization is bound twice on the same day.',
    update: 'The organization is fixed once written.',
    delete: 'Deletes it as if it had never been bound; one that leaves gets `endsOn` or `exitAmendmentId` instead.',
  },
  fields: {
    organizationId: ref('organization', {
      name: 'organization',
      example: 'rai',
      id: 'The organization that is bound; fixed once written (French: organisme signataire).',
      key: 'Key of the organization that is bound (French: organisme).',
    }).fixed(),
    role: code(
      organizationKinds,
      'As what it signs; the kind of the organization when left out (French: qualité du signataire).',
      'commune',
    ).copied('organizationId', 'kind'),
    amendmentId: ref('amendment', {
      name: 'amendment',
      example: 'pays-de-l-aigle-2018/avenant-1',
      id: 'The amendment by which it joined; null: the convention itself (French: avenant d’adhésion).',
      key: 'Key of the amendment by which it joined (French: avenant d’adhésion).',
    }).nullable(),
    startsOn: partialDate(
      'From when it is bound: its first day counts (French: date d’adhésion).',
      '2020-01',
    ).nullable(),
    endsOn: partialDate(
      'Until when it is bound: its last day counts (French: date de retrait).',
      '2021-06-30',
    ).nullable(),
    exitAmendmentId: ref('amendment', {
      name: 'exitAmendment',
      example: 'pays-de-l-aigle-2018/avenant-1',
      id: 'The amendment by which it left (French: avenant de retrait).',
      key: 'Key of the amendment by which it left (French: avenant de retrait).',
    }).nullable(),
    signedOn: partialDate('Its signature: year, month or day (French: date de signature).', '2020-01').nullable(),
    deliberatedOn: partialDate(
      'Decision of its assembly: year, month or day (French: date de délibération).',
      '2019-12',
    ).nullable(),
  },
  hidden: { bound: 'the days on which it is bound, its amendments applied' },
  filters,
  rules: [endsAfterStart('startsOn', 'endsOn')],
  reads: Object.fromEntries(daysFields.map((field) => [field, ['amendment', 'signatory'] as const])),
  checks: [boundOnce],
  dayFields: daysFields,
  deferred: {
    fields: ['amendmentId', 'startsOn', 'endsOn', 'exitAmendmentId'],
    constraints: ['signatory_bound_once'],
  },
  constraints: {
    signatory_ends_after_start: wrong('before-start', '/endsOn', 'endsOn is before startsOn.'),
    signatory_bound_once: taken('/organizationId', 'The organization is bound already on some of the same days.'),
  },
})
export type Signatory = Static<typeof signatories.Answer>
