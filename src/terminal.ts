/**
 * What the process says to the person who started it: plain lines on the standard error, so that the standard output
 * holds log lines only.
 */

export function tell(message: string): void {
  for (const line of message.split('\n')) process.stderr.write(`ctg-registry: ${line}\n`)
}

/** An error as a person can use it. */
export const explain = (error: unknown): string => (error instanceof Error && error.message) || String(error)
