/**
 * The words of a service site: a place, or a travelling service with stops, where families find a service. Sites
 * outlive conventions, and one may serve several.
 */
import { type Static, Type } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import { bounds, derived, filterByConvention, filterBySource, identity, partial, record } from '../../engine/schema.ts'
import { form } from '../../http/schema/formats.ts'
import {
  answer,
  boolean,
  code,
  distinct,
  email,
  id,
  input,
  integer,
  nullable,
  openingHours,
  partialDate,
  pattern,
  phone,
  prose,
  title,
  url,
} from '../../http/schema/schemas.ts'
import { Identifier, IdentifierInput, identifiers } from '../organizations/schema.ts'
import { communeCode } from '../territories/schema.ts'
import { audiences, siteTypes, themes } from '../vocabularies/codes.ts'
import { coordinates, FundingLine, FundingLineInput, funding, Stop, StopInput, stops } from './parts.ts'

const CAPACITY_MAX = 100_000

/** The fields of a service site as it is answered, in the order in which people read them. */
export const serviceSiteFields = {
  name: title('Name in use (French: nom).', "Services et animations itinérants du Pays de L'Aigle"),
  types: distinct(
    code(siteTypes, 'Code of a type of site (French: type de lieu).', 'service-itinerant'),
    bounds.codes,
    'What it is: one type or more (French: types de lieu).',
  ),
  managerId: nullable(id('Organization that runs it (French: gestionnaire).', exampleIds.intercommunality)),
  identifiers: identifiers(Identifier),
  description: nullable(
    prose(
      'What families find there (French: description).',
      'Permanences et animations dans les communes du territoire.',
    ),
  ),
  themes: distinct(
    code(themes, 'Code of a theme (French: thématique).', 'acces-aux-droits'),
    bounds.codes,
    'Themes that it serves (French: thématiques).',
  ),
  audiences: distinct(
    code(audiences, 'Code of an audience (French: public).', 'familles'),
    bounds.codes,
    'Whom it is for (French: publics).',
  ),
  communeCode: nullable(communeCode('INSEE code of its commune (French: commune).', '61214')),
  address: nullable(title('Number and street, up to 300 characters (French: adresse).', 'Place Fulbert-de-Beina')),
  postcode: nullable(pattern(form('^\\d{5}$', '5 digits'), 'Postal code, five digits (French: code postal).', '61300')),
  ...coordinates,
  capacity: nullable(integer(0, CAPACITY_MAX, 'Number of places (French: capacité d’accueil).', 24)),
  funding: funding(FundingLine),
  openedOn: nullable(partialDate('When it opened: year, month or day (French: date d’ouverture).', '2022-09')),
  closedOn: nullable(partialDate('When it closed: year, month or day (French: date de fermeture).', '2026-08-31')),
  openingHours: nullable(
    openingHours(
      'Hours in the OpenStreetMap `opening_hours` syntax (French: horaires d’ouverture).',
      'Mo-Fr 09:00-12:00',
    ),
  ),
  website: nullable(url('Web site (French: site internet).', 'https://www.caf.fr/allocataires/caf-de-l-orne')),
  email: nullable(
    email(
      'Mailbox of a function, never of a person (French: adresse électronique).',
      'accueil@pays-de-l-aigle.example',
    ),
  ),
  phone: nullable(phone('Telephone number (French: téléphone).', '32 30')),
  accessible: nullable(
    boolean('Accessible with a wheelchair (French: accessible aux personnes à mobilité réduite).', true),
  ),
  conventionIds: distinct(
    id('A convention that it serves (French: convention).', exampleIds.convention),
    bounds.derived,
    'Conventions that it is linked to, drafts left out; derived (French: conventions).',
  ),
  itinerant: boolean('Whether the service travels; false when left out (French: itinérant).', true),
  stops: stops(Stop),
}

const { conventionIds, ...written } = serviceSiteFields

/** The fields of a service site as it is written. */
export const serviceSiteBody = {
  ...written,
  identifiers: identifiers(IdentifierInput),
  funding: funding(FundingLineInput),
  stops: stops(StopInput),
}

export const ServiceSite = answer('ServiceSite', 'A place where families find a service (French: lieu de service).', {
  ...identity(exampleIds.serviceSite),
  ...serviceSiteFields,
  ...record,
})
export type ServiceSite = Static<typeof ServiceSite>

export const ServiceSiteInput = input(
  'ServiceSiteInput',
  'A service site to create: its name is enough (French: lieu de service à créer).',
  partial(serviceSiteBody, 'name'),
  derived(ServiceSite, serviceSiteBody),
)
export type ServiceSiteInput = Static<typeof ServiceSiteInput>

export const ServiceSitePatch = input(
  'ServiceSitePatch',
  'The fields of a service site to change, as JSON Merge Patch (French: modification d’un lieu de service).',
  partial(serviceSiteBody),
  derived(ServiceSite, serviceSiteBody),
)
export type ServiceSitePatch = Static<typeof ServiceSitePatch>

export const ServiceSiteFilter = {
  ...filterByConvention(exampleIds.convention),
  communeCode: Type.Optional(
    communeCode('Only in this commune or with a stop there, by INSEE code (French: commune).', '61214'),
  ),
  ...filterBySource('services-itinerants'),
}
