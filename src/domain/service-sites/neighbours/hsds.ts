/**
 * HSDS: service sites as services of the Human Services Data Specification 3.1 of Open Referral, each with its
 * organization and its locations: https://docs.openreferral.org/en/v3.1.1/. Empty properties are left out.
 */
import { v5 as uuidv5 } from 'uuid'
import { firstDay, lastDay } from '../../../engine/partial-date.ts'
import type { SiteType } from '../../vocabularies/codes.ts'
import {
  type DescribedSite,
  type Manager,
  type Site,
  type Stop,
  serviceDescription,
  serviceName,
  serviceTypes,
  termOf,
  uriOf,
} from './services.ts'

type Properties = Record<string, unknown>

/** The services of a site. Their ids, and those of their parts, follow from the id of the site. */
export function hsdsServices(described: DescribedSite): Properties[] {
  const { site, manager, today } = described
  const phones = phonesOf(site.id, site.phone)
  return serviceTypes(site).map((type) => {
    const id = uuidv5(`service ${type ?? ''}`, site.id)
    return present({
      id,
      organization_id: site.managerId,
      name: serviceName(site, type),
      description: serviceDescription(site, type),
      url: uriOf(site.website),
      email: site.email,
      status: statusOf(site, today),
      last_modified: site.updatedAt,
      phones,
      schedules: schedulesOf(id, { openingHours: site.openingHours, startsOn: site.openedOn, endsOn: site.closedOn }),
      service_at_locations: placesOf(described).map((place) => atLocation(id, place)),
      organization: manager && organizationOf(manager),
      funding: site.funding.map(({ year, funderName }, i) => ({
        id: uuidv5(`funding ${i}`, id),
        service_id: id,
        source: `${funderName ?? ''} ${year}`.trim(),
      })),
      attributes: attributesOf(id, site, type),
    })
  })
}

/** Without the properties that say nothing. */
const present = (properties: Properties): Properties =>
  Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
  )

function statusOf({ openedOn, closedOn }: Site, today: string) {
  const closes = lastDay(closedOn)
  if (closes !== null && closes < today) return 'defunct'
  return (firstDay(openedOn) ?? today) > today ? 'inactive' : 'active'
}

interface Place {
  location: Properties & { id: string }
  /** When a travelling service is there. */
  stop: Stop | null
}

/** Where a site is, if that is known, and where it stops. */
function placesOf({ site, communes }: DescribedSite): Place[] {
  const own = { ...site, place: site.address }
  const places = [
    ...((site.communeCode ?? site.latitude) === null ? [] : [{ ...own, stop: null }]),
    ...site.stops.map((stop) => ({ ...stop, postcode: null, stop })),
  ]
  return places.map(({ communeCode, postcode, place, latitude, longitude, stop }, i) => {
    const id = uuidv5(`location ${i}`, site.id)
    const city = communeCode === null ? undefined : communes.get(communeCode)
    const address = city !== undefined && {
      id: uuidv5('address', id),
      location_id: id,
      address_1: place ?? city,
      city,
      state_province: departmentOf(communeCode ?? ''),
      postal_code: postcode ?? '',
      country: 'FR',
      address_type: 'physical',
    }
    const accessible =
      site.accessible === null
        ? []
        : [
            {
              id: uuidv5('accessibility', id),
              location_id: id,
              description: site.accessible ? ACCESSIBLE : NOT_ACCESSIBLE,
            },
          ]
    const location = present({
      id,
      location_type: 'physical',
      name: stop ? (place ?? city ?? null) : site.name,
      latitude,
      longitude,
      external_identifier: communeCode,
      external_identifier_type: communeCode && 'INSEE',
      addresses: address ? [address] : [],
      accessibility: accessible,
    })
    return { location: { ...location, id }, stop }
  })
}

const ACCESSIBLE = 'Accessible aux personnes à mobilité réduite'
const NOT_ACCESSIBLE = 'Non accessible aux personnes à mobilité réduite'

const departmentOf = (communeCode: string) => communeCode.slice(0, /^9[78]/.test(communeCode) ? 3 : 2)

function atLocation(serviceId: string, { location, stop }: Place): Properties {
  const id = uuidv5(location.id, serviceId)
  return present({
    id,
    service_id: serviceId,
    location_id: location.id,
    location,
    schedules: stop ? schedulesOf(id, stop) : [],
  })
}

/** Hours stay in the syntax of OpenStreetMap, of which iCalendar can say only a part. */
function schedulesOf(
  id: string,
  { openingHours, startsOn, endsOn }: Pick<Stop, 'openingHours' | 'startsOn' | 'endsOn'>,
) {
  if (openingHours === null && startsOn === null && endsOn === null) return []
  const notes = openingHours && 'OpenStreetMap opening_hours'
  return [
    present({
      id: uuidv5('schedule', id),
      valid_from: firstDay(startsOn),
      valid_to: lastDay(endsOn),
      description: openingHours,
      notes,
    }),
  ]
}

function organizationOf(manager: Manager): Properties {
  const { id, name, shortName, kind, email, website, siren, siret, phone, identifiers } = manager
  const numbers = [{ scheme: 'siren', value: siren }, { scheme: 'siret', value: siret }, ...identifiers]
  return present({
    id,
    name,
    alternate_name: shortName,
    description: termOf('organization-kinds', kind).label.fr,
    email,
    website: uriOf(website),
    phones: phonesOf(id, phone),
    organization_identifiers: numbers.flatMap(({ scheme, value }, i) =>
      value === null
        ? []
        : [{ id: uuidv5(`identifier ${i}`, id), organization_id: id, identifier_type: scheme, identifier: value }],
    ),
  })
}

const phonesOf = (id: string, phone: string | null) =>
  phone === null ? [] : [{ id: uuidv5('phone', id), number: phone }]

/** Type, themes and audiences, each as a term of a vocabulary of the registry. */
function attributesOf(serviceId: string, { themes, audiences }: Site, type: SiteType | null): Properties[] {
  const terms = [
    ['site-types', type ?? []],
    ['themes', themes],
    ['audiences', audiences],
  ] as const
  return terms.flatMap(([vocabulary, codes]) =>
    [codes].flat().map((code) => {
      const { label, definition } = termOf(vocabulary, code)
      const id = uuidv5(`${vocabulary} ${code}`, REGISTRY)
      return {
        id: uuidv5(id, serviceId),
        link_id: serviceId,
        link_entity: 'service',
        taxonomy_term_id: id,
        taxonomy_term: { id, code, name: label.fr, description: definition.fr, taxonomy: vocabulary, language: 'fr' },
      }
    }),
  )
}

/** The namespace of ids that are the same in every registry. */
const REGISTRY = uuidv5('urn:ctg-registry', uuidv5.URL)
