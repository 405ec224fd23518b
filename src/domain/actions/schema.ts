/**
 * The words of an action: what will be done, under one axis or more. The code is what is printed and is not unique
 * in real plans; a title is enough.
 */
import { type Static, Type } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import {
  bounds,
  derived,
  described,
  filterByConvention,
  filterBySource,
  identity,
  include,
  ofConvention,
  partial,
  record,
} from '../../engine/schema.ts'
import {
  answer,
  boolean,
  code,
  distinct,
  id,
  input,
  integer,
  LABEL_MAX,
  list,
  nullable,
  partialDate,
  prose,
  ref,
  text,
  title,
} from '../../http/schema/schemas.ts'
import { Axis } from '../axes/schema.ts'
import { Organization } from '../organizations/schema.ts'
import { FundingLine, FundingLineInput, funding } from '../service-sites/parts.ts'
import { ServiceSite } from '../service-sites/schema.ts'
import { TerritoryInput, TerritoryRef } from '../territories/schema.ts'
import { actionStatuses, audiences, natures, priorities, themes } from '../vocabularies/codes.ts'
import {
  Indicator,
  IndicatorInput,
  indicators,
  Milestone,
  MilestoneInput,
  milestones,
  Review,
  ReviewInput,
  reviews,
} from './parts.ts'

const WHERE = 'Part of the perimeter that it concerns; empty: all of it (French: territoires concernés).'

/** The fields of an action as it is answered, in the order in which people read them. */
export const actionFields = {
  code: nullable(
    text(LABEL_MAX, 'Number as printed, not always unique in the plan (French: numéro de fiche action).', '3.1'),
  ),
  title: title('Title as printed (French: intitulé).', "Organisation de l'itinérance des services et animations"),
  objective: nullable(
    prose(
      'What it is for (French: objectif).',
      "Assurer l'accès aux services de proximité pour tous et soutenir les initiatives locales.",
    ),
  ),
  description: nullable(
    prose('What will be done (French: description).', 'Tournée de permanences et d’animations dans les communes.'),
  ),
  context: nullable(
    prose('What it starts from (French: constat).', "Besoins importants constatés à L'Aigle, Aube et Rai."),
  ),
  expectedResults: nullable(
    prose('What should come of it (French: résultats attendus).', 'Un service de proximité dans chaque commune.'),
  ),
  axisIds: distinct(
    id('An axis of its convention, at any depth (French: axe).', exampleIds.actionAxis),
    bounds.axes,
    'Axes that it stands under, the main one first (French: axes).',
  ),
  carriedFromId: nullable(
    id('The action of another convention that it continues (French: action reconduite).', exampleIds.carriedAction),
  ),
  nature: nullable(code(natures, 'What it does to the offer (French: nature de l’action).', 'develop')),
  priority: nullable(code(priorities, 'How much it matters (French: priorité).', 'high')),
  themes: distinct(
    code(themes, 'Code of a theme (French: thématique).', 'acces-aux-droits'),
    bounds.codes,
    'Themes that it covers (French: thématiques).',
  ),
  themeLabel: nullable(text(LABEL_MAX, 'Theme in local words (French: thématique locale).', 'Services de proximité')),
  audiences: distinct(
    code(audiences, 'Code of an audience (French: public).', 'familles'),
    bounds.codes,
    'Whom it is for (French: publics visés).',
  ),
  territories: list(ref(TerritoryRef), bounds.territories, WHERE),
  status: code(actionStatuses, 'How far it is; planned when left out (French: état d’avancement).', 'planned'),
  progress: nullable(integer(0, 100, 'How far it is, in percent (French: taux d’avancement).', 40)),
  recurring: boolean('Whether it comes back, e.g. a yearly week; false when left out (French: récurrente).', false),
  startsOn: nullable(partialDate('Start: year, month or day (French: date de début).', '2022')),
  endsOn: nullable(partialDate('End: year, month or day (French: date de fin).', '2026')),
  leadId: nullable(id('Organization that leads it (French: pilote).', exampleIds.intercommunality)),
  partnerIds: distinct(
    id('An organization that takes part (French: partenaire).', exampleIds.commune),
    bounds.partners,
    'Organizations that take part, signatories or not (French: partenaires).',
  ),
  resources: nullable(
    prose('Human and material means (French: moyens humains et matériels).', 'Un véhicule aménagé et deux animateurs.'),
  ),
  funding: funding(FundingLine),
  milestones: milestones(Milestone),
  indicators: indicators(Indicator),
  reviews: reviews(Review),
  serviceSiteIds: distinct(
    id('A service site that is linked to its convention (French: lieu de service).', exampleIds.serviceSite),
    bounds.serviceSites,
    'Service sites where it takes place (French: lieux de service).',
  ),
}

/** The fields of an action as it is written. */
export const actionBody = {
  ...actionFields,
  territories: list(TerritoryInput, bounds.territories, WHERE),
  funding: funding(FundingLineInput),
  milestones: milestones(MilestoneInput),
  indicators: indicators(IndicatorInput),
  reviews: reviews(ReviewInput),
}

export const Action = answer('Action', 'What will be done under a convention (French: fiche action).', {
  ...identity(exampleIds.action),
  ...ofConvention(exampleIds.convention),
  ...actionFields,
  ...record,
  lead: Type.Optional(described(nullable(ref(Organization)), 'With `include=lead` (French: pilote).')),
  partners: Type.Optional(list(ref(Organization), bounds.partners, 'With `include=partners` (French: partenaires).')),
  axes: Type.Optional(list(ref(Axis), bounds.axes, 'With `include=axes` (French: axes).')),
  serviceSites: Type.Optional(
    list(ref(ServiceSite), bounds.serviceSites, 'With `include=serviceSites` (French: lieux de service).'),
  ),
})
export type Action = Static<typeof Action>

export const ActionInput = input(
  'ActionInput',
  'An action to create: its title is enough (French: fiche action à créer).',
  partial(actionBody, 'title'),
  derived(Action, actionBody),
)
export type ActionInput = Static<typeof ActionInput>

export const ActionPatch = input(
  'ActionPatch',
  'The fields of an action to change, as JSON Merge Patch (French: modification d’une fiche action).',
  partial(actionBody),
  derived(Action, actionBody),
)
export type ActionPatch = Static<typeof ActionPatch>

export const actionInclude = include(['lead', 'partners', 'axes', 'serviceSites'])

export const ActionFilter = {
  ...filterByConvention(exampleIds.convention),
  ...filterBySource('itinerance'),
}
