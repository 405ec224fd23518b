/**
 * Actions: what will be done under a convention, under one axis or more. The code is printed and not unique in real
 * plans; a title is enough.
 */
import type { Static } from 'typebox'
import { rights } from '../../auth/policy.ts'
import { wrong } from '../../engine/declaration/constraints.ts'
import {
  boolean,
  code,
  codes,
  integer,
  partialDate,
  prose,
  ref,
  refs,
  text,
  title,
} from '../../engine/declaration/field-types.ts'
import { resource } from '../../engine/declaration/resource.ts'
import { endsAfterStart, uniqueBy } from '../../engine/declaration/rules.ts'
import { territories } from '../../engine/declaration/territories.ts'
import { LABEL_MAX } from '../../http/schema/schemas.ts'
import { funding } from '../service-sites/parts.ts'
import { actionStatuses, audiences, natures, priorities, themes } from '../vocabularies/codes.ts'
import { filters, sort } from './filters.ts'
import { indicators, milestones, reviews } from './parts.ts'
import { actionFacts, authorizeAction } from './rules.ts'

const AXES_MAX = 20
const PARTNERS_MAX = 200
const SERVICE_SITES_MAX = 200

export const actions = resource('action', {
  path: '/actions',
  visibility: 'convention',
  limit: 2_000,
  example: 'pays-de-l-aigle-2022/itinerance',
  document: { description: 'Actions of the plan (French: fiches action).' },
  docs: {
    answer: 'What will be done under a convention (French: fiche action).',
    input: 'An action to create: its title is enough (French: fiche action à créer).',
    french: 'une fiche action',
    tag: 'What will be done (fiches action): for whom, by whom, with which means, how far it is.',
    home: 'The actions of all conventions.',
    list: 'Actions across all conventions, by id.',
    listOfConvention:
      'What will be done under this convention, by printed code in natural order (2 before 10); actions without a code come last. With `asOf`, as they stood at an instant.',
    get: 'One action: what for, under which axes, by whom, for whom, with which means, how far it is.',
    create: 'A title is enough. Axes, service sites and partners are named by their ids.',
    delete:
      'Deletes it. One that an action of another convention continues is in use and cannot be deleted; drafts of other Cafs are not in the way, their references are cleared.',
  },
  fields: {
    code: text(LABEL_MAX, 'Number as printed, not always unique in the plan (French: numéro de fiche action).', '3.1')
      .nullable()
      .search('B'),
    title: title('Title as printed (French: intitulé).', "Organisation de l'itinérance des services et animations")
      .required()
      .search('A'),
    objective: prose(
      'What it is for (French: objectif).',
      "Assurer l'accès aux services de proximité pour tous et soutenir les initiatives locales.",
    )
      .nullable()
      .search('B'),
    description: prose(
      'What will be done (French: description).',
      'Tournée de permanences et d’animations dans les communes.',
    )
      .nullable()
      .search('C'),
    context: prose('What it starts from (French: constat).', "Besoins importants constatés à L'Aigle, Aube et Rai.")
      .nullable()
      .search('D'),
    expectedResults: prose(
      'What should come of it (French: résultats attendus).',
      'Un service de proximité dans chaque commune.',
    )
      .nullable()
      .search('D'),
    axisIds: refs('axis', AXES_MAX, {
      name: 'axes',
      example: 'pays-de-l-aigle-2022/3',
      ids: 'Axes that it stands under, the main one first (French: axes).',
      id: 'An axis of its convention, at any depth (French: axe).',
      keys: 'Keys of the axes that it stands under, the main one first (French: axes).',
      key: 'Key of an axis of this document (French: axe).',
    }),
    carriedFromId: ref('action', {
      name: 'carriedFrom',
      // None of the real ones continues another: no action has this id.
      example: 'pays-de-l-aigle-2018/itinerance',
      isElsewhere: true,
      id: 'The action of another convention that it continues (French: action reconduite).',
      key: 'The action that it continues, `<convention key>/<action key>` (French: action reconduite).',
    }).nullable(),
    nature: code(natures, 'What it does to the offer (French: nature de l’action).', 'develop').nullable(),
    priority: code(priorities, 'How much it matters (French: priorité).', 'high').nullable(),
    themes: codes(themes, 'Themes that it covers (French: thématiques).', {
      description: 'Code of a theme (French: thématique).',
      example: 'acces-aux-droits',
    })
      .search('C')
      .filter('Only those that cover this theme (French: thématique).', 'theme'),
    themeLabel: text(LABEL_MAX, 'Theme in local words (French: thématique locale).', 'Services de proximité')
      .nullable()
      .search('B'),
    audiences: codes(audiences, 'Whom it is for (French: publics visés).', {
      description: 'Code of an audience (French: public).',
      example: 'familles',
    })
      .search('D')
      .filter('Only those for this audience (French: public).', 'audience'),
    territories: territories(
      'Part of the perimeter that it concerns; empty: all of it (French: territoires concernés).',
    ).search('C'),
    status: code(actionStatuses, 'How far it is; planned when left out (French: état d’avancement).', 'planned')
      .default('planned')
      .filter('Only those that are this far (French: état d’avancement).'),
    progress: integer(0, 100, 'How far it is, in percent (French: taux d’avancement).', 40).nullable(),
    recurring: boolean(
      'Whether it comes back, e.g. a yearly week; false when left out (French: récurrente).',
      false,
    ).default(false),
    startsOn: partialDate('Start: year, month or day (French: date de début).', '2022').nullable(),
    endsOn: partialDate('End: year, month or day (French: date de fin).', '2026').nullable(),
    leadId: ref('organization', {
      name: 'lead',
      example: 'cdc-pays-de-l-aigle',
      id: 'Organization that leads it (French: pilote).',
      key: 'Key of the organization that leads it (French: pilote).',
    })
      .nullable()
      .filter('Only those that this organization leads (French: pilote).'),
    partnerIds: refs('organization', PARTNERS_MAX, {
      name: 'partners',
      example: 'rai',
      ids: 'Organizations that take part, signatories or not (French: partenaires).',
      id: 'An organization that takes part (French: partenaire).',
      keys: 'Keys of the organizations that take part (French: partenaires).',
      key: 'Key of an organization of this document (French: partenaire).',
    }),
    resources: prose(
      'Human and material means (French: moyens humains et matériels).',
      'Un véhicule aménagé et deux animateurs.',
    )
      .nullable()
      .search('D'),
    funding,
    milestones,
    indicators,
    reviews,
    serviceSiteIds: refs('service-site', SERVICE_SITES_MAX, {
      name: 'serviceSites',
      example: 'services-itinerants',
      ids: 'Service sites where it takes place (French: lieux de service).',
      id: 'A service site that is linked to its convention (French: lieu de service).',
      keys: 'Keys of the service sites where it takes place (French: lieux de service).',
      key: 'Key of a service site of this document (French: lieu de service).',
    }),
  },
  hidden: { sortKey: '`code` in natural order', funderIds: 'of all lines of funding' },
  order: { column: 'sortKey', type: 'text' },
  filters,
  sort,
  rules: [endsAfterStart('startsOn', 'endsOn'), uniqueBy('indicators', 'key')],
  rights: { create: rights.underConvention, update: rights.action, delete: rights.underConvention },
  authorize: authorizeAction,
  facts: actionFacts,
  constraints: {
    action_status: wrong(
      'unknown-code',
      '/status',
      'status must be one of planned, ongoing, completed, suspended, abandoned.',
    ),
    action_progress: wrong('too-large', '/progress', 'progress must be from 0 to 100.'),
    action_ends_after_start: wrong('before-start', '/endsOn', 'endsOn is before startsOn.'),
  },
})
export type Action = Static<typeof actions.Answer>
