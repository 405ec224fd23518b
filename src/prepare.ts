/**
 * What a migrated database is given before the service listens, in this order: reference data first, then what builds
 * on it. Each step must find out by itself that there is nothing to do, for all run at every start and several
 * processes may start together.
 */
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Database } from './db/database.ts'

interface Step {
  /** As the terminal tells it: "loading ...". */
  name: string
  run: (db: Database, config: Config, log: Logger) => Promise<void>
}

const steps: Step[] = []

export async function prepare(db: Database, config: Config, log: Logger): Promise<void> {
  for (const step of steps) {
    const start = performance.now()
    await step.run(db, config, log)
    log.info({ step: step.name, ms: Math.round(performance.now() - start) }, 'prepared')
  }
}
