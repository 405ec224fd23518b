/**
 * Table types: writes src/db/tables.ts as the migrations make the tables in a database that is thrown away. With
 * `--verify` it writes nothing and fails when the file differs.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { startEmbedded } from '../src/db/embedded/server.ts'
import { migrate } from '../src/db/migrations.ts'
import { explain, printStatus } from '../src/ops/console.ts'
import { writeTableTypes } from './table-types.ts'

const root = path.join(import.meta.dirname, '..')
const file = 'src/db/tables.ts'

const isVerifying = process.argv.includes('--verify')
try {
  await onThrowAwayDatabase(generate)
  printStatus(`${file} is up to date`)
} catch (error) {
  printStatus(explain(error))
  process.exitCode = 1
}

async function generate(url: string) {
  await writeTableTypes(url, path.join(root, file), isVerifying ? ['--verify'] : []).catch((error) => {
    throw new Error(isVerifying ? `${file} does not fit the migrations: npm run tables writes it anew.` : error.stderr)
  })
}

async function onThrowAwayDatabase(work: (url: string) => Promise<void>) {
  const dataDir = path.join(root, `.test/tables-${process.pid}`)
  const server = await startEmbedded({ dataDir, settings: { fsync: 'off' } })
  try {
    await migrate(server.url)
    await work(server.url)
  } finally {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
