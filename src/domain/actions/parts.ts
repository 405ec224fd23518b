/** Parts of an action: milestones, indicators with their measurements, and the yearly reviews. */
import {
  code,
  decimal,
  integer,
  key,
  listOf,
  part,
  partialDate,
  prose,
  text,
  title,
} from '../../engine/declaration/field-types.ts'
import { bounds, YEAR } from '../../engine/schema.ts'
import { LABEL_MAX } from '../../http/schema/schemas.ts'
import { indicatorKinds, reviewDecisions } from '../vocabularies/codes.ts'

const INDICATORS_MAX = 50
const MEASUREMENTS_MAX = 100

const milestone = part(
  'Milestone',
  {
    answer: 'A step on the way of an action (French: étape).',
    input: 'A milestone to record (French: étape à inscrire).',
  },
  {
    title: title('What is to be reached (French: étape).', 'Première rencontre du réseau de parentalité').required(),
    dueOn: partialDate('When it is due: year, month or day (French: échéance).', '2023-06').nullable(),
    doneOn: partialDate(
      'When it was reached: year, month or day (French: date de réalisation).',
      '2023-09-14',
    ).nullable(),
  },
)

export const milestones = listOf(milestone, bounds.entries, 'Steps on the way (French: calendrier).')

const measurement = part(
  'Measurement',
  {
    answer: 'A value of an indicator (French: mesure).',
    input: 'A measurement to record (French: mesure à inscrire).',
  },
  {
    on: partialDate('What the value is of: year, month or day (French: date de la mesure).', '2023').required(),
    value: decimal('The value, at most 15 significant digits (French: valeur).', 12).required(),
    note: prose(
      'What to know about the value (French: remarque).',
      'Rencontres tenues dans trois communes.',
    ).nullable(),
  },
)

const indicator = part(
  'Indicator',
  {
    answer: 'What shows the effect of an action (French: indicateur d’évaluation).',
    input: 'An indicator to record (French: indicateur à inscrire).',
  },
  {
    key: key('Short name, unique in the action (French: clé de l’indicateur).', 'rencontres').required(),
    name: title('What is counted (French: indicateur).', 'Nombre de rencontres du réseau de parentalité').required(),
    kind: code(indicatorKinds, 'What it says something about (French: type d’indicateur).', 'output').required(),
    unit: text(LABEL_MAX, 'Unit of its values (French: unité).', 'rencontres par an').nullable(),
    baseline: decimal('Value at the start (French: valeur de départ).', 0).nullable(),
    target: decimal('Value to reach (French: valeur cible).', 6).nullable(),
    source: prose('Where the values come from (French: source des données).', 'Bilan annuel du réseau').nullable(),
    measurements: listOf(measurement, MEASUREMENTS_MAX, 'Values in time (French: mesures).'),
  },
)

export const indicators = listOf(
  indicator,
  INDICATORS_MAX,
  'What shows the effect of the action (French: indicateurs d’évaluation).',
)

const review = part(
  'Review',
  {
    answer: 'What one year of an action gave (French: bilan annuel).',
    input: 'A review to record (French: bilan annuel à inscrire).',
  },
  {
    year: integer(YEAR.min, YEAR.max, 'Year under review (French: année).', 2023).required(),
    text: prose(
      'What was found (French: bilan).',
      'Le réseau est en place et se réunit dans trois communes.',
    ).required(),
    decision: code(reviewDecisions, 'What was decided (French: suite donnée).', 'continue').nullable(),
  },
)

export const reviews = listOf(review, bounds.entries, 'What each year gave (French: bilans annuels).')
