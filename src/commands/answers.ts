/** Answers command: renews those in the journal that are in an older form, while the service runs or not. */
import { parseArgs } from 'node:util'
import { renewSearchTexts, rewriteAnswers } from '../changes/rewrite.ts'
import { closeDatabase, openDatabase } from '../db/database.ts'
import { printProgress, printStatus } from '../ops/console.ts'
import { runCommand } from './command.ts'

const USAGE = 'usage: npm run answers -- --rewrite'

await runCommand(async (url) => {
  const { values } = parseArgs({ options: { rewrite: { type: 'boolean' } } })
  if (!values.rewrite) throw new Error(USAGE)
  const db = openDatabase(url, { connections: 1 })
  try {
    const { read, renewed } = await rewriteAnswers(db, (done) => printProgress(`${done.read} rows read`))
    await renewSearchTexts(db)
    printStatus(`${renewed} answers renewed of ${read} rows`)
  } finally {
    await closeDatabase(db)
  }
})
