/**
 * What the process says to the person who started it: plain lines on the standard error, so that the standard output
 * holds log lines, or what a command answers, only.
 */

/** Between two words on progress: to somebody who watches, and to a file. */
const WATCHED_MS = 100
const UNWATCHED_MS = 5_000

let progressAt = performance.now()
let isProgressShown = false

export function tell(message: string): void {
  if (isProgressShown) process.stderr.write('\r\x1b[K')
  isProgressShown = false
  for (const line of message.split('\n')) process.stderr.write(`ctg-registry: ${line}\n`)
}

/** Says how far the work is: on a line that is written over in a terminal, else now and then on a line of its own. */
export function tellProgress(message: string): void {
  const { isTTY } = process.stderr
  if (performance.now() - progressAt < (isTTY ? WATCHED_MS : UNWATCHED_MS)) return
  progressAt = performance.now()
  if (isTTY) process.stderr.write(`\r\x1b[Kctg-registry: ${message}`)
  else tell(message)
  isProgressShown = isTTY
}

/** An error as a person can use it. */
export const explain = (error: unknown): string => (error instanceof Error && error.message) || String(error)
