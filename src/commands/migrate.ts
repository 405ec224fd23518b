/** Migrate command: brings the tables of the database up to date, as the service does at each start. */
import { migrate } from '../db/migrations.ts'
import { printStatus } from '../ops/console.ts'
import { runCommand } from './command.ts'

await runCommand(
  async (url) => {
    const names = await migrate(url, { log: printStatus })
    printStatus(names.length > 0 ? `migrated: ${names.join(', ')}` : 'the tables are up to date')
  },
  { mayCreate: true },
)
