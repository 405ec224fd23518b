/**
 * Feed: the changes after a reader's cursor, none missed, none twice, in the order of the journal. The server reads one
 * row ahead, so that the last change that a reader gets of each transaction is marked `last`: after it a copy equals the
 * registry at that position.
 */
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Database } from '../db/database.ts'
import { belowHorizon, refuseBelowHorizon } from '../engine/read/horizon.ts'
import type { ResourceType } from '../engine/resource-types.ts'
import { problem } from '../http/errors/problems.ts'
import { type Cursor, chainDigits, reached } from './cursor.ts'
import { type Delivery, deliveryOf, knowsActor, type Reader } from './delivery.ts'
import { type Head, NO_CHAIN, type ReadRow, selectAnswersOfRows, selectChain } from './journal.ts'
import { selectWindow } from './journal-scan.ts'

/** A change as it is sent, without its data. */
export interface Change {
  id: string
  type: ResourceType
  resourceId: string
  version: number
  position: number
  last: boolean
  operation: Exclude<Delivery, undefined>
  conventionId: string | null
  source: string | null
  actor: string | null
  at: string
}

/** A change that is due, still without its data, and what its cursor is made of. */
interface DueChange {
  change: Change
  row: ReadRow
}

export interface ReadChange extends DueChange {
  /** The whole change as JSON, in bytes: texts of a whole page are in the way of the garbage collector. */
  json: Buffer
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
  /** The form of answers. */
  form: number
}

/** Bounds of one page when the filter lets little through. */
const SCANNED_ROWS_MAX = 20_000
const SCANNED_POSITIONS_MAX = 100_000
/** One window of the journal; it grows while the filter lets little through. */
const WINDOW_ROWS = { min: 64, max: 5_000 }
const WINDOW_POSITIONS = 5_000
/** The database reads the answers of the next query while those of this one are put into JSON. */
const ANSWERS_PER_QUERY = 250

/** The empty page at the end of the journal, for a reader who sent no cursor. */
export function nothingAfter({ position, chain, form }: Head): FeedPage {
  return { changes: [], next: { position, seq: 0, chain }, position, chain, complete: true, form }
}

/**
 * The changes after a cursor, `limit` at most. A 410 when the cursor comes from another past, or when the journal no
 * longer reaches back to it.
 */
export async function readFeed(db: Database, reader: Reader, since: Cursor, limit: number): Promise<FeedPage> {
  const page = startPage(reader, since, limit)
  let size = Math.max(WINDOW_ROWS.min, limit + 1)
  let head: Head
  for (let scanned = 0; ; size = Math.min(WINDOW_ROWS.max, size * 2)) {
    const isFirst = page.place.position === since.position && page.place.seq === since.seq
    const window = await selectWindow(db, reader.filter, page.place, WINDOW_POSITIONS, size)
    if (isFirst) refuseOtherPast(since, window.chain)
    head = window.head
    scanned += window.rows.length
    if (window.rows.some((row) => page.add(row))) break
    if (window.until !== null) page.endAt(window.until)
    if (page.place.position === head.position) break
    const isEnough = scanned >= SCANNED_ROWS_MAX || page.place.position - since.position >= SCANNED_POSITIONS_MAX
    if (isEnough && page.isBetween()) break
  }
  const changes = await withAnswers(db, page.changes)
  const isWhole = changes.length === page.changes.length
  const place = isWhole ? page.place : cursorAfter(changes.at(-1) as ReadChange)
  // Only now: what went while the rows were read is known by the horizon that was recorded before.
  await refuseBelowHorizon(db, since.position)
  const { position } = place
  const known = position === head.position ? head.chain : page.chainAt(position)
  const chain = known ?? (await selectChain(db, position)) ?? NO_CHAIN
  return {
    changes,
    next: place.seq > 0 ? place : { position, seq: 0, chain },
    position,
    chain,
    complete: position === head.position,
    form: head.form,
  }
}

/**
 * Reads the data of the changes that are delivered, and of no others. Fewer changes come back when all of them would be
 * too many bytes.
 */
async function withAnswers(db: Database, changes: readonly DueChange[]): Promise<ReadChange[]> {
  const read: ReadChange[] = []
  const startQuery = (start: number) => {
    const slice = changes.slice(start, start + ANSWERS_PER_QUERY)
    const upserts = slice.filter(({ change }) => change.operation === 'upsert')
    const answers = selectAnswersOfRows(
      db,
      upserts.map(({ row }) => row),
    )
    answers.catch(() => undefined)
    return { slice, answers }
  }
  let pending = startQuery(0)
  for (let next = ANSWERS_PER_QUERY; pending.slice.length > 0; next += ANSWERS_PER_QUERY) {
    const { slice } = pending
    const answers = await pending.answers
    pending = startQuery(next)
    // The next query is on its way before this process is busy.
    await othersTurn()
    for (const { change, row } of slice) {
      const answer = change.operation === 'upsert' ? answers.get(row.seq) : 'null'
      if (answer === undefined) throw await belowHorizon(db)
      if (answer === null) return read
      read.push({ change, row, json: Buffer.from(jsonOf(change, answer)) })
    }
  }
  return read
}

/** A change as JSON: its data is the text that the journal keeps, or null. */
function jsonOf({ conventionId, source, actor, at, ...before }: Change, data: string): string {
  const after = { conventionId, source, actor, at }
  return `${JSON.stringify(before).slice(0, -1)},"data":${data},${JSON.stringify(after).slice(1)}`
}

/** A page as it fills up row by row; `add` answers whether it is full. */
function startPage(reader: Reader, since: Cursor, limit: number) {
  const changes: DueChange[] = []
  const place: Cursor = { ...since }
  const chains = new Map<number, string>()
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
    /** The chain at a position; undefined when no row of it was read. */
    chainAt: (position: number) => chains.get(position),
    add(row: ReadRow): boolean {
      close(row.position)
      const isFull = changes.length === limit
      if (isFull && final()?.last) return true
      const delivery = deliveryOf(row, reader)
      if (isFull && delivery) return true
      if (delivery) changes.push({ change: changeOf(row, delivery, reader), row })
      place.seq = row.seq
      place.chain = row.transaction.chain
      chains.set(row.position, row.transaction.chain)
      return false
    },
    endAt(position: number) {
      close(position + 1)
    },
    /** Whether the page ends between transactions: its last change is known to be the last of its own. */
    isBetween: () => final()?.last !== false,
  }
}

/** Where to go on after a change. */
export function cursorAfter({ change, row }: ReadChange): Cursor {
  const { position, seq, transaction } = row
  const { chain } = transaction
  return change.last ? { position, seq: 0, chain } : { position: position - 1, seq, chain }
}

function changeOf(row: ReadRow, operation: Exclude<Delivery, undefined>, reader: Reader): Change {
  const { type, id, version, position, seq, transaction } = row
  return {
    id: `${position}-${seq}`,
    type,
    resourceId: id,
    version,
    position,
    last: false,
    operation,
    conventionId: row.conventionId,
    source: transaction.source,
    actor: knowsActor(row, reader, type) ? transaction.actor : null,
    at: transaction.at,
  }
}

/** A 410 when the cursor comes from another past: what it has read last is not here, or has another chain. */
function refuseOtherPast(cursor: Cursor, here: string | undefined): void {
  const position = reached(cursor)
  if (position === 0) return
  if (here !== undefined && chainDigits(here) === chainDigits(cursor.chain)) return
  throw problem('other-past', `The registry has another past at position ${position}: take a new snapshot.`)
}
