/** Lookup of service sites by place and time: near a place, in a box of degrees, open at an instant. */
import { sql } from 'kysely'
import { Type } from 'typebox'
import type { Condition } from '../../db/expressions.ts'
import type { Lookup, LookupContext } from '../../engine/declaration/lookup.ts'
import { shape } from '../../engine/row-mapper.ts'
import { described } from '../../engine/schema.ts'
import { type FieldError, invalidParameters } from '../../http/errors/problems.ts'
import { instant, integer, LABEL_MAX, nullable, ref, responseSchema, text } from '../../http/schema/schemas.ts'
import { type HoursReader, hoursReader, type Place, selectOpenable, selectPlaces } from './hours.ts'
import { stop } from './parts.ts'
import {
  type Box,
  byDistance,
  hasPlace,
  inBox,
  type PlaceCondition,
  selectNearest,
  type Vicinity,
  within,
} from './places.ts'

const RADIUS_METERS = { default: 10_000, max: 100_000 }
/** The most places with hours that one request has read. */
const CANDIDATES_MAX = 2_000

/** Degrees of WGS 84 in the order of their names; latitudes are checked apart, to 90. */
const degrees = (names: string, description: string, example: number[]) =>
  Type.Unsafe<number[]>({
    type: 'array',
    items: {
      type: 'number',
      minimum: -180,
      maximum: 180,
      description: `${names}, in degrees of WGS 84.`,
      examples: [example[0]],
    },
    minItems: example.length,
    maxItems: example.length,
    description,
    examples: [example],
  })

const parameters = {
  near: Type.Optional(
    degrees(
      'Latitude, then longitude',
      'Near this place, `LATITUDE,LONGITUDE`: the nearest first, each with a `match`: how far it is, which of its stops that is, and when that opens. With `sort` or `ids` they come in that order, and there, and in a CSV, without a `match`. Sites without coordinates are found by `communeCode` only (French: à proximité de).',
      [48.7634, 0.6281],
    ),
  ),
  radius: Type.Optional(
    Type.Unsafe<number>({
      ...integer(1, RADIUS_METERS.max, 'How far at most from `near`, in meters (French: rayon).', 20_000),
      default: RADIUS_METERS.default,
    }),
  ),
  bbox: Type.Optional(
    degrees(
      'West, south, east, north',
      'In this box, `WEST,SOUTH,EAST,NORTH`, itself or with a stop. A west that is east of the east spans the antimeridian (French: emprise).',
      [0.4, 48.6, 0.9, 48.9],
    ),
  ),
  openAt: Type.Optional(
    instant(
      `Open at this instant, itself or one of its stops, by its own clock and public holidays; hours that name school holidays (\`SH\`) count as closed where those are not known, as in metropolitan France: RFC 3339 with an offset, \`+\` written as \`%2B\`. Beside it the other filters let through at most ${CANDIDATES_MAX} sites and stops with opening hours (French: ouvert à cet instant).`,
      '2026-12-01T10:00:00Z',
    ),
  ),
}

const Opening = responseSchema('Opening', 'When something is open, without a break (French: plage d’ouverture).', {
  opensAt: nullable(
    instant(
      'When it opens, or opened; null if it has been open for more than a day (French: ouverture).',
      '2026-12-01T08:00:00.000Z',
    ),
  ),
  closesAt: nullable(
    instant('When it closes; null if it does not within a year (French: fermeture).', '2026-12-01T11:00:00.000Z'),
  ),
  timeZone: text(LABEL_MAX, 'Time zone of the place (French: fuseau horaire).', 'Europe/Paris'),
})

const Match = responseSchema('ServiceSiteMatch', 'Why a site is in a list by distance (French: correspondance).', {
  distanceMeters: integer(
    0,
    RADIUS_METERS.max,
    'How far it is as the crow flies, in meters (French: distance).',
    1_250,
  ),
  stop: described(nullable(ref(stop.Answer)), 'The stop that is there; null: the site itself (French: arrêt).'),
  nextOpening: described(
    nullable(ref(Opening)),
    'When it opens next there, or has opened; null where that is not known (French: prochaine ouverture).',
  ),
})

interface Query {
  near?: [latitude: number, longitude: number]
  radius?: number
  bbox?: Box
  openAt?: string
}

