/** Spots: service sites with places here and there, at random, and what brute force says of them. */
import fc from 'fast-check'

const EARTH_METERS = 6_371_008.8

export interface Spot {
  latitude: number | null
  longitude: number | null
}
export interface Site extends Spot {
  id: string
  stops: Spot[]
  commune_code: string
}

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** The haversine formula. */
export function metersBetween(a: Spot, b: Spot): number {
  if (a.latitude === null || a.longitude === null || b.latitude === null || b.longitude === null) return Infinity
  const [y, x] = [radians(a.latitude - b.latitude) / 2, radians(a.longitude - b.longitude) / 2]
  const h = Math.sin(y) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(x) ** 2
  return 2 * EARTH_METERS * Math.asin(Math.min(1, Math.sqrt(h)))
}

export const spotsOf = (site: Site): Spot[] => [site, ...site.stops]

export const inside = ([west, south, east, north]: number[], { latitude, longitude }: Spot) => {
  if (latitude === null || longitude === null) return false
  const [w = 0, s = 0, e = 0, n = 0] = [west, south, east, north]
  return (
    latitude >= s && latitude <= n && (w <= e ? longitude >= w && longitude <= e : longitude >= w || longitude <= e)
  )
}

/** Around L'Aigle, both poles and the antimeridian, so that many are near each other; a grid makes some equally far. */
const centers = [
  [48.76, 0.63],
  [89.9, 0],
  [-89.9, 120],
  [0, 180],
  [0, -179.9],
  [48.76, 0.63],
] as const
export const spot = fc
  .tuple(fc.constantFrom(...centers), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }))
  .map(
    ([[latitude, longitude], north, east]): Spot => ({
      latitude: Math.min(90, Math.max(-90, Math.round((latitude + north / 20) * 100) / 100)),
      longitude: Math.round((((longitude + east / 20 + 540) % 360) - 180) * 100) / 100,
    }),
  )
const somewhere = fc.oneof(
  { weight: 5, arbitrary: spot },
  { weight: 1, arbitrary: fc.constant({ latitude: null, longitude: null }) },
)
export const site: fc.Arbitrary<Site> = fc
  .record({
    id: fc.uuid({ version: 7 }),
    spot: somewhere,
    stops: fc.array(somewhere, { maxLength: 3 }),
    commune_code: fc.constantFrom('61214', '61342'),
  })
  .map(({ spot, ...rest }) => ({ ...rest, ...spot }))
