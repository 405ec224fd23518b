/**
 * Reader of the feed, which follows the contract and records every change it receives: by pages of one size, with long
 * poll, or by the stream. Services die under it, and it dies itself and goes on from its last saved cursor. Now and then it
 * reads a page a second time, to see that it is the same.
 */
import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, ChangePage } from '../../src/changes/schema.ts'
import type { Stage } from './stage.ts'

/** What the reader requests, and how. */
export interface Plan {
  name: string
  filter: Record<string, string>
  isKeyed: boolean
  /** The size of pages; undefined: it follows the stream. */
  limit?: number
  /** It begins when all is written, and so never receives what is hidden then. */
  isLate?: boolean
}

export interface Delivered
  extends Pick<Change, 'id' | 'type' | 'resourceId' | 'version' | 'position' | 'last' | 'operation'> {
  /** Of the data, byte by byte; null without. */
  mark: string | null
  /** When it was read at the earliest and at the latest, in milliseconds of the clock. */
  read: readonly [number, number]
}

export interface Reader {
  plan: Plan
  delivered: Delivered[]
  /** The chain that it saw at positions. */
  chains: Map<number, string>
  errors: string[]
  /** How often it went on after a loss: of the service, or of itself. */
  resumed: number
}

/** Source of pages other than the service: the feed of a sabotage. */
export type Feed = (cursor: string | undefined, limit: number) => Promise<ChangePage>

/** The run as readers see it: when the writers have ended, and the position to read up to then. */
export interface Run {
  stage: Stage
  random: () => number
  /** Undefined as long as the writers write. */
  end(): number | undefined
  /** When to give up, in milliseconds of the clock. */
  deadline(): number
}

const WAIT_SECONDS = 1
const RETRY_MS = 50
const WATCH_MS = 200
const DIES = 0.02
const READS_AGAIN = 0.03

/** The registry no longer accepts the cursor of the reader. */
class SentAway extends Error {}

export const markOf = (data: unknown): string => hash('sha1', JSON.stringify(data), 'base64')

/** Reads until all is read that the writers wrote. */
export async function follow(plan: Plan, run: Run, feed?: Feed): Promise<Reader> {
  const reader: Reader = { plan, delivered: [], chains: new Map(), errors: [], resumed: 0 }
  const memory = startMemory(reader, run)
  const turn = feed || plan.limit ? () => readPage(reader, memory, run, feed) : () => readStream(reader, memory, run)
  for (;;) {
    try {
      if (await turn()) return reader
    } catch (error) {
      if (error instanceof SentAway) {
        reader.errors.push(error.message)
        return reader
      }
      reader.resumed += 1
      await sleep(RETRY_MS)
    }
    if (Date.now() > run.deadline()) {
      reader.errors.push(`gave up at position ${reader.delivered.at(-1)?.position}: the end was not reached in time`)
      return reader
    }
  }
}

/** The cursor, and the state after a death: what was saved after the last change of a transaction. */
function startMemory(reader: Reader, { random }: Run) {
  let kept: { length: number; cursor: string | undefined } = { length: 0, cursor: undefined }
  let cursor: string | undefined
  return {
    get cursor() {
      return cursor
    },
    move(next: string) {
      cursor = next
      if (reader.delivered.at(-1)?.last !== false) kept = { length: reader.delivered.length, cursor }
    },
    /** Now and then the reader dies: what was not saved is gone. */
    mayDie() {
      if (random() >= DIES) return false
      reader.delivered.length = kept.length
      cursor = kept.cursor
      reader.resumed += 1
      return true
    },
  }
}

type Memory = ReturnType<typeof startMemory>

