/** Reset command: deletes the embedded database, so that the next start makes a new one. It asks first. */
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { deleteCluster } from '../db/embedded/server.ts'
import { explain, printStatus } from '../ops/console.ts'

const USAGE = `usage:
  npm run reset [-- --yes]  deletes the embedded database in DATA_DIR, with all that is in it
    --yes                   without asking`

const isConfirmed = readArguments()
if (isConfirmed === undefined) fail(USAGE)
else await reset(isConfirmed).catch((error) => fail(explain(error)))

async function reset(isConfirmed: boolean): Promise<void> {
  const { databaseUrl, dataDir } = readConfig()
  if (databaseUrl !== null) throw new Error('DATABASE_URL names a server of your own: only the embedded one is reset.')
  if (!isConfirmed && !(await confirm(`Delete the database in ${dataDir} with all that is in it? (yes/no) `)))
    throw new Error('nothing was deleted')
  const deleted = await deleteCluster(dataDir)
  printStatus(deleted === null ? `there is no database in ${dataDir}` : `deleted ${deleted}; npm start makes a new one`)
}

/** False too when nobody answers. */
async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const { promise: closed, resolve } = Promise.withResolvers<string>()
  terminal.once('close', () => resolve(''))
  const answer = await Promise.race([terminal.question(question), closed])
  terminal.close()
  return answer.trim().toLowerCase() === 'yes'
}

/** Whether it was confirmed beforehand; undefined when the arguments are wrong. */
function readArguments(): boolean | undefined {
  try {
    return parseArgs({ options: { yes: { type: 'boolean', default: false } } }).values.yes
  } catch {
    return undefined
  }
}

function fail(message: string): void {
  printStatus(message)
  process.exitCode = 1
}
