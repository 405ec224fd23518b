/**
 * Prune command: deletes from the journal, and from the refusals of the audit, what is older than
 * JOURNAL_RETENTION_DAYS, while the service runs or not. Run it every day.
 */
import { pruneRefusals } from '../audit/refusals.ts'
import { prune } from '../changes/retention.ts'
import { closeDatabase, openDatabase } from '../db/database.ts'
import { printProgress, printStatus } from '../ops/console.ts'
import { runCommand } from './command.ts'

await runCommand(async (url, { journalRetentionDays: days }) => {
  if (days === null) throw new Error('JOURNAL_RETENTION_DAYS is not set: the journal is kept for ever.')
  const db = openDatabase(url, { connections: 1 })
  try {
    const { horizon, rows } = await prune(db, days, { onBatch: (done) => printProgress(`${done.rows} rows pruned`) })
    const refusals = await pruneRefusals(db, days)
    if (refusals > 0) printStatus(`${refusals} refusals pruned`)
    printStatus(`${rows} rows pruned: the journal is whole from position ${horizon} on`)
  } finally {
    await closeDatabase(db)
  }
})
