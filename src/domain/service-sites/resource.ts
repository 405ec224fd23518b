/**
 * Service sites: places, or travelling services with stops, where families find a service. Sites outlive conventions,
 * and one may serve several.
 */
import type { Static } from 'typebox'
import { rights } from '../../auth/policy.ts'
import { malformed, unknown, wrong } from '../../engine/declaration/constraints.ts'
import {
  boolean,
  codes,
  email,
  field,
  integer,
  openingHours,
  partialDate,
  pattern,
  phone,
  prose,
  ref,
  title,
  url,
} from '../../engine/declaration/field-types.ts'
import { byText } from '../../engine/declaration/orders.ts'
import { resource } from '../../engine/declaration/resource.ts'
import { endsAfterStart } from '../../engine/declaration/rules.ts'
import { communeCode } from '../../engine/declaration/territories.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import { bounds } from '../../engine/schema.ts'
import { form } from '../../http/schema/formats.ts'
import { id, uniqueList } from '../../http/schema/schemas.ts'
import { identifiers } from '../organizations/parts.ts'
import { audiences, siteTypes, themes } from '../vocabularies/codes.ts'
import { featuresOf } from './features.ts'
import { filters } from './filters.ts'
import { lookup } from './lookup.ts'
import { models } from './neighbours/models.ts'
import { funding, latitude, longitude, stops } from './parts.ts'
import { authorizeSite, ownerOf, placedWhole, siteFacts } from './rules.ts'

const CAPACITY_MAX = 100_000

export const serviceSites = resource('service-site', {
  path: '/service-sites',
  visibility: 'always',
  isLinked: true,
  limit: 1_000,
  example: 'services-itinerants',
  document: { description: 'Service sites linked to the convention (French: lieux de service).' },
  docs: {
    answer: 'A place where families find a service (French: lieu de service).',
    input: 'A service site to create: its name is enough (French: lieu de service à créer).',
    french: 'un lieu de service',
    tag: 'Places and travelling services where families find a service.',
    home: 'The service sites.',
    list: 'Places and travelling services where families find a service: by convention, or by commune, stops included.',
    listOfConvention:
      'The service sites that are linked to this convention. A site outlives conventions and may serve several. With `asOf`, those that were linked at an instant, as they stood then.',
    get: 'One place, or one travelling service with its stops: what it offers, to whom, where and when.',
    create: 'A name is enough. It serves a convention once it is linked to it.',
    delete: 'Deletes it. One that is linked to a convention is in use and cannot be deleted: unlink it first.',
  },
  fields: {
    name: title('Name in use (French: nom).', "Services et animations itinérants du Pays de L'Aigle")
      .required()
      .search('A', { isName: true }),
    types: codes(siteTypes, 'What it is: one type or more (French: types de lieu).', {
      description: 'Code of a type of site (French: type de lieu).',
      example: 'service-itinerant',
    })
      .search('B')
      .filter('Only those of this type (French: type de lieu).', 'siteType'),
    managerId: ref('organization', {
      name: 'manager',
      example: 'cdc-pays-de-l-aigle',
      id: 'Organization that runs it (French: gestionnaire).',
      key: 'Key of the organization that runs it (French: gestionnaire).',
    }).nullable(),
    identifiers,
    description: prose(
      'What families find there (French: description).',
      'Permanences et animations dans les communes du territoire.',
    )
      .nullable()
      .search('C'),
    themes: codes(themes, 'Themes that it serves (French: thématiques).', {
      description: 'Code of a theme (French: thématique).',
      example: 'acces-aux-droits',
    })
      .search('C')
      .filter('Only those that serve this theme (French: thématique).', 'theme'),
    audiences: codes(audiences, 'Whom it is for (French: publics).', {
      description: 'Code of an audience (French: public).',
      example: 'familles',
    })
      .search('D')
      .filter('Only those for this audience (French: public).', 'audience'),
    communeCode: field(communeCode('INSEE code of its commune (French: commune).', '61214')).nullable(),
    address: title('Number and street, up to 300 characters (French: adresse).', 'Place Fulbert-de-Beina')
      .nullable()
      .search('D'),
    postcode: pattern(
      form('^\\d{5}$', '5 digits'),
      'Postal code, five digits (French: code postal).',
      '61300',
    ).nullable(),
    latitude,
    longitude,
    capacity: integer(0, CAPACITY_MAX, 'Number of places (French: capacité d’accueil).', 24).nullable(),
    funding,
    openedOn: partialDate('When it opened: year, month or day (French: date d’ouverture).', '2022-09').nullable(),
    closedOn: partialDate('When it closed: year, month or day (French: date de fermeture).', '2026-08-31').nullable(),
    openingHours: openingHours(
      'Hours in the OpenStreetMap `opening_hours` syntax (French: horaires d’ouverture).',
      'Mo-Fr 09:00-12:00',
    ).nullable(),
    website: url('Web site (French: site internet).', 'https://www.caf.fr/allocataires/caf-de-l-orne').nullable(),
    email: email(
      'Mailbox of a function, never of a person (French: adresse électronique).',
      'accueil@pays-de-l-aigle.example',
    ).nullable(),
    phone: phone('Telephone number (French: téléphone).', '32 30').nullable(),
    accessible: boolean('Accessible with a wheelchair (French: accessible aux personnes à mobilité réduite).', true)
      .nullable()
      .filter(
        'Only those that a wheelchair can enter, or with `false` only those that it cannot; those of which it is not known are in neither (French: accessible aux personnes à mobilité réduite).',
      ),
    conventionIds: field(
      uniqueList(
        id('A convention that it serves (French: convention).', exampleIds.convention),
        bounds.derived,
        'Conventions that it is linked to, drafts left out; derived (French: conventions).',
      ),
    )
      .derived()
      .leadsTo('convention', 'conventions'),
    itinerant: boolean('Whether the service travels; false when left out (French: itinérant).', true)
      .default(false)
      .filter('Only those that travel, or only those that do not (French: itinérant).'),
    stops,
  },
  hidden: {
    funderIds: 'of all lines of funding',
    departmentCodes: 'of its commune and of its stops',
    ownerId: 'to whom it belongs, which is said of no site',
  },
  featuresOf,
  models,
  filters,
  lookup,
  sort: { name: byText('name') },
  rules: [endsAfterStart('openedOn', 'closedOn'), placedWhole],
  rights: { create: rights.createSite, update: rights.site, delete: rights.deleteSite },
  authorize: authorizeSite,
  facts: siteFacts,
  derivedColumns: ownerOf,
  constraints: {
    service_site_owner: unknown('', 'The organization to which the site would belong no longer exists.'),
    service_site_commune: malformed('/communeCode', 'communeCode must be an INSEE code such as 61214.'),
    service_site_postcode: malformed('/postcode', 'postcode has 5 digits.'),
    service_site_place: wrong('required', '/longitude', 'latitude and longitude are given together or not at all.'),
    service_site_latitude: wrong('too-large', '/latitude', 'latitude must be from -90 to 90.'),
    service_site_longitude: wrong('too-large', '/longitude', 'longitude must be from -180 to 180.'),
    service_site_capacity: wrong('too-large', '/capacity', 'capacity must be from 0 to 100000.'),
    service_site_closes_after_opening: wrong('before-start', '/closedOn', 'closedOn is before openedOn.'),
  },
})
export type ServiceSite = Static<typeof serviceSites.Answer>
