/** Site generator: kind, opening hours, approximate location, and the stops of travelling services. */
import { centreOf } from './centres.ts'
import { association, caf, type ListedOrganization, type Perimeter, publicBody } from './places.ts'
import { hashOf, type Random, randomOf } from './random.ts'
import { openingHours, subjects } from './words.ts'

/** Degrees: how far the communes of a département are strewn around its middle, and the sites within a commune. */
const STREWN = 0.25
const NEARBY = 0.01
const ASSOCIATIONS = 20
const TRAVELLING = 0.05

/** A site and the organizations that it names. */
export interface ListedSite {
  site: { key: string } & Record<string, unknown>
  organizations: ListedOrganization[]
}

/** The site of that number of a perimeter: the same at every call. */
export function siteOf(seed: number, perimeter: Perimeter, perimeterKey: string, number: number): ListedSite {
  const random = randomOf(seed, perimeterKey, 'site', number)
  const { theme, audiences, sites } = random.pick(subjects)
  const commune = random.pick(perimeter.communes)
  const manager = random.chance(0.4)
    ? association(perimeter.department, random.whole(1, ASSOCIATIONS))
    : publicBody(random.chance(0.5) ? commune : perimeter.territory)
  const payer = caf(perimeter.department)
  const itinerant = random.chance(TRAVELLING)
  const type = itinerant ? 'service-itinerant' : random.pick(sites)
  const isClosed = random.chance(0.05)
  const site = {
    key: `${perimeterKey}-site-${number}`,
    name: `${type.replaceAll('-', ' ')} n° ${number}, ${commune.name} (lieu inventé)`,
    types: [type],
    manager: manager.key,
    description: 'Données inventées : ce lieu n’existe pas.',
    themes: [theme],
    audiences: random.some(audiences, 2),
    communeCode: commune.code,
    address: itinerant ? null : `${random.whole(1, 99)} rue inventée`,
    ...(itinerant ? {} : placeIn(commune.code, perimeter, random)),
    capacity: itinerant ? null : random.whole(8, 80),
    funding: fundingOf(random, payer.key),
    openedOn: String(random.whole(1998, 2020)),
    closedOn: isClosed ? `${random.whole(2021, 2025)}-08-31` : null,
    openingHours: itinerant ? null : random.pick(openingHours),
    // The range of numbers that is kept free for fiction.
    phone: `01 99 00 ${random.whole(10, 99)} ${random.whole(10, 99)}`,
    accessible: random.chance(0.8),
    itinerant,
    stops: itinerant ? stopsOf(perimeter, random) : [],
  }
  return { site, organizations: [manager, payer] }
}

function fundingOf(random: Random, funder: string) {
  return Array.from({ length: random.whole(0, 2) }, (_, i) => ({
    year: 2023 + i,
    funder,
    scheme: random.pick(['bonus-territoire', 'prestation-de-service', 'prestation-de-service-unique']),
    plannedCents: random.whole(20, 2_000) * 100_00,
  }))
}

function stopsOf(perimeter: Perimeter, random: Random) {
  return random.some(perimeter.communes, random.whole(2, 6)).map((commune) => ({
    communeCode: commune.code,
    place: 'Place de la mairie',
    ...placeIn(commune.code, perimeter, random),
    openingHours: random.pick(openingHours),
    startsOn: String(random.whole(2018, 2023)),
  }))
}

/** Where an invented place of a commune is: those of one commune are near each other; nothing where no middle is known. */
function placeIn(communeCode: string, { department }: Perimeter, random: Random) {
  const centre = centreOf(department.code)
  if (!centre) return {}
  const away = (axis: string) => (hashOf(`${communeCode}/${axis}`) / 2 ** 32 - 0.5) * 2 * STREWN
  const near = () => (random.next() - 0.5) * 2 * NEARBY
  const rounded = (degrees: number) => Math.round(degrees * 1e5) / 1e5
  return {
    latitude: rounded(centre.latitude + away('latitude') + near()),
    longitude: rounded(centre.longitude + away('longitude') + near()),
  }
}
