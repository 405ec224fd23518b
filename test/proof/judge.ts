/** Judge: compares what a reader received with what it must have received, change by change, and builds its copy. */
import type { Copy } from '../support/mirror.ts'
import { type Expected, type Journal, nameOf, type Script } from './oracle.ts'
import type { Delivered, Plan, Reader } from './reader.ts'

/** Counts of each kind of error in what a reader received. */
export interface Verdict {
  missed: number
  doubled: number
  /** Received though hidden from the reader or outside its filter, or with other content. */
  phantom: number
  /** After something later: a position, or a version of a resource. */
  disordered: number
  /** Said to be the last of a transaction and is not, or the other way round. */
  wrongLast: number
  /** Positions at which it saw another chain than that of the journal. */
  wrongChain: number
}

export function judge({ plan, delivered, chains }: Reader, script: Script, journal: Journal): Verdict {
  const { commits } = journal
  const headsOf = headsBy(journal)
  const byPosition = Map.groupBy(delivered, ({ position }) => position)
  const once = new Set(delivered.map(({ id }) => id))
  const verdict = {
    missed: 0,
    doubled: delivered.length - once.size,
    phantom: 0,
    disordered: countDisorder(delivered),
    wrongLast: [...byPosition.values()].flatMap((group) =>
      group.filter(({ last }, i) => last !== (i === group.length - 1)),
    ).length,
    wrongChain: [...chains].filter(([position, chain]) => position > 0 && commits.get(position)?.chain !== chain)
      .length,
  }
  for (const position of new Set([...script.keys(), ...byPosition.keys()])) {
    const expected = script.get(position) ?? new Map()
    const heard = new Map(byPosition.get(position)?.map((one) => [nameOfDelivered(one), one]))
    for (const name of expected.keys()) if (!heard.has(name)) verdict.missed += 1
    for (const [name, one] of heard) {
      const due = expected.get(name)
      if (!due || !isAsDue(one, due, sightOf(plan, due, journal, headsOf(one)))) verdict.phantom += 1
    }
  }
  return verdict
}

/** Whether something was hidden from the reader, and whether it was shown, at the moments at which it may have been read. */
interface Sight {
  isHidden: boolean
  isShown: boolean
}

/** What is due is told as it is, or as left in its place while it is hidden: never the one for the other. */
function isAsDue(one: Delivered, due: Expected, { isHidden, isShown }: Sight): boolean {
  if (one.version !== due.version) return false
  if (isHidden && isWithheld(one, due)) return true
  return isShown && one.operation === due.operation && one.mark === due.mark
}

const isWithheld = (one: Delivered, due: Expected | undefined): boolean =>
  due?.operation === 'upsert' && one.operation === 'left' && one.mark === null

function sightOf(plan: Plan, { under, operation }: Expected, { shown }: Journal, [first, last]: Heads): Sight {
  const turns = operation !== 'upsert' || plan.isKeyed || under === undefined ? [] : (shown.get(under) ?? [])
  const start = turns.findLast(({ position }) => position <= first)?.isHidden ?? false
  const seen = [
    start,
    ...turns.filter(({ position }) => position > first && position <= last).map((one) => one.isHidden),
  ]
  return { isHidden: seen.includes(true), isShown: seen.includes(false) }
}

/** The first and the last position that may have been the head of the journal when something was read. */
type Heads = readonly [number, number]

function headsBy({ commits }: Journal): (one: Delivered) => Heads {
  const times = [...commits].map(([position, { at }]) => ({ position, ms: Date.parse(at) }))
  // By halves: the instants are in the order of the positions.
  const until = (ms: number) => {
    let [low, high] = [0, times.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((times[middle]?.ms ?? 0) <= ms) low = middle + 1
      else high = middle
    }
    return times[low - 1]?.position ?? 0
  }
  // A position is surely in sight when the one after it is taken: the lock is held until then.
  return ({ position, read: [asked, answered] }) => [Math.max(position, until(asked) - 1), until(answered)]
}

const nameOfDelivered = ({ type, resourceId }: Delivered) => nameOf({ type, id: resourceId })

function countDisorder(delivered: readonly Delivered[]): number {
  const versions = new Map<string, number>()
  let position = 0
  let count = 0
  for (const one of delivered) {
    const name = nameOfDelivered(one)
    if (one.position < position || one.version < (versions.get(name) ?? 0)) count += 1
    versions.set(name, one.version)
    position = one.position
  }
  return count
}

/**
 * The copy of a reader, versions and marks of bodies, after all that it received up to a position. With its script the
 * copy also has what was due and was delivered as `left` in its place, exactly that and nothing else.
 */
export function copyAt({ delivered }: Reader, position = Number.POSITIVE_INFINITY, script?: Script): Copy {
  const copy: Copy = new Map()
  for (const one of delivered) {
    if (one.position > position) continue
    const name = nameOfDelivered(one)
    const due = script?.get(one.position)?.get(name)
    const { operation, version, mark } = due && isWithheld(one, due) ? due : one
    if (operation === 'upsert') copy.set(name, `${version} ${mark}`)
    else copy.delete(name)
  }
  return copy
}
