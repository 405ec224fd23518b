/** Service sites by place and time: near a place, in a box, open at an instant, alone and with other filters. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { insertRows } from '../../../src/engine/write/rows.ts'
import { apiOf, type Created, errorsOf, type Fields } from '../../support/api.ts'
import { openRegistry } from '../../support/registry.ts'
import { together } from '../../support/rows.ts'
import { inside, metersBetween, type Site, site, spot, spotsOf } from '../../support/spots.ts'

// A Sunday at noon in UTC.
const registry = await openRegistry(t, { now: '2026-03-15T12:00:00Z' })
const api = apiOf(registry)
const nothing = { communeCode: null, place: null, openingHours: null, startsOn: null, endsOn: null }
const row = ({ stops, ...site }: Site) => ({
  ...site,
  name: 'Lieu',
  itinerant: stops.length > 0,
  stops: stops.map((stop) => ({ ...nothing, ...stop })),
})

async function add(sites: Site[]): Promise<void> {
  await together(registry.db, (trx) => insertRows(trx, 'service_site', sites.map(row)))
}

async function walk(path: string): Promise<Fields[]> {
  const all: Fields[] = []
  for (let cursor = ''; ; ) {
    const { status, body, text } = await api.get(`${path}${cursor}`)
    if (status !== 200) throw new Error(text)
    all.push(...body.data)
    if (body.next === null) return all
    cursor = `&cursor=${body.next}`
  }
}

t.test('what is near, and what lies in a box, is what brute force finds, in its order', async (t) => {
  const seed = Date.now() % 100_000
  t.comment(`seed ${seed}`)
  const [sites = []] = fc.sample(fc.uniqueArray(site, { minLength: 200, maxLength: 200, selector: ({ id }) => id }), {
    seed,
    numRuns: 1,
  })
  await add(sites)
  const place = spot as fc.Arbitrary<{ latitude: number; longitude: number }>
  const box = fc.tuple(place, fc.double({ min: 0, max: 60, noNaN: true }), fc.double({ min: 0, max: 60, noNaN: true }))
  await fc.assert(
    fc.asyncProperty(
      place,
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 3, max: 40 }),
      fc.boolean(),
      async (from, radius, limit, isLocal) => {
        const found = await walk(
          `/service-sites?near=${from.latitude},${from.longitude}&radius=${radius}&limit=${limit}${isLocal ? '&communeCode=61214' : ''}`,
        )
        const distanceOf = (one: Site) => Math.min(...spotsOf(one).map((other) => metersBetween(from, other)))
        const byId = new Map(sites.map((one) => [one.id, one]))
        const expected = sites.filter((one) => distanceOf(one) <= radius && (!isLocal || one.commune_code === '61214'))
        assert.deepEqual(found.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort())
        const distances = found.map(({ id }) => distanceOf(byId.get(id as string) as Site))
        assert.ok(
          found.every(({ match }, i) => Math.abs((match as Created).distanceMeters - (distances[i] as number)) <= 0.51),
        )
        // To a hundredth of a millimeter: the two reckonings differ by less.
        assert.ok(distances.every((distance, i) => i === 0 || (distances[i - 1] as number) <= distance + 1e-5))
      },
    ),
    { seed, numRuns: 30 },
  )
  await fc.assert(
    fc.asyncProperty(box, async ([corner, width, height]) => {
      const east = Math.round((((corner.longitude + width + 540) % 360) - 180) * 100) / 100
      const north = Math.min(90, Math.round((corner.latitude + height) * 100) / 100)
      const bounds = [corner.longitude, corner.latitude, east, north]
      const found = await walk(`/service-sites?bbox=${bounds}&limit=70`)
      const expected = sites.filter((one) => spotsOf(one).some((other) => inside(bounds, other))).map(({ id }) => id)
      assert.deepEqual(
        found.map(({ id }) => id),
        expected.sort(),
      )
    }),
    { seed, numRuns: 20 },
  )
  const world = await api.get('/service-sites?bbox=-180,-90,180,90&count=true&limit=1')
  t.equal(world.body.count, sites.filter((one) => spotsOf(one).some(({ latitude }) => latitude !== null)).length)
  const near = await api.get('/service-sites?near=48.76,0.63&radius=30000&count=true&limit=1')
  t.equal(
    near.body.count,
    sites.filter((one) =>
      spotsOf(one).some((other) => metersBetween({ latitude: 48.76, longitude: 0.63 }, other) <= 30_000),
    ).length,
  )
  await sql`delete from service_site`.execute(registry.db)
})

t.test('a travelling service is found at its stop near Rai, with the next time it is there', async (t) => {
  const rai = { communeCode: '61342', place: 'Place de la mairie', latitude: 48.7479, longitude: 0.5803 }
  const aube = { communeCode: '61008', place: 'Salle des fêtes', latitude: 48.7389, longitude: 0.5519 }
  const bus = await api.create('/service-sites', {
    name: "Services et animations itinérants du Pays de L'Aigle",
    communeCode: '61214',
    latitude: 48.7634,
    longitude: 0.6281,
    itinerant: true,
    stops: [
      { ...aube, openingHours: 'Th 14:00-17:00' },
      { ...rai, openingHours: 'Tu 09:00-12:00', startsOn: '2025-09' },
    ],
  })
  const unplaced = await api.create('/service-sites', { name: 'Relais petite enfance', communeCode: '61342' })

  const { body } = await api.get('/service-sites?near=48.748,0.58&radius=5000')
  t.same(
    body.data.map(({ id }: Fields) => id),
    [bus.id],
  )
  const { match, ...site } = body.data[0]
  t.same(site, (await api.get(`/service-sites/${bus.id}`)).body)
  t.same(match, {
    distanceMeters: 25,
    stop: bus.stops[1],
    nextOpening: {
      opensAt: '2026-03-17T08:00:00.000Z',
      closesAt: '2026-03-17T11:00:00.000Z',
      timeZone: 'Europe/Paris',
    },
  })
  registry.clock.set('2026-03-17T11:30:00Z')
  const later = await api.get('/service-sites?near=48.748,0.58&radius=5000')
  t.equal(later.body.data[0].match.nextOpening.opensAt, '2026-03-24T08:00:00.000Z')
  registry.clock.set('2026-03-15T12:00:00Z')

  const atHome = (await api.get('/service-sites?near=48.7634,0.6281&radius=1')).body.data
  t.same(
    atHome.map(({ match }: Fields) => match),
    [{ distanceMeters: 0, stop: null, nextOpening: null }],
  )
  const inRai = (await api.get('/service-sites?communeCode=61342')).body.data
  t.same(
    inRai.map(({ id }: Fields) => id),
    [bus.id, unplaced.id],
  )

  await api.change(`/service-sites/${bus.id}`, { stops: [] })
  t.same((await api.get('/service-sites?near=48.748,0.58&radius=1000')).body.data, [])
  await api.change(`/service-sites/${bus.id}`, { latitude: null, longitude: null })
  t.same((await api.get('/service-sites?bbox=-180,-90,180,90')).body.data, [])
  await api.change(`/service-sites/${unplaced.id}`, { latitude: 48.7479, longitude: 0.5803 })
  t.same(
    (await api.get('/service-sites?bbox=0.5,48.7,0.6,48.8')).body.data.map(({ id }: Fields) => id),
    [unplaced.id],
  )
  t.equal((await api.delete(`/service-sites/${unplaced.id}`)).status, 204)
  t.same((await api.get('/service-sites?bbox=0.5,48.7,0.6,48.8')).body.data, [])
})

t.test('openAt finds the sites and stops that are open, and a stop that is near must be open itself', async (t) => {
  const create = (name: string, body: Fields) => api.create('/service-sites', { name, ...body })
  const names = async (query: string) =>
    (await api.get(`/service-sites?${query}`)).body.data.map(({ name }: Fields) => name).sort()
  const all = '&bbox=-180,-90,180,90'
  await create('matin', { latitude: 48, longitude: 1, openingHours: 'Mo-Fr 09:00-12:00' })
  await create('fermé', { latitude: 48, longitude: 1, openingHours: 'Mo-Fr 09:00-12:00', closedOn: '2025' })
  await create('sans horaires', { latitude: 48, longitude: 1 })
  await create('Saint-Denis', {
    communeCode: '97411',
    latitude: -20.88,
    longitude: 55.45,
    openingHours: 'Mo-Fr 09:00-12:00',
  })
  await create('bus', {
    itinerant: true,
    stops: [
      { communeCode: '61342', latitude: 48, longitude: 1, openingHours: 'Tu 09:00-12:00' },
      { communeCode: '61214', latitude: 48.3, longitude: 1, openingHours: 'Mo 09:00-12:00' },
    ],
  })
  // A Monday, 10 o'clock in Paris, 13 in La Réunion.
  t.same(await names(`openAt=2026-03-16T09:00:00Z${all}`), ['bus', 'matin'])
  t.same(await names(`openAt=2026-03-16T06:00:00Z${all}`), ['Saint-Denis'])
  t.same(await names('openAt=2026-03-16T10:00:00%2B01:00&bbox=0,47.9,2,48.1'), ['matin'])
  t.same(await names('openAt=2026-03-16T09:00:00Z&near=48,1&radius=10000'), ['matin'])
  t.same(await names('openAt=2026-03-17T09:00:00Z&near=48,1&radius=100000'), ['bus', 'matin'])
  const [{ match }] = (
    await api.get('/service-sites?openAt=2026-03-16T09:00:00Z&near=48,1&radius=100000&communeCode=61342')
  ).body.data
  t.same([match.stop.communeCode, match.distanceMeters > 30_000], ['61214', true])
  t.same(await names('openAt=2026-03-15T09:00:00Z&near=48,1'), [])
})

t.test('openAt reads at most 2,000 places, whatever else is asked for', async (t) => {
  const sites = Array.from({ length: 2_001 }, (_, i) => ({
    ...row({
      id: `01890a5d-ac96-774b-bcce-${String(i).padStart(12, '0')}`,
      latitude: 10,
      longitude: 10,
      stops: [],
      commune_code: i === 0 ? '61214' : '61342',
    }),
    opening_hours: 'Mo-Fr 09:00-12:00',
  }))
  // In parts, so that no statement runs into its timeout on a busy machine.
  await together(registry.db, async (trx) => {
    for (let i = 0; i < sites.length; i += 250) await insertRows(trx, 'service_site', sites.slice(i, i + 250))
  })
  const openAt = 'openAt=2026-03-16T09:00:00Z'
  for (const query of [openAt, `${openAt}&near=10,10`, `${openAt}&bbox=9,9,11,11`]) {
    const refused = await api.get(`/service-sites?${query}`)
    t.same([refused.status, errorsOf(refused)], [400, ['openAt too-many']])
    t.match(refused.body.errors[0].message, /at most 2000 sites and stops/)
  }
  const { body } = await api.get(`/service-sites?${openAt}&bbox=9,9,11,11&communeCode=61214`)
  t.equal(body.data.length, 1)
  const first = await api.get('/service-sites?near=10,10&limit=100')
  t.equal(first.body.data.length, 100)
})

t.test('places that cannot be are clear problems', async (t) => {
  const refused = async (query: string) => {
    const answer = await api.get(`/service-sites?${query}`)
    t.equal(answer.status, 400, query)
    return errorsOf(answer).join(', ')
  }
  t.equal(await refused('near=91,0'), 'near invalid')
  t.equal(await refused('near=48.7'), 'near too-few')
  t.equal(await refused('near=48.7,0.6,3'), 'near too-many')
  t.equal(await refused('near=NaN,0'), 'near type')
  t.equal(await refused('near=1e400,0'), 'near type')
  t.equal(await refused('near=Infinity,0'), 'near type')
  t.equal(await refused('near=0,181'), 'near too-large')
  t.equal(await refused('near=0,0&radius=0'), 'radius too-small')
  t.equal(await refused('near=0,0&radius=100001'), 'radius too-large')
  t.equal(await refused('near=0,0&radius=1e400'), 'radius type')
  t.equal(await refused('radius=1000'), 'radius invalid')
  t.equal(await refused('bbox=0,0,1'), 'bbox too-few')
  t.equal(await refused('bbox=0,2,1,1'), 'bbox invalid')
  t.equal(await refused('bbox=0,-91,1,1'), 'bbox invalid')
  t.equal(await refused('openAt=tomorrow&bbox=0,0,1,1'), 'openAt invalid-date-time')
  const cursor = (await api.get('/service-sites?near=10,10&limit=1')).body.next
  t.equal((await api.get(`/service-sites?near=10,11&limit=1&cursor=${cursor}`)).status, 400)
  for (const near of ['90,0', '-90,180', '0,-180', '89.999999999999999,0', '0.30000000000000004,-4.2e-94'])
    t.equal((await api.get(`/service-sites?near=${near}`)).status, 200)
})

t.test('an answer in memory forgets a place as soon as it has moved', async (t) => {
  const moved = await api.create('/service-sites', { name: 'mobile', latitude: -45, longitude: -45 })
  const there = async () => (await api.get('/service-sites?bbox=-46,-46,-44,-44')).body.data.length
  t.same([await there(), await there()], [1, 1])
  await api.change(`/service-sites/${moved.id}`, { latitude: -50 })
  t.equal(await there(), 0)
})
