/** Service sites in the models of neighbours: whatever a site is, it is valid against their schemas, in every export. */
import fc from 'fast-check'
import t from 'tap'
import { documentsOf } from '../../../bench/country/country.ts'
import { servicesOf, structureOf } from '../../../src/domain/service-sites/neighbours/data-inclusion.ts'
import { hsdsServices } from '../../../src/domain/service-sites/neighbours/hsds.ts'
import type { DescribedSite, Manager, Site } from '../../../src/domain/service-sites/neighbours/services.ts'
import { audiences, organizationKinds, siteTypes, themes } from '../../../src/domain/vocabularies/codes.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { type Fields, put, read } from '../../support/documents.ts'
import { openReadable } from '../../support/readable.ts'
import { isHsds, isService, isStructure } from './neighbours/validators.ts'

const { registry, get, full } = await openReadable(t)

const bus: Site = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  name: "Services et animations itinérants du Pays de L'Aigle",
  types: ['service-itinerant', 'relais-petite-enfance'],
  managerId: '01890a5d-ac96-774b-bcce-b302099a8058',
  description: null,
  themes: ['acces-aux-droits', 'animation-de-la-vie-sociale'],
  audiences: ['familles', 'assistants-maternels'],
  communeCode: '61214',
  address: 'Place Fulbert-de-Beina',
  postcode: '61300',
  latitude: 48.7634,
  longitude: 0.6281,
  funding: [{ year: 2023, funderName: "Caf de l'Orne" }],
  openedOn: '2022-09',
  closedOn: null,
  openingHours: 'Mo-Fr 09:00-12:00',
  website: 'https://pays-de-l-aigle.example/été',
  email: 'accueil@pays-de-l-aigle.example',
  phone: '02 33 00 00 00',
  accessible: true,
  stops: [
    {
      communeCode: '61342',
      place: 'Place de la mairie',
      latitude: 48.7479,
      longitude: 0.5803,
      openingHours: 'Tu 09:00-12:00',
      startsOn: '2022-09',
      endsOn: '2023-06',
    },
  ],
  updatedAt: '2026-01-01T00:00:00.000Z',
}
const SMALL = { seed: 5, size: 0.01 }
const manager: Manager = {
  id: '01890a5d-ac96-774b-bcce-b302099a8058',
  kind: 'epci',
  name: "Communauté de communes des Pays de L'Aigle",
  shortName: "CdC des Pays de L'Aigle",
  siren: '200068468',
  siret: '20006846800012',
  identifiers: [{ scheme: 'caf-code', value: '61' }],
  website: null,
  email: null,
  phone: null,
}
const described: DescribedSite = {
  site: bus,
  manager,
  communes: new Map([
    ['61214', "L'Aigle"],
    ['61342', 'Rai'],
  ]),
  today: '2026-03-15',
}

t.test('each type of a site is one service', async (t) => {
  const services = servicesOf(described)
  t.same(
    services.map(({ id }) => id.split('--').at(-1)),
    bus.types,
  )
  t.same(new Set(services.map(({ structure_id }) => structure_id)), new Set([structureOf(described).id]))
  t.same(
    services.map(({ thematiques }) => thematiques),
    [
      [
        'difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits',
        'remobilisation--lien-social',
      ],
      ['famille--garde-denfants', 'famille--soutien-a-la-parentalite-et-a-leducation'],
    ],
  )
  t.same([services[0]?.publics, services[0]?.mobilisable_par], [['familles'], ['usagers', 'professionnels']])
  const [first, ...others] = hsdsServices(described)
  t.equal(others.length, 1)
  t.equal(servicesOf({ ...described, site: { ...bus, types: [] } }).length, 1)

  t.equal(first?.name, "Service itinérant – Services et animations itinérants du Pays de L'Aigle")
  const places = first?.service_at_locations as { location: { addresses: { city: string }[] }; schedules?: object[] }[]
  t.same(
    places.map(({ location }) => location.addresses[0]?.city),
    ["L'Aigle", 'Rai'],
  )
  t.match(places[1]?.schedules, [{ description: 'Tu 09:00-12:00', valid_from: '2022-09-01', valid_to: '2023-06-30' }])
})

t.test('a service has the same id whenever it is written', async (t) => {
  t.same(hsdsServices(described), hsdsServices({ ...described }))
  const [before] = hsdsServices(described)
  const [after] = hsdsServices({ ...described, site: { ...bus, name: 'Autre', types: ['service-itinerant'] } })
  t.equal(after?.id, before?.id)
})

t.test('what is closed or not yet open says so', async (t) => {
  const status = (dates: Partial<Site>) => hsdsServices({ ...described, site: { ...bus, ...dates } })[0]?.status
  t.equal(status({ closedOn: '2026-03-14' }), 'defunct')
  t.equal(status({ closedOn: '2026-03' }), 'active')
  t.equal(status({ openedOn: '2026-04' }), 'inactive')
  t.equal(status({ openedOn: null }), 'active')
})

