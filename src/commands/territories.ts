/**
 * Territories command: loads the official geographic code, as the service does at its start. `--force` compares every
 * row again although the edition is there already.
 */
import { limits } from '../config.ts'
import { closeDatabase, openDatabase } from '../db/database.ts'
import { loadTerritories } from '../domain/territories/load.ts'
import { printStatus } from '../ops/console.ts'
import { runCommand } from './command.ts'

await runCommand(async (url) => {
  const db = openDatabase(url, { connections: 1, patienceMs: limits.migrationMs })
  try {
    const force = process.argv.includes('--force')
    const { edition, isLoaded, written, removed } = await loadTerritories(db, { force, log: printStatus })
    printStatus(
      isLoaded ? `edition ${edition}: ${written} written, ${removed} removed` : `edition ${edition} is there already`,
    )
  } finally {
    await closeDatabase(db)
  }
})
