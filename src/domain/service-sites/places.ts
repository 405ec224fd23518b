/**
 * Places: which sites lie in a box of degrees, and which are near a place, the nearest first. A site counts by where it
 * is itself and by where it stops.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { type Condition, conjunction } from '../../db/expressions.ts'
import { type Page, selectKeyset } from '../../engine/read/keyset.ts'
import type { PageStart } from '../../http/output/pagination.ts'

/** Degrees of WGS 84. */
export type Box = readonly [west: number, south: number, east: number, north: number]

export interface Vicinity {
  latitude: number
  longitude: number
  /** In meters. */
  radius: number
}

/** Conditions on a row of `site_place` under an alias. */
export type PlaceCondition = (alias: string) => Condition

/** The place of a site that is nearest, and all that its next opening follows from. */
export interface NearPlace {
  id: string
  /** Its distance as a chord of the unit sphere, by which the list is ordered. */
  chord: number
  /** In meters. */
  distance: number
  /** 0: the site itself, else the number of its stop. */
  number: number
}

/** The order of `selectNearest`. */
export const byDistance = [
  { column: 'near.chord', type: 'double precision' },
  { column: 'near.id', type: 'uuid' },
] as const

/**
 * Whether a place lies in a box, whose west may be east of its east: then it spans the antimeridian. The numbers stand in
 * the statement, as no plan is good for boxes of all sizes.
 */
export const inBox =
  ([west, south, east, north]: Box): PlaceCondition =>
  (alias) => {
    const longitude = sql.ref(`${alias}.longitude`)
    const latitude = sql.ref(`${alias}.latitude`)
    const or = west <= east ? sql`and` : sql`or`
    return sql<boolean>`${latitude} >= ${sql.lit(south)} and ${latitude} <= ${sql.lit(north)}
      and (${longitude} >= ${sql.lit(west)} ${or} ${longitude} <= ${sql.lit(east)})`
  }

/** Of a site `t`: one of its places meets a condition. */
export const hasPlace = (condition: PlaceCondition): Condition =>
  sql<boolean>`t.id in (select p.site_id from site_place p where ${condition('p')})`

/**
 * Whether a place lies within a radius. The overlap with a box around it ends the walk of an index that goes from the
 * nearest on; it is estimated to let more through than containment is, so that the planner walks and sorts nothing.
 */
export const within =
  (vicinity: Vicinity): PlaceCondition =>
  (alias) => {
    const reach = sql`chord_of(${vicinity.radius})`
    return sql<boolean>`${sql.ref(`${alias}.on_sphere`)} && cube_enlarge(${center(vicinity)}, ${reach}, 3)
      and ${chord(alias, vicinity)} <= ${reach}`
  }

const center = ({ latitude, longitude }: Vicinity) => sql`on_sphere(${latitude}, ${longitude})`
const chord = (alias: string, vicinity: Vicinity) =>
  sql<number>`(${sql.ref(`${alias}.on_sphere`)} <-> ${center(vicinity)})`

/** A page of sites `t`, the nearest first, each by the nearest of its places that meet these conditions; one is `within`. */
export function selectNearest(
  db: Database,
  vicinity: Vicinity,
  places: readonly PlaceCondition[],
  where: readonly (Condition | undefined)[],
  start: PageStart,
): Promise<Page<NearPlace>> {
  const counts: PlaceCondition = (alias) => conjunction(places.map((condition) => condition(alias)))
  const near = sql<NearPlace>`(
    select p.site_id as id, p.number, ${chord('p', vicinity)} as chord, meters_of(${chord('p', vicinity)}) as distance
    from site_place p where ${counts('p')} and not exists (select from site_place o where o.site_id = p.site_id
      and (${chord('o', vicinity)}, o.number) < (${chord('p', vicinity)}, p.number) and ${counts('o')}))`
  const list = db
    .selectFrom(near.as('near'))
    .innerJoin('service_site as t', 't.id', 'near.id')
    .select(['near.id', 'near.number', 'near.chord', 'near.distance'])
    .where(conjunction(where))
  const counted = db.selectFrom('service_site as t').where(conjunction([...where, hasPlace(counts)]))
  return selectKeyset(list, byDistance, start, counted)
}
