/**
 * Country generator: chains of conventions that renew each other, invented over the real places, document by document,
 * so that a country of any size takes little memory. The same seed gives the same bytes, and a smaller country is the
 * beginning of a larger one.
 */
import { type Convention, conventionOf } from './convention.ts'
import { keyOf, type Perimeter, readPlaces } from './places.ts'
import { type Random, randomOf } from './random.ts'
import { type ListedSite, siteOf } from './sites.ts'

/** At size 1; the means of a convention that follow from them are the same at every size. */
const CONVENTIONS = 3_000
const ACTIONS_EACH = 40
const SITES_EACH = 20
/** How far a convention may be from the mean; its neighbour is as far on the other side, so that the sums hold. */
const ACTIONS_SPREAD = 30
const SITES_SPREAD = 15

export const sizes = { min: 0.01, max: 10 } as const

export interface Country {
  seed: number
  /** 1 is the country as it is: about as many conventions, actions and sites as there are in France. */
  size: number
}

/** How many conventions, actions and sites a country of that size has. */
export function countsOf(size: number) {
  const conventions = Math.round(CONVENTIONS * size)
  return { conventions, actions: conventions * ACTIONS_EACH, serviceSites: conventions * SITES_EACH }
}

/** The documents, each after the one that it renews. */
export async function* documentsOf({ seed, size }: Country): AsyncGenerator<Convention['document']> {
  const { conventions } = countsOf(size)
  const { perimeters } = await readPlaces(seed)
  let made = 0
  for (const perimeter of perimeters) {
    for (const { document } of chainOf(seed, perimeter, made, conventions)) {
      yield document
      made += 1
    }
    if (made === conventions) return
  }
}

/** The conventions of a territory, from the first one to the latest: `made` conventions of `all` came before. */
function* chainOf(seed: number, perimeter: Perimeter, made: number, all: number): Generator<Convention> {
  const perimeterKey = keyOf(perimeter.territory)
  const random = randomOf(seed, perimeterKey, 'chain')
  const length = random.pick([1, 2, 2, 3, 3])
  let predecessor: Convention | null = null
  let inherited: ListedSite[] = []
  let sites = 0
  for (let i = 0; i < length && made + i < all; i++) {
    const own = (mean: number, spread: number) => mean + spreadOf(seed, made + i, all, spread)
    const opened = Array.from({ length: own(SITES_EACH, SITES_SPREAD) }, (_, n) =>
      siteOf(seed, perimeter, perimeterKey, sites + n + 1),
    )
    sites += opened.length
    const listed = [...inherited, ...opened]
    predecessor = conventionOf({
      seed,
      perimeter,
      years: yearsOf(random, predecessor),
      predecessor,
      isLatest: i === length - 1,
      sites: listed,
      actions: own(ACTIONS_EACH, ACTIONS_SPREAD),
    })
    yield predecessor
    inherited = random.some(listed, Math.round(listed.length / 2))
  }
}

/** Four or five years; a renewal begins when the one before ends. */
function yearsOf(random: Random, predecessor: Convention | null): Convention['years'] {
  const from = predecessor ? predecessor.years.to + 1 : random.whole(2012, 2019)
  return { from, to: from + random.whole(3, 4) }
}

/** Of each two conventions the first is so much above the mean as the second is below it; a last one alone is on it. */
function spreadOf(seed: number, index: number, all: number, spread: number): number {
  const isFirst = index % 2 === 0
  if (isFirst && index === all - 1) return 0
  const away = randomOf(seed, 'pair', Math.floor(index / 2), spread).whole(-spread, spread)
  return isFirst ? away : -away
}