async function readPage(reader: Reader, memory: Memory, run: Run, feed?: Feed): Promise<boolean> {
  const { plan, delivered, chains } = reader
  const { cursor } = memory
  const limit = plan.limit ?? 100
  const asked = Date.now()
  const page = await (feed ? feed(cursor, limit) : askPage(plan, run, cursor, limit))
  const read = [asked, Date.now() + 1] as const
  if (!feed && run.random() < READS_AGAIN) {
    const again = await askPage(plan, run, cursor, limit)
    const isSame = page.data.every((change, i) => isToldAgain(change, again.data[i], plan))
    if (!isSame) reader.errors.push(`read again after ${delivered.at(-1)?.id}, a page was another one`)
  }
  for (const change of page.data) delivered.push(noteOf(change, read))
  if (page.chain) chains.set(page.position, page.chain)
  memory.move(page.next)
  const end = run.end()
  return !memory.mayDie() && end !== undefined && page.complete && page.position >= end
}

/** A second read is the same, but for `left` of what was hidden meanwhile and `upsert` of what was published. */
function isToldAgain(first: Change, second: Change | undefined, { isKeyed }: Plan): boolean {
  const delivered = [first.operation, second?.operation].sort().join()
  if (!second || isKeyed || delivered !== 'left,upsert') return JSON.stringify(first) === JSON.stringify(second)
  const around = ({ operation: _operation, data: _data, ...rest }: Change) => JSON.stringify(rest)
  return around(first) === around(second)
}

async function askPage({ filter, isKeyed }: Plan, { stage, random }: Run, cursor: string | undefined, limit: number) {
  const query = new URLSearchParams({
    ...filter,
    since: cursor ?? 'beginning',
    limit: String(limit),
    wait: String(WAIT_SECONDS),
  })
  const answer = await stage.ask(`/v1/changes?${query}`, { isKeyed, random })
  return (await bodyOf(answer)) as ChangePage
}

/** Only what may pass is tried again. */
async function bodyOf(answer: Response): Promise<unknown> {
  if (answer.ok) return answer.json()
  const text = await answer.text()
  throw answer.status === 503 ? new Error(text) : new SentAway(`${answer.status}: ${text}`)
}

async function readStream(reader: Reader, memory: Memory, run: Run): Promise<boolean> {
  const { plan, delivered, chains } = reader
  const query = new URLSearchParams({ ...plan.filter, since: 'beginning' })
  const leaves = new AbortController()
  const headers: Record<string, string> = memory.cursor === undefined ? {} : { 'last-event-id': memory.cursor }
  const options = { isKeyed: plan.isKeyed, random: run.random, headers, signal: leaves.signal }
  const asked = Date.now()
  let reached = 0
  const isDone = () => reached >= (run.end() ?? Number.POSITIVE_INFINITY)
  // When the writers end, nothing may come any more.
  const watch = setInterval(() => isDone() && leaves.abort(), WATCH_MS)
  try {
    const answer = await run.stage.ask(`/v1/changes/stream?${query}`, options)
    if (!answer.ok) await bodyOf(answer)
    for await (const { event, id = '', data = '' } of eventsOf(answer)) {
      const content = JSON.parse(data)
      if (event === 'gone') throw new SentAway(data)
      if (event === 'change') delivered.push(noteOf(content, [asked, Date.now() + 1]))
      else {
        chains.set(content.position, content.chain)
        reached = content.position
      }
      memory.move(id)
      if ((event === 'complete' || delivered.length % 100 === 0) && memory.mayDie()) return false
    }
    return false
  } catch (error) {
    if (isDone()) return true
    throw error
  } finally {
    clearInterval(watch)
    leaves.abort()
  }
}

async function* eventsOf({ body }: Response) {
  let rest = ''
  for await (const chunk of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const fields = event
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])
      if (!event.startsWith(':')) yield Object.fromEntries(fields) as Record<string, string | undefined>
    }
  }
}

const noteOf = (
  { id, type, resourceId, version, position, last, operation, data }: Change,
  read: Delivered['read'],
): Delivered => ({
  id,
  type,
  resourceId,
  version,
  position,
  last,
  operation,
  mark: data === null ? null : markOf(data),
  read,
})