export const lookup: Lookup = {
  parameters,
  Match,
  order: byDistance,
  isRanked: ({ near, sort, ids }) => near !== undefined && sort === undefined && ids === undefined,
  open() {
    const reader = hoursReader()
    return {
      async conditions(context) {
        const { places, open } = await wanted(reader, context)
        if (open) return [sql<boolean>`t.id = any(${[...new Set(open.map(({ id }) => id))]}::uuid[])`]
        return places.length > 0 ? [hasPlace(all(places))] : []
      },
      async select(context, start) {
        const { vicinity, places, open } = await wanted(reader, context)
        const counts = open ? [...places, among(open)] : places
        const page = await selectNearest(context.db, vicinity as Vicinity, counts, context.where, start)
        return { ...page, data: await matchesOf(reader, context, page.data) }
      },
      close: reader.close,
    }
  },
}

/** What a request asks of places: where they are, and which of them are open, if it asks for that. */
async function wanted(reader: HoursReader, context: LookupContext) {
  const query = context.query as Query
  refuseContradictions(query)
  const { near, radius = RADIUS_METERS.default, bbox, openAt } = query
  const vicinity = near && { latitude: near[0], longitude: near[1], radius }
  const places = [...(bbox ? [inBox(bbox)] : []), ...(vicinity ? [within(vicinity)] : [])]
  const open = openAt === undefined ? undefined : await selectOpen(reader, context, places, openAt)
  return { vicinity, places, open }
}

function refuseContradictions({ near, radius, bbox }: Query): void {
  const errors: FieldError[] = []
  const refuse = (parameter: string, message: string) => errors.push({ parameter, code: 'invalid', message })
  const isLatitude = (degrees = 0) => Math.abs(degrees) <= 90
  if (radius !== undefined && !near) refuse('radius', 'radius counts around a place: give near too.')
  if (near && !isLatitude(near[0])) refuse('near', 'near begins with the latitude, from -90 to 90.')
  if (bbox && !(isLatitude(bbox[1]) && isLatitude(bbox[3])))
    refuse('bbox', 'bbox has latitudes, from -90 to 90, in second and fourth place.')
  else if (bbox && bbox[1] > bbox[3]) refuse('bbox', 'bbox has its south before its north: west,south,east,north.')
  if (errors.length > 0) throw invalidParameters(errors)
}

const all =
  (conditions: readonly PlaceCondition[]): PlaceCondition =>
  (alias) =>
    sql<boolean>`${sql.join(
      conditions.map((condition) => condition(alias)),
      sql` and `,
    )}`

/** The places that are open at an instant, of those that the other filters let through: a 400 when these are too many. */
async function selectOpen(
  reader: HoursReader,
  { db, caller, where }: LookupContext,
  places: readonly PlaceCondition[],
  openAt: string,
): Promise<Place[]> {
  const isThere = sql<boolean>`exists (select from site_place p where p.site_id = t.id and p.number = h.number and ${all(places)('p')})`
  const located: Condition[] = places.length > 0 ? [hasPlace(all(places)), isThere] : []
  const candidates = await selectOpenable(db, [...where, ...located], CANDIDATES_MAX + 1)
  if (candidates.length <= CANDIDATES_MAX) return reader.openPlaces(caller, candidates, openAt)
  const message = `openAt reads the hours of at most ${CANDIDATES_MAX} sites and stops, and the other filters let through more: narrow them, by communeCode, near or bbox.`
  throw invalidParameters([{ parameter: 'openAt', code: 'too-many', message }])
}

const among =
  (places: readonly Place[]): PlaceCondition =>
  (alias) => {
    const [id, number] = [sql.ref(`${alias}.site_id`), sql.ref(`${alias}.number`)]
    const ids = places.map((place) => place.id)
    const numbers = places.map((place) => place.number)
    return sql<boolean>`(${id}, ${number}) in (select * from unnest(${ids}::uuid[], ${numbers}::int[]))`
  }

async function matchesOf(
  reader: HoursReader,
  { db, caller, now }: LookupContext,
  nearest: readonly { id: string; number: number; distance: number }[],
) {
  const places = await selectPlaces(db, nearest)
  const openings = await reader.openingsOf(caller, places, now)
  const byId = new Map(places.map((place, i) => [place.id, { stop: place.stop, opening: openings[i] ?? null }]))
  return nearest.map(({ id, distance }) => {
    const { stop: matched = null, opening = null } = byId.get(id) ?? {}
    const distanceMeters = Math.round(distance)
    return { id, match: { distanceMeters, stop: matched && shape(stop.Answer, matched), nextOpening: opening } }
  })
}
