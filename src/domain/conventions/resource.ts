/**
 * Conventions. Start, end and signature are independent, and all may be unknown: a title and the Caf that coordinates
 * are enough. `status` and `period` are derived and never written.
 */
import type { Static } from 'typebox'
import { rights } from '../../auth/policy.ts'
import { wrong } from '../../engine/declaration/constraints.ts'
import { code, codes, field, partialDate, prose, ref, text, title } from '../../engine/declaration/field-types.ts'
import { resource } from '../../engine/declaration/resource.ts'
import { endsAfterStart } from '../../engine/declaration/rules.ts'
import { territories } from '../../engine/declaration/territories.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import { bounds } from '../../engine/schema.ts'
import * as schemas from '../../http/schema/schemas.ts'
import { conventionStates, conventionStatuses, themes } from '../vocabularies/codes.ts'
import { filters, sort } from './filters.ts'
import { documents, governance, needs, Period } from './parts.ts'
import { authorizeConvention, carriesNoDraft, departmentColumns } from './rules.ts'

export const conventions = resource('convention', {
  path: '/conventions',
  visibility: 'own',
  example: 'pays-de-l-aigle-2022',
  docs: {
    answer: 'An agreement of a Caf with a territory for some years (French: convention territoriale globale, CTG).',
    input: 'A convention to create: its title and Caf are enough (French: convention à créer).',
    french: 'une convention',
    tag: 'The agreements: state, status of today, period, perimeter, themes, diagnosis.',
    home: 'The list of conventions.',
    list: 'All conventions, or those of a Caf, a place, a status, a day. A convention answers to a commune, EPCI or département when its perimeter contains or meets it. Drafts are shown to holders of a key.',
    get: 'One convention: its state and its status of today, its period with amendments applied, its perimeter, themes and diagnosis. Who signed it, its axes and actions have lists of their own. With `asOf`, as it stood at an instant.',
    create: 'A title and a Caf are enough. It is a draft, seen by holders of keys only, until its state is `signed`.',
    delete:
      'Deletes the convention with all that is under it, and unlinks its service sites. What another convention renews, or was merged into, is in use and cannot be deleted; drafts of other Cafs are not in the way, their references are cleared.',
  },
  fields: {
    title: title(
      'Title as printed (French: intitulé).',
      "Convention territoriale globale des services aux familles du Pays de L'Aigle 2022-2026",
    )
      .required()
      .search('A', { isName: true }),
    reference: text(schemas.LABEL_MAX, "The Caf's own number (French: référence de la Caf).", '2019-350')
      .nullable()
      .search('B'),
    state: code(
      conventionStates,
      'What its owner says of it; draft when left out, and then seen by keys only (French: état).',
      'signed',
    )
      .default('draft')
      .filter('Only in this state (French: état).'),
    status: code(
      conventionStatuses,
      'What it is today in Europe/Paris, derived from its state and period (French: statut).',
      'active',
    )
      .derived({ isInDocuments: true })
      .filter('Only with this status today (French: statut).'),
    startsOn: partialDate(
      'Start as first signed: year, month or day; its first day counts (French: date de début).',
      '2022',
    ).nullable(),
    endsOn: partialDate(
      'End as first signed: year, month or day; its last day counts (French: date de fin).',
      '2026',
    ).nullable(),
    period: field(schemas.ref(Period)).derived({ isInDocuments: true }),
    signedOn: partialDate('Signature: year, month or day (French: date de signature).', '2022').nullable(),
    terminatedOn: partialDate(
      'Early end, when its state is terminated: its last day counts (French: date de résiliation).',
      '2025-12-31',
    ).nullable(),
    cafId: ref('organization', {
      name: 'caf',
      example: 'caf-orne',
      id: 'The Caf that coordinates it and owns the record (French: Caf pilote).',
      key: 'Key of the Caf that coordinates it (French: Caf pilote).',
    })
      .required()
      .filter('Only those that this Caf coordinates (French: Caf pilote).'),
    territories: territories(
      'Perimeter: EPCI, communes or a département, not the signatories (French: périmètre).',
    ).search('B'),
    themes: codes(themes, 'Themes that it covers (French: thématiques).', {
      description: 'Code of a theme (French: thématique).',
      example: 'parentalite',
    })
      .search('C')
      .filter('Only those that cover this theme (French: thématique).', 'theme'),
    summary: prose(
      'A few sentences for everybody (French: résumé).',
      "Deuxième CTG, cosignée par trois communes, pour un accompagnement d'ensemble des familles à chaque étape de leur vie.",
    )
      .nullable()
      .search('C'),
    needs,
    governance,
    documents,
    predecessorId: ref('convention', {
      name: 'predecessor',
      example: 'pays-de-l-aigle-2018',
      id: 'The convention that it renews (French: convention précédente).',
      key: 'Key of the convention that it renews, in the same source (French: convention précédente).',
    })
      .nullable()
      .filter('Only those that renew this convention (French: convention précédente).'),
    successorIds: field(
      schemas.uniqueList(
        schemas.id('A convention that renews it (French: convention suivante).', exampleIds.convention),
        bounds.derived,
        'Conventions that renew it, drafts left out; derived (French: conventions suivantes).',
      ),
    )
      .derived()
      .leadsTo('convention', 'successors'),
    mergedIntoId: ref('convention', {
      name: 'mergedInto',
      example: 'pays-de-l-aigle-2022',
      id: 'The convention that took it in (French: convention absorbante).',
      key: 'Key of the convention that took it in, in the same source (French: convention absorbante).',
    }).nullable(),
  },
  hidden: {
    fromDay: 'the first day of its period',
    toDay: 'the last day of its period',
    terminatedDay: 'the last day of `terminatedOn`',
    statusDue: 'the day on which its status changes next',
    departmentCodes: 'of its perimeter',
    territoryKeys: 'of its perimeter',
  },
  filters,
  sort,
  rules: [endsAfterStart('startsOn', 'endsOn')],
  checks: [carriesNoDraft],
  dayFields: ['state', 'startsOn', 'endsOn', 'signedOn', 'terminatedOn'],
  derivedColumns: departmentColumns,
  rights: { create: rights.createConvention, update: rights.convention, delete: rights.convention },
  authorize: authorizeConvention,
  constraints: {
    convention_state: wrong('unknown-code', '/state', 'state must be one of draft, signed, terminated.'),
    convention_status: wrong('unknown-code', '/status', 'status is derived and cannot be this.'),
    convention_ends_after_start: wrong('before-start', '/endsOn', 'endsOn is before startsOn.'),
    convention_not_own_predecessor: wrong('self-reference', '/predecessorId', 'A convention cannot renew itself.'),
    convention_not_own_merger: wrong('self-reference', '/mergedIntoId', 'A convention cannot be merged into itself.'),
  },
})
export type Convention = Static<typeof conventions.Answer>
