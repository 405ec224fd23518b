/**
 * Stale reads: items and lists that show an older version than a service had acknowledged before the read began. They
 * are read from both services while all is written, so from their caches too.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { pick } from '../support/turmoil.ts'
import type { Stage } from './stage.ts'
import type { Acknowledged } from './writers.ts'

const READERS = 4
const PAUSE_MS = 5
const RETRY_MS = 20

interface Item {
  id: string
  version: number
}

/** Reads until it is over: how many reads were judged, and how many were stale. */
export async function readMeanwhile(
  ask: Stage['ask'],
  acknowledged: Acknowledged,
  random: () => number,
  isOver: () => boolean,
): Promise<{ reads: number; stale: number }> {
  const done = { reads: 0, stale: 0 }
  async function read() {
    const known = [...acknowledged.keys()]
    if (known.length === 0) return sleep(RETRY_MS)
    const path = pick(random, known)
    const isList = random() < 0.5
    const least = acknowledged.get(path) as number
    const answer = await ask(`/v1${isList ? listOf(path) : path}`, { random, isKeyed: random() < 0.5 })
    const body = (await answer.json()) as Item & { data: Item[] }
    // What is hidden, deleted or beyond the page says nothing.
    const items = !answer.ok ? [] : isList ? body.data : [body]
    const item = items.find(({ id }) => path.endsWith(id))
    if (!item) return
    done.reads += 1
    if (item.version < least) done.stale += 1
  }
  async function readOn() {
    while (!isOver()) {
      // A service that is killed meanwhile answers nothing.
      await read().catch(() => sleep(RETRY_MS))
      // Readers who never pause take the processor from the writers: then nothing can become stale.
      await sleep(PAUSE_MS)
    }
  }
  await Promise.all(Array.from({ length: READERS }, readOn))
  return done
}

/** The list in which an item stands: its last page would be another. */
const listOf = (path: string) => `${path.slice(0, path.lastIndexOf('/'))}?limit=200`
