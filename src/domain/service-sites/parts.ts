/**
 * Parts of a service site: the stops of a travelling service, and lines of funding, which actions have too. A funder is
 * an organization of the registry, or a name only: at least one of the two is known.
 */
import {
  cents,
  code,
  degrees,
  field,
  integer,
  listOf,
  openingHours,
  part,
  partialDate,
  ref,
  title,
} from '../../engine/declaration/field-types.ts'
import { endsAfterStart } from '../../engine/declaration/rules.ts'
import { communeCode } from '../../engine/declaration/territories.ts'
import { bounds, YEAR } from '../../engine/schema.ts'
import { fundingSchemes } from '../vocabularies/codes.ts'
import { namesItsFunder, placedWhole } from './rules.ts'

const FUNDING_MAX = 200

const fundingLine = part(
  'FundingLine',
  {
    answer: 'What one funder gives in one year (French: ligne de financement).',
    input: 'A line of funding to record, with `funderId` or `funderName` (French: ligne de financement à inscrire).',
    document: 'A line of funding in a document, with `funder` or `funderName` (French: ligne de financement).',
    documentAnswer: 'A line of funding as a document gives it back (French: ligne de financement).',
  },
  {
    year: integer(YEAR.min, YEAR.max, 'Year that it is for (French: année).', 2023).required(),
    funderId: ref('organization', {
      name: 'funder',
      example: 'caf-orne',
      id: 'Organization that pays, if it is in the registry (French: financeur).',
      key: 'Key of the organization that pays, or its id (French: financeur).',
    }).nullable(),
    funderName: title('Name of who pays, filled in from the organization (French: nom du financeur).', "Caf de l'Orne")
      .nullable()
      .copied('funderId', 'name'),
    scheme: code(fundingSchemes, 'Scheme that it comes from (French: dispositif).', 'bonus-territoire').nullable(),
    plannedCents: cents('Planned, in integer euro cents (French: montant prévu).', 1_250_000).nullable(),
    paidCents: cents('Paid, in integer euro cents (French: montant versé).', 1_200_000).nullable(),
  },
  [namesItsFunder],
)

/** The lines of funding of an action or a site. */
export const funding = listOf(fundingLine, FUNDING_MAX, 'Who gives what, year by year (French: financements).')

/** Where a site or a stop is; the two numbers are known together or not at all. */
export const latitude = degrees(
  90,
  'Degrees north, WGS 84, with the longitude or not at all (French: latitude).',
  48.7634,
).nullable()
export const longitude = degrees(
  180,
  'Degrees east, WGS 84, with the latitude or not at all (French: longitude).',
  0.6281,
).nullable()

export const stop = part(
  'Stop',
  {
    answer: 'Where and when a travelling service stops (French: arrêt).',
    input: 'A stop to record (French: arrêt à inscrire).',
  },
  {
    communeCode: field(communeCode('INSEE code of the commune (French: commune).', '61342')).nullable(),
    place: title('Where in the commune (French: lieu).', 'Place de la mairie').nullable().search('D'),
    latitude,
    longitude,
    openingHours: openingHours('Hours in the OpenStreetMap syntax (French: horaires).', 'Tu 09:00-12:00').nullable(),
    startsOn: partialDate('First day of this stop: year, month or day (French: date de début).', '2022-09').nullable(),
    endsOn: partialDate('Last day of this stop: year, month or day (French: date de fin).', '2023-06').nullable(),
  },
  [endsAfterStart('startsOn', 'endsOn'), placedWhole],
)

export const stops = listOf(stop, bounds.entries, 'Stops of a travelling service (French: arrêts).')
