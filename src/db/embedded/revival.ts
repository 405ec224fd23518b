/**
 * Revival of a server that ended and was not stopped: at once, then with a pause that doubles while it does not start or
 * does not last; after three failures in a row it gives up.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findPostmaster } from './postmaster.ts'

const FAILURES_MAX = 3
const PAUSE_MS = 500
/** A start after which the server ends sooner has failed. */
const STEADY_MS = 10_000

export interface Revival {
  folder: string
  /** Starts the server, or joins one that is starting. Throws an Error with the reason. */
  start(): Promise<unknown>
  log: ((message: string) => void) | undefined
  /** Called with the reason each time that a start has failed. */
  onFailure: ((reason: Error) => void) | undefined
  /** Called once, with the last reason, when it gives up. */
  onDown(reason: Error): void
}

/** A function to call whenever the server does not answer; it starts the server if that has ended. */
export function reviver({ folder, start, log, onFailure, onDown }: Revival): () => Promise<void> {
  let failures = 0
  let startedAt: number | undefined

  async function revive(): Promise<void> {
    const hasEnded = (await findPostmaster(folder)) === null
    if (hasEnded && startedAt !== undefined) {
      const livedMs = performance.now() - startedAt
      startedAt = undefined
      if (livedMs < STEADY_MS) throw new Error(await failureOf(folder, 'ends soon after each start'))
      failures = 0
    }
    if (hasEnded) log?.('the embedded Postgres has ended: it is started again')
    await start()
    // One that was joined after failures has to last too before they are forgotten.
    if (hasEnded || failures > 0) startedAt ??= performance.now()
  }

  return async () => {
    try {
      if (failures < FAILURES_MAX) await revive()
    } catch (error) {
      failures += 1
      onFailure?.(error as Error)
      if (failures === FAILURES_MAX) return onDown(error as Error)
      const pauseMs = PAUSE_MS * 2 ** failures
      const [reason, ...lines] = (error as Error).message.split('\n')
      log?.([`${reason}; the next attempt follows in ${pauseMs / 1_000} s`, ...lines.slice(-1)].join('\n'))
      await sleep(pauseMs)
    }
  }
}

/** A line with what is wrong with the server, and the last lines of its log. */
export async function failureOf(folder: string, words: string): Promise<string> {
  const log = await readFile(path.join(folder, 'server.log'), 'utf8').catch(() => '')
  return `The embedded Postgres in ${folder} ${words}\n${log.trimEnd().split('\n').slice(-5).join('\n')}`
}
