/**
 * GeoJSON (RFC 7946): places as features, longitude before latitude. A place whose coordinates are unknown is a
 * feature without a geometry, so that nothing is missing from the list.
 */
import { Type } from 'typebox'
import { constant, list, ref, responseSchema } from '../http/schema/schemas.ts'

export interface Place {
  latitude: number | null
  longitude: number | null
}

export interface Feature {
  type: 'Feature'
  id: string
  geometry: { type: 'Point'; coordinates: [number, number] } | null
  properties: object
}

/** The features of an item, from the body that GET answers. */
export type FeaturesOf = (item: never) => Feature[]

export const feature = (id: string, { latitude, longitude }: Place, properties: object): Feature => ({
  type: 'Feature',
  id,
  geometry: latitude === null || longitude === null ? null : { type: 'Point', coordinates: [longitude, latitude] },
  properties,
})

/** More than all features of a list. */
const FEATURES_MAX = 100_000_000

const Position = Type.Unsafe<[number, number]>({
  type: 'array',
  items: { type: 'number', minimum: -180, maximum: 180, examples: [0.6281] },
  minItems: 2,
  maxItems: 2,
  description: 'Longitude and latitude in degrees, WGS 84 (French: coordonnées).',
})

const Point = responseSchema('Point', 'Where a place is (French: point).', {
  type: constant('Point', 'Type of the geometry (French: type).'),
  coordinates: Position,
})

const FeatureSchema = responseSchema('Feature', 'A place (French: entité géographique).', {
  type: constant('Feature', 'Type of the object (French: type).'),
  id: Type.String({
    maxLength: 100,
    description: 'Id of a service site; of a stop with its number after a `#` (French: identifiant).',
    examples: ['01890a5d-ac96-774b-bcce-b302099a8057'],
  }),
  geometry: Type.Unsafe<unknown>({
    anyOf: [ref(Point), { type: 'null' }],
    description: 'Where it is; null where that is not known (French: géométrie).',
  }),
  properties: Type.Unsafe<object>({
    type: 'object',
    description: 'What it is: the fields of the resource, or of the stop (French: attributs).',
    examples: [{ name: 'Lieu d’accueil' }],
  }),
})

/** The component of an answer. */
export const FeatureCollection = responseSchema('FeatureCollection', 'Places for maps, RFC 7946 (French: carte).', {
  type: constant('FeatureCollection', 'Type of the object (French: type).'),
  features: list(ref(FeatureSchema), FEATURES_MAX, 'The places (French: lieux).'),
})
