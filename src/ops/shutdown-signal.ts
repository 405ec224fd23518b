/**
 * The wish that the process stop. A terminal and npm both pass Ctrl-C on, so one wish comes as two signals within a
 * millisecond: a repeat is taken for impatience only after a second.
 */
import { limits } from '../config.ts'

/** Resolves at the first SIGTERM or SIGINT. A later one ends the process at once. Call it before listening. */
export function stopAsked(): Promise<string> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    const ask = (signal: string) => {
      askedAt ??= performance.now()
      if (performance.now() - askedAt > limits.sameSignalMs) process.exit(1)
      resolve(signal)
    }
    process.on('SIGTERM', ask)
    process.on('SIGINT', ask)
  })
}
