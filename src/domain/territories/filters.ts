/**
 * The filters by territory that every list has: `communeCode`, `epciCode`, `departmentCode`, `regionCode`. A resource
 * says where its rows lie; what is under a convention lies in the perimeter of that.
 */
import { sql } from 'kysely'
import type { Condition } from '../../db/expressions.ts'
import {
  type Filter,
  type FilterContext,
  type Filters,
  literally,
  severalOf,
} from '../../engine/declaration/filters.ts'
import {
  communeCode,
  departmentCode,
  epciCode,
  regionCode,
  type TerritoryKind,
} from '../../engine/declaration/territories.ts'
import { asSentence, didYouMean } from '../../http/errors/nearest.ts'
import { type Place, selectKnown, selectNear, selectPlace, selectRegions } from './places.ts'

/** Where rows `t` lie. */
export interface Location {
  /** Continues "Only those", before "this commune". */
  words: string
  /** In communes or EPCI, or in what contains or meets them. */
  near(place: Place): Condition
  /** In départements, in whole or in part. */
  inDepartments(codes: readonly string[]): Condition
}

/** Of rows with `territory_keys` or such, and with their `department_codes`. */
export const inPerimeter = (words: string, keys: (near: readonly string[]) => Condition): Location => ({
  words,
  near: (place) => keys(place.keys),
  inDepartments: (codes) => sql<boolean>`t.department_codes && ${codes}`,
})

/** Of rows `t` under conventions. */
const underConvention: Location = {
  words: 'under conventions whose perimeter contains or meets',
  // Of few conventions, so that their rows are found by these, whatever the order of the list.
  near: ({ keys }) =>
    sql<boolean>`t.convention_id = any(array(select c.id from convention c where c.territory_keys && ${keys}))`,
  inDepartments: (codes) =>
    sql<boolean>`t.convention_id in (select c.id from convention c where c.department_codes && ${literally(codes)})`,
}

/** The four filters. */
export function byTerritory({ words, near, inDepartments }: Location): Filters {
  const only = (noun: string) => `Only those ${words} this ${noun}`
  return {
    communeCode: placed(
      'commune',
      communeCode(`${only('commune')}, by INSEE code, of today or former (French: commune).`, '61214'),
      near,
    ),
    epciCode: placed('epci', epciCode(`${only('EPCI')}, by SIREN (French: EPCI).`, '200068468'), near),
    departmentCode: filter('departement', departmentCode(`${only('département')} (French: département).`), (codes) => ({
      condition: inDepartments(codes),
      knownCodes: [],
    })),
    regionCode: filter(
      'region',
      regionCode(`${only('region')}, by INSEE code (French: région).`),
      async (codes, { db }) => {
        const { departmentCodes, knownCodes } = await selectRegions(db, codes)
        return { condition: inDepartments(departmentCodes), knownCodes }
      },
    ),
  }
}

function placed(kind: 'commune' | 'epci', item: ReturnType<typeof communeCode>, near: Location['near']) {
  return filter(kind, item, async (codes, { db }) => {
    const place = await selectPlace(db, kind, codes)
    return { condition: near(place), knownCodes: place.knownCodes }
  })
}

interface Found {
  condition: Condition
  /** Those of the codes that were looked up and exist; the others are looked up again. */
  knownCodes: string[]
}

function filter(
  kind: TerritoryKind,
  item: ReturnType<typeof communeCode>,
  find: (codes: string[], context: FilterContext) => Found | Promise<Found>,
): Filter<string[]> {
  return {
    schema: severalOf(item),
    // A dissolved territory is known as long as one of these names it.
    dependsOn: ['convention', 'organization'],
    async condition(codes, context) {
      const { condition, knownCodes } = await find(codes, context)
      await refuseUnknown(
        kind,
        codes.filter((code) => !knownCodes.includes(code)),
        context,
      )
      return condition
    },
  }
}

const nouns = { commune: 'commune', epci: 'EPCI', departement: 'département', region: 'region' } as const

async function refuseUnknown(
  kind: TerritoryKind,
  codes: string[],
  { db, caller, refuse }: FilterContext,
): Promise<void> {
  if (codes.length === 0) return
  const known = await selectKnown(db, caller, kind, codes)
  const [unknown] = codes.filter((code) => !known.includes(code))
  if (unknown === undefined) return
  const near = await selectNear(db, kind, unknown)
  refuse('unknown-territory', asSentence(`The official code has no ${nouns[kind]} ${unknown}${didYouMean(near)}`))
}

/** The four filters of what is under a convention. */
export const byPerimeter = byTerritory(underConvention)
