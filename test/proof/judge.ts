/** Holds what a reader was told against what he must have been told, change by change, and makes his copy of it. */
import type { Copy } from '../support/mirror.ts'
import { type Journal, nameOf, type Script } from './oracle.ts'
import type { Reader, Told } from './reader.ts'

/** What can be wrong with what a reader was told, and how often it was. */
export interface Verdict {
  missed: number
  doubled: number
  /** Told, though not for him, or otherwise than it was. */
  phantom: number
  /** After something later: a position, or a version of a resource. */
  disordered: number
  /** Said to be the last of a transaction and is not, or the other way round. */
  wrongLast: number
  /** Positions at which he saw another chain than the one of the journal. */
  wrongChain: number
}

export function judge({ told, chains }: Reader, script: Script, { commits }: Journal): Verdict {
  const byPosition = Map.groupBy(told, ({ position }) => position)
  const once = new Set(told.map(({ id }) => id))
  const verdict = {
    missed: 0,
    doubled: told.length - once.size,
    phantom: 0,
    disordered: countDisorder(told),
    wrongLast: [...byPosition.values()].flatMap((group) =>
      group.filter(({ last }, i) => last !== (i === group.length - 1)),
    ).length,
    wrongChain: [...chains].filter(([position, chain]) => position > 0 && commits.get(position)?.chain !== chain)
      .length,
  }
  for (const position of new Set([...script.keys(), ...byPosition.keys()])) {
    const expected = script.get(position) ?? new Map()
    const heard = new Map(byPosition.get(position)?.map((one) => [nameOfTold(one), one]))
    for (const name of expected.keys()) if (!heard.has(name)) verdict.missed += 1
    for (const [name, one] of heard) {
      const due = expected.get(name)
      const isDue = due && due.version === one.version && due.operation === one.operation && due.mark === one.mark
      if (!isDue) verdict.phantom += 1
    }
  }
  return verdict
}

const nameOfTold = ({ type, resourceId }: Told) => nameOf({ type, id: resourceId })

function countDisorder(told: readonly Told[]): number {
  const versions = new Map<string, number>()
  let position = 0
  let count = 0
  for (const one of told) {
    const name = nameOfTold(one)
    if (one.position < position || one.version < (versions.get(name) ?? 0)) count += 1
    versions.set(name, one.version)
    position = one.position
  }
  return count
}

/** The copy of a reader, versions and marks of bodies, after all that he was told up to a position. */
export function copyAt({ told }: Reader, position = Number.POSITIVE_INFINITY): Copy {
  const copy: Copy = new Map()
  for (const one of told) {
    if (one.position > position) continue
    if (one.operation === 'upsert') copy.set(nameOfTold(one), `${one.version} ${one.mark}`)
    else copy.delete(nameOfTold(one))
  }
  return copy
}
