/**
 * How every command runs: with the configuration of the service and a database that is there for as long as it takes.
 * A failure is one clear line and exit code 1.
 */
import { type Config, readConfig } from '../config.ts'
import { openServer } from '../db/server.ts'
import { explain, tell } from '../terminal.ts'

/** Runs `work` with the URL of the database. Commands do not migrate: `npm run migrate` does, and the service itself. */
export async function runCommand(work: (url: string, config: Config) => Promise<void>): Promise<void> {
  try {
    const config = readConfig()
    const server = await openServer(config, tell)
    try {
      await work(server.url, config)
    } finally {
      await server.stop()
    }
  } catch (error) {
    tell(explain(error))
    process.exitCode = 1
  }
}
