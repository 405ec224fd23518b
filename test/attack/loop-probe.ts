/**
 * A probe of the event loop, imported into the service (`--import`): it appends to the file of its query how many
 * milliseconds of work the main thread did between two of its timers, whenever that was much. It counts the time of the
 * processor, so that a busy machine is not taken for a busy loop.
 */
import fs from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const PAUSE_MS = 5
const MUCH_MS = 20

const workMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

function probe(file: string): void {
  let before = workMs()
  setInterval(() => {
    const now = workMs()
    if (now - before >= MUCH_MS) fs.appendFileSync(file, `${Math.round(now - before)}\n`)
    before = workMs()
  }, PAUSE_MS).unref()
}

const file = new URL(import.meta.url).searchParams.get('file')
if (isMainThread && file !== null) probe(file)
