/**
 * Features of a service site on a map: the site, and each stop of one that travels. Both are there also where their
 * coordinates are unknown, then without a geometry.
 */
import { type Feature, feature, type Place } from '../../engine/geojson.ts'

interface Site extends Place {
  id: string
  name: string
  types: string[]
  themes: string[]
  audiences: string[]
  stops: Place[]
}

/** The site by its id with all of its fields; its stops by that id and their number, with `stopOf` and what it offers. */
export function featuresOf(site: Site): Feature[] {
  const { id, name, types, themes, audiences, stops } = site
  const offer = { stopOf: id, name, types, themes, audiences }
  return [feature(id, site, site), ...stops.map((stop, n) => feature(`${id}#${n}`, stop, { ...offer, ...stop }))]
}
