/**
 * The changes that a reader gets after his cursor: never one missed, never one twice, in the order of the journal.
 * The server looks ahead, so that the last change of each transaction that he gets says so: after it a copy equals
 * the registry at that position.
 */
import type { Database } from '../db/database.ts'
import { problem } from '../http/problems.ts'
import { refuseBelowHorizon } from '../resource/horizon.ts'
import type { ResourceType } from '../resource/resource.ts'
import { resources } from '../resources.ts'
import { type Cursor, chainDigits, reached } from './cursor.ts'
import { type Head, NO_CHAIN, type ReadRow, selectChain, selectHead, selectWindow } from './journal.ts'
import { knowsActor, type Reader, type Verdict, verdictOf } from './reader.ts'

export interface Change {
  id: string
  type: ResourceType
  resourceId: string
  version: number
  position: number
  last: boolean
  operation: Exclude<Verdict, undefined>
  data: unknown
  conventionId: string | null
  source: string | null
  actor: string | null
  at: string
}

/** A change as it is told, and what its cursor is made of. */
export interface ReadChange {
  change: Change
  row: ReadRow
}

export interface FeedPage {
  changes: ReadChange[]
  /** Where to go on. */
  next: Cursor
  /** Up to where everything has been read, and the chain there. */
  position: number
  chain: string
  /** Whether that is the end of the journal. */
  complete: boolean
}

/** So many rows are looked at for one answer when the filter lets little through. */
const SCANNED_MAX = 20_000
const WINDOW_ROWS = { min: 64, max: 1_000 }

/**
 * The changes after a cursor, `limit` at most. A 410 when the cursor comes from another past, or when the journal no
 * longer reaches back to it.
 */
export async function readFeed(db: Database, reader: Reader, since: Cursor, limit: number): Promise<FeedPage> {
  const head = await selectHead(db)
  await refuseOtherPast(db, since, head)
  const size = Math.min(WINDOW_ROWS.max, Math.max(WINDOW_ROWS.min, limit + 1))
  const page = startPage(reader, since, limit)
  for (let scanned = 0; ; scanned += size) {
    const rows = await selectWindow(db, reader.filter, page.place, head.position, size)
    const isFull = rows.some((row) => page.add(row))
    if (isFull) break
    if (rows.length < size) {
      page.endAt(head.position)
      break
    }
    if (scanned >= SCANNED_MAX && page.isBetween()) break
  }
  // Only now: what went while the rows were read is known by the horizon that was recorded before.
  await refuseBelowHorizon(db, since.position)
  const { position } = page.place
  const chain = position === head.position ? head.chain : ((await selectChain(db, position)) ?? NO_CHAIN)
  return {
    changes: page.changes,
    next: page.place.seq > 0 ? page.place : { position, seq: 0, chain },
    position,
    chain,
    complete: position === head.position,
  }
}

/** A page as it fills up row by row; `add` answers whether it is full. */
function startPage(reader: Reader, since: Cursor, limit: number) {
  const changes: ReadChange[] = []
  const place: Cursor = { ...since }
  const final = () => changes.at(-1)?.change
  /** All of the transactions before this position has been read: what came last in sight was the last of its own. */
  const close = (position: number) => {
    const change = final()
    if (change && change.position < position) change.last = true
    if (place.position < position - 1) Object.assign(place, { position: position - 1, seq: 0 })
  }
  return {
    changes,
    place,
    add(row: ReadRow): boolean {
      close(row.position)
      const isFull = changes.length === limit
      if (isFull && final()?.last) return true
      const verdict = verdictOf(row, reader)
      if (isFull && verdict) return true
      if (verdict) changes.push({ change: changeOf(row, verdict, reader), row })
      place.seq = row.seq
      place.chain = row.chain
      return false
    },
    endAt: (position: number) => close(position + 1),
    /** Whether nothing in sight waits to hear if it is the last of its transaction. */
    isBetween: () => final()?.last !== false,
  }
}

/** Where to go on after a change. */
export function cursorAfter({ change, row }: ReadChange): Cursor {
  const { position, seq, chain } = row
  return change.last ? { position, seq: 0, chain } : { position: position - 1, seq, chain }
}

function changeOf(row: ReadRow, operation: Exclude<Verdict, undefined>, reader: Reader): Change {
  const { type, id, version, position, seq } = row
  return {
    id: `${position}-${seq}`,
    type,
    resourceId: id,
    version,
    position,
    last: false,
    operation,
    data: operation === 'upsert' ? resources[type].toBody(row.body) : null,
    conventionId: row.conventionId,
    source: row.writtenBy,
    actor: knowsActor(row, reader, type) ? row.actor : null,
    at: row.at,
  }
}

/** A 410 when the cursor comes from another past: what it has read last is not here, or has another chain. */
async function refuseOtherPast(db: Database, cursor: Cursor, head: Head): Promise<void> {
  const position = reached(cursor)
  if (position === 0) return
  const here = position === head.position ? head.chain : await selectChain(db, position)
  if (here !== undefined && chainDigits(here) === chainDigits(cursor.chain)) return
  throw problem('other-past', `The registry has another past at position ${position}: take a new snapshot.`)
}
