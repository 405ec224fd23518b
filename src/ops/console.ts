/**
 * Console output for the person who started the process: plain lines on standard error, so that standard output has
 * only log lines, or the result of a command.
 */

/** The interval between two lines of progress: in a terminal, and in a file. */
const TERMINAL_MS = 100
const FILE_MS = 5_000

let progressAt = performance.now()
let isProgressShown = false

/** Prints a message, each of its lines after the name of the service. */
export function printStatus(message: string): void {
  if (isProgressShown) process.stderr.write('\r\x1b[K')
  isProgressShown = false
  for (const line of message.split('\n')) process.stderr.write(`ctg-registry: ${line}\n`)
}

/** Prints progress: in a terminal on a line that overwrites itself, elsewhere every few seconds on a line of its own. */
export function printProgress(message: string): void {
  const { isTTY } = process.stderr
  if (performance.now() - progressAt < (isTTY ? TERMINAL_MS : FILE_MS)) return
  progressAt = performance.now()
  if (isTTY) process.stderr.write(`\r\x1b[Kctg-registry: ${message}`)
  else printStatus(message)
  isProgressShown = isTTY
}

/** The message of an error; anything else that was thrown as text. */
export const explain = (error: unknown): string => (error instanceof Error && error.message) || String(error)
