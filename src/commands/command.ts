/**
 * Command runner: the configuration of the service, and a database for as long as the command takes, also while the
 * service runs. A failure is one clear line and exit code 1.
 */
import { type Config, readConfig } from '../config.ts'
import { classify } from '../db/errors.ts'
import { openServer } from '../db/postgres.ts'
import { Problem } from '../http/errors/problems.ts'
import { explain, printStatus } from '../ops/console.ts'
import { shutdownRequested } from '../ops/shutdown-signal.ts'

const UNDEFINED_TABLE = '42P01'
const NOT_ALLOWED = '42501'

/**
 * Runs `work` with the URL of the database, of the role that owns the tables where there is one. Commands do not
 * migrate: `npm run migrate` does, and the service itself; nor does another one create an embedded database.
 */
export async function runCommand(
  work: (url: string, config: Config) => Promise<void>,
  { mayCreate = false } = {},
): Promise<void> {
  const shutdown = shutdownRequested()
  try {
    const config = readConfig()
    const server = await openServer(config, printStatus, { isGuest: true, mayCreate })
    try {
      const isStopped = await Promise.race([work(server.ownerUrl, config), shutdown.then(() => true)])
      if (isStopped) throw new Error('stopped')
    } finally {
      await server.stop()
    }
  } catch (error) {
    printStatus(errorLines(error))
    process.exitCode = 1
  }
  // What was stopped may still wait for the database.
  process.exit()
}

/** What went wrong, a line for each error. */
export function errorLines(error: unknown): string {
  if (error instanceof Problem && error.errors) {
    return error.errors
      .map((error) => ('pointer' in error ? at(error.pointer, error.message) : error.message))
      .join('\n')
  }
  const sqlstate = (classify(error) ?? classify((error as Error | null)?.cause))?.sqlstate
  if (sqlstate === UNDEFINED_TABLE)
    return 'The tables are not there yet: start the service once, or run npm run migrate.'
  if (sqlstate === NOT_ALLOWED)
    return 'The role of DATABASE_URL may not do this: name the one that owns the tables in MIGRATE_DATABASE_URL.'
  return explain(error)
}

/** The sentence about a place in a document, after its JSON Pointer. */
export const at = (pointer: string, message: string): string => (pointer === '' ? message : `${pointer}: ${message}`)
