/**
 * The bodies of changes as JSON. What changed lately is read and written once, whoever many follow: a body is the same
 * for every reader, and never changes at its place in the journal.
 */
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Database } from '../db/database.ts'
import { resources } from '../resources.ts'
import { type ReadRow, selectBodies } from './journal.ts'

/** How much is kept, as JSON. */
const KEPT_CHARACTERS = 32 * 1024 * 1024
/** So many are asked for at once: the database reads the next ones while these are written. */
const WRITTEN_AT_ONCE = 500

export interface Bodies {
  /** The JSON of each, in their order; undefined of what the journal no longer keeps. */
  of(rows: readonly ReadRow[]): Promise<(string | undefined)[]>
}

export function bodiesOf(db: Database): Bodies {
  const kept = new Map<string, string>()
  let characters = 0

  function keep(row: ReadRow, json: string): void {
    kept.set(keyOf(row), json)
    characters += json.length
    for (const [key, oldest] of kept) {
      if (characters <= KEPT_CHARACTERS) break
      kept.delete(key)
      characters -= oldest.length
    }
  }

  return {
    async of(rows) {
      const found = new Map(rows.map((row) => [row.seq, kept.get(keyOf(row))]))
      const missing = rows.filter(({ seq }) => found.get(seq) === undefined)
      for await (const [row, json] of written(db, missing)) {
        found.set(row.seq, json)
        if (!kept.has(keyOf(row))) keep(row, json)
      }
      return rows.map(({ seq }) => found.get(seq))
    },
  }
}

/** The chain tells apart what stands at the same place in another past. */
const keyOf = ({ seq, transaction }: ReadRow) => `${transaction.chain}${seq}`

async function* written(db: Database, rows: readonly ReadRow[]): AsyncGenerator<[ReadRow, string]> {
  const ask = (start: number) => {
    const slice = rows.slice(start, start + WRITTEN_AT_ONCE)
    return { slice, bodies: selectBodies(db, slice) }
  }
  let asked = ask(0)
  for (let next = WRITTEN_AT_ONCE; asked.slice.length > 0; next += WRITTEN_AT_ONCE) {
    const { slice } = asked
    const bodies = await asked.bodies
    asked = ask(next)
    asked.bodies.catch(() => undefined)
    // The question is on its way before this process is busy.
    await othersTurn()
    for (const row of slice) {
      const body = bodies.get(row.seq)
      if (body) yield [row, JSON.stringify(resources[row.type].toBody(body))]
    }
  }
}
