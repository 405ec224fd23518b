/**
 * The objects inside an action: milestones, indicators with their measurements, and the yearly reviews. Each has a
 * form for bodies, where what may be unknown may be left out.
 */
import type { TSchema } from 'typebox'
import { bounds, key, partial, YEAR } from '../../engine/schema.ts'
import {
  answer,
  code,
  decimal,
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
import { indicatorKinds, reviewDecisions } from '../vocabularies/codes.ts'

const milestone = {
  title: title('What is to be reached (French: étape).', 'Première rencontre du réseau de parentalité'),
  dueOn: nullable(partialDate('When it is due: year, month or day (French: échéance).', '2023-06')),
  doneOn: nullable(partialDate('When it was reached: year, month or day (French: date de réalisation).', '2023-09-14')),
}
export const Milestone = answer('Milestone', 'A step on the way of an action (French: étape).', milestone)
export const MilestoneInput = input(
  'MilestoneInput',
  'A milestone to record (French: étape à inscrire).',
  partial(milestone, 'title'),
)

export const milestones = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.entries, 'Steps on the way (French: calendrier).')

const measurement = {
  on: partialDate('What the value is of: year, month or day (French: date de la mesure).', '2023'),
  value: decimal('The value, at most 15 significant digits (French: valeur).', 12),
  note: nullable(prose('What to know about the value (French: remarque).', 'Rencontres tenues dans trois communes.')),
}
export const Measurement = answer('Measurement', 'A value of an indicator (French: mesure).', measurement)
export const MeasurementInput = input(
  'MeasurementInput',
  'A measurement to record (French: mesure à inscrire).',
  partial(measurement, 'on', 'value'),
)

const measurements = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.measurements, 'Values in time (French: mesures).')

const indicator = {
  key: key('Short name, unique in the action (French: clé de l’indicateur).', 'rencontres'),
  name: title('What is counted (French: indicateur).', 'Nombre de rencontres du réseau de parentalité'),
  kind: code(indicatorKinds, 'What it says something about (French: type d’indicateur).', 'output'),
  unit: nullable(text(LABEL_MAX, 'Unit of its values (French: unité).', 'rencontres par an')),
  baseline: nullable(decimal('Value at the start (French: valeur de départ).', 0)),
  target: nullable(decimal('Value to reach (French: valeur cible).', 6)),
  source: nullable(prose('Where the values come from (French: source des données).', 'Bilan annuel du réseau')),
  measurements: measurements(Measurement),
}
export const Indicator = answer(
  'Indicator',
  'What shows the effect of an action (French: indicateur d’évaluation).',
  indicator,
)
export const IndicatorInput = input(
  'IndicatorInput',
  'An indicator to record (French: indicateur à inscrire).',
  partial({ ...indicator, measurements: measurements(MeasurementInput) }, 'key', 'name', 'kind'),
)

export const indicators = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.indicators, 'What shows the effect of the action (French: indicateurs d’évaluation).')

const review = {
  year: integer(YEAR.min, YEAR.max, 'Year under review (French: année).', 2023),
  text: prose('What was found (French: bilan).', 'Le réseau est en place et se réunit dans trois communes.'),
  decision: nullable(code(reviewDecisions, 'What was decided (French: suite donnée).', 'continue')),
}
export const Review = answer('Review', 'What one year of an action gave (French: bilan annuel).', review)
export const ReviewInput = input(
  'ReviewInput',
  'A review to record (French: bilan annuel à inscrire).',
  partial(review, 'year', 'text'),
)

export const reviews = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.entries, 'What each year gave (French: bilans annuels).')
