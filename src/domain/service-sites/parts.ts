/**
 * The objects inside a service site: where and when a travelling service stops, and lines of funding, which actions
 * have too. A funder is an organization of the registry, or a name only: of the two at least one is known.
 */
import type { TSchema } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import { bounds, partial, YEAR } from '../../engine/schema.ts'
import {
  answer,
  cents,
  code,
  degrees,
  id,
  input,
  integer,
  list,
  nullable,
  openingHours,
  partialDate,
  ref,
  title,
} from '../../http/schema/schemas.ts'
import { communeCode } from '../territories/schema.ts'
import { fundingSchemes } from '../vocabularies/codes.ts'

/** The fields of a line of funding, in the order in which people read them. */
export const fundingLine = {
  year: integer(YEAR.min, YEAR.max, 'Year that it is for (French: année).', 2023),
  funderId: nullable(id('Organization that pays, if it is in the registry (French: financeur).', exampleIds.caf)),
  funderName: nullable(
    title('Name of who pays, filled in from the organization (French: nom du financeur).', "Caf de l'Orne"),
  ),
  scheme: nullable(code(fundingSchemes, 'Scheme that it comes from (French: dispositif).', 'bonus-territoire')),
  plannedCents: nullable(cents('Planned, in integer euro cents (French: montant prévu).', 1_250_000)),
  paidCents: nullable(cents('Paid, in integer euro cents (French: montant versé).', 1_200_000)),
}
export const FundingLine = answer(
  'FundingLine',
  'What one funder gives in one year (French: ligne de financement).',
  fundingLine,
)
export const FundingLineInput = input(
  'FundingLineInput',
  'A line of funding to record, with `funderId` or `funderName` (French: ligne de financement à inscrire).',
  partial(fundingLine, 'year'),
)

/** The list of lines of funding, given as a component. */
export const funding = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.funding, 'Who gives what, year by year (French: financements).')

/** Where a site or a stop is; the two numbers are known together or not at all. */
export const coordinates = {
  latitude: nullable(
    degrees(90, 'Degrees north, WGS 84, with the longitude or not at all (French: latitude).', 48.7634),
  ),
  longitude: nullable(
    degrees(180, 'Degrees east, WGS 84, with the latitude or not at all (French: longitude).', 0.6281),
  ),
}

const stop = {
  communeCode: nullable(communeCode('INSEE code of the commune (French: commune).', '61342')),
  place: nullable(title('Where in the commune (French: lieu).', 'Place de la mairie')),
  ...coordinates,
  openingHours: nullable(openingHours('Hours in the OpenStreetMap syntax (French: horaires).', 'Tu 09:00-12:00')),
  startsOn: nullable(partialDate('First day of this stop: year, month or day (French: date de début).', '2022-09')),
  endsOn: nullable(partialDate('Last day of this stop: year, month or day (French: date de fin).', '2023-06')),
}
export const Stop = answer('Stop', 'Where and when a travelling service stops (French: arrêt).', stop)
export const StopInput = input('StopInput', 'A stop to record (French: arrêt à inscrire).', partial(stop))

export const stops = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.entries, 'Stops of a travelling service (French: arrêts).')
