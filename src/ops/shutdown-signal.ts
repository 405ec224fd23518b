/**
 * Shutdown signals: SIGTERM and SIGINT. A terminal and npm both pass Ctrl-C on, so one request arrives as two signals
 * within a millisecond: a repeat ends the process only after a second.
 */
import { limits } from '../config.ts'

/** Resolves with the name of the first signal; a later one ends the process at once. Call it before listening. */
export function shutdownRequested(): Promise<string> {
  return new Promise((resolve) => {
    let requestedAt: number | undefined
    const onSignal = (signal: string) => {
      requestedAt ??= performance.now()
      if (performance.now() - requestedAt > limits.sameSignalMs) process.exit(1)
      resolve(signal)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
