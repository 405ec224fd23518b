/**
 * Start-up wait: a database that is absent, starting or in recovery may come, so the start repeats what it began; what
 * waiting cannot mend ends it at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '../config.ts'
import { classify, messageOf } from './errors.ts'

/** A server that answers and cannot be used yet. */
export class NotReady extends Error {}

/** A wrong password or role, and a database that does not exist. */
const WRONG_ADDRESS = /^(28|3D000)/

/**
 * What `work` returned; it is done again, from its beginning, as long as the database may come. `log` receives a line
 * for each new reason. Throws what `work` throws, or after `waitMs` milliseconds of waiting an Error with the last reason.
 */
export async function whenAvailable<T>(
  work: () => Promise<T>,
  log: (message: string) => void,
  waitMs: number = limits.databaseStartMs,
): Promise<T> {
  const seconds = `${waitMs / 1_000} seconds`
  let deadline: number | undefined
  let logged: string | undefined
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const cause = causeOf(error)
      if (!mayCome(cause)) throw error
      const reason = messageOf(cause)
      deadline ??= performance.now() + waitMs
      if (performance.now() >= deadline)
        throw new Error(`The database could not be used within ${seconds}: ${reason}`, { cause })
      if (reason !== logged) log(`waiting up to ${seconds} for the database: ${reason}`)
      logged = reason
      await sleep(limits.databaseRetryMs)
    }
  }
}

const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : error

function mayCome(error: unknown): boolean {
  if (error instanceof NotReady) return true
  const failure = classify(error)
  if (failure === null || WRONG_ADDRESS.test(failure.sqlstate ?? '')) return false
  return failure.kind === 'unavailable' || failure.kind === 'connection-lost'
}