t.test('whatever a site is, it is valid there', async () => {
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })
  const text = (max: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength: max })
  const place = {
    communeCode: maybe(fc.constantFrom('61214', '61342', '2A004', '97411', '01999')),
    ...{
      latitude: maybe(fc.double({ min: -90, max: 90, noNaN: true })),
      longitude: maybe(fc.double({ min: -180, max: 180, noNaN: true })),
    },
    openingHours: maybe(fc.constantFrom('Mo-Fr 09:00-12:00', '24/7')),
  }
  const date = maybe(fc.constantFrom('2020', '2026-03', '2026-12-31'))
  const site = fc.record<Site>({
    ...place,
    id: fc.uuid(),
    name: fc.oneof(text(3), text(300), fc.constant('...')),
    types: fc.subarray([...siteTypes], { maxLength: 4 }),
    managerId: maybe(fc.uuid()),
    description: maybe(fc.oneof(text(4), text(20_000))),
    themes: fc.subarray([...themes]),
    audiences: fc.subarray([...audiences]),
    address: maybe(text(300)),
    postcode: maybe(fc.constantFrom('61300', '20000')),
    funding: fc.array(fc.record({ year: fc.integer({ min: 1990, max: 2100 }), funderName: maybe(text(300)) }), {
      maxLength: 2,
    }),
    openedOn: date,
    closedOn: date,
    website: maybe(
      fc.constantFrom('https://exemple.fr', 'http://écoles.fr/é?q=ü', `https://exemple.fr/${'é'.repeat(1_900)}`),
    ),
    email: maybe(fc.constant('a@exemple.fr')),
    phone: maybe(fc.constant('32 30')),
    accessible: maybe(fc.boolean()),
    stops: fc.array(fc.record({ ...place, place: maybe(text(300)), startsOn: date, endsOn: date }), { maxLength: 3 }),
    updatedAt: fc.constant('2026-01-01T00:00:00.000Z'),
  })
  const of = (kind: Manager['kind'], one: Site): DescribedSite => ({
    ...described,
    site: one,
    manager: one.managerId ? { ...manager, kind } : null,
  })
  fc.assert(
    fc.property(site, fc.constantFrom(...organizationKinds), (one, kind) => {
      isStructure(structureOf(of(kind, one)))
      for (const service of servicesOf(of(kind, one))) isService(service)
      for (const service of hsdsServices(of(kind, one))) isHsds(service)
    }),
    { numRuns: 200 },
  )
})

t.test('every export is valid: of the real example, and of an invented country', async (t) => {
  const countSites = async () => (await get('/v1/service-sites?limit=1&count=true')).body.count
  let sites = 0
  for await (const { key, caf, title, territories, organizations, serviceSites } of documentsOf(SMALL)) {
    const document = { title, state: 'signed', caf, territories, organizations, serviceSites }
    t.equal((await put(registry, String(key), document)).status, 201)
    sites = await countSites()
    if (sites > 60) break
  }
  const checks = { hsds: isHsds, 'data-inclusion-structures': isStructure, 'data-inclusion-services': isService }
  for (const [format, check] of Object.entries(checks)) {
    const { body, headers } = await get(`/v1/service-sites?format=${format}`)
    t.match(headers['content-disposition'], `service-sites.${format}.json`)
    for (const item of body) check(item)
    t.equal(new Set(body.map(({ id }: Fields) => id)).size, body.length)
    if (format === 'data-inclusion-structures') t.equal(body.length, sites)
    const walked: Fields[] = []
    for (let next: string | undefined = `/v1/service-sites?format=${format}&limit=200`; next; ) {
      const page: Awaited<ReturnType<typeof get>> = await get(next, { accept: headers['content-type'] })
      walked.push(...page.body)
      next = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
    }
    t.same(walked, body, `${format} in pages`)
  }
})

t.test('what is written of a manager is in the next page, and the past is as it was', async (t) => {
  const path = `/v1/conventions/${full.id}/service-sites`
  const managed = async (query = '') => {
    const { body } = await get(`${path}?format=hsds&limit=50${query}`)
    return body.flatMap(({ organization }: { organization?: Fields }) => organization ?? [])
  }
  const [{ id, name }] = await managed()
  const before = new Date().toISOString()
  const { etag = '' } = (await read(registry, `/v1/organizations/${id}`)).headers
  const headers = { 'if-match': etag }
  await registry.request('PATCH', `/v1/organizations/${id}`, { key: ADMIN_KEY, headers, body: { name: 'Autre nom' } })
  t.equal((await managed())[0].name, 'Autre nom')
  t.equal((await managed(`&asOf=${before}`))[0].name, name)
  t.equal((await get('/v1/service-sites?format=hsds&count=true')).status, 400)
})
