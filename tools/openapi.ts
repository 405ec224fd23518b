/**
 * OpenAPI generator: writes the document and its examples to the folder `openapi`, from the routes and from the answers
 * of the service on a database of its own that holds the example only. The same routes give the same bytes.
 */
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildApp } from '../src/app.ts'
import { errorLines } from '../src/commands/command.ts'
import { readConfig } from '../src/config.ts'
import { closeDatabase, type Database, openDatabase } from '../src/db/database.ts'
import { startEmbedded } from '../src/db/embedded/server.ts'
import { migrate } from '../src/db/migrations.ts'
import { printStatus } from '../src/ops/console.ts'
import { seed } from '../src/seed.ts'
import { examplesFile } from '../src/site/api-info.ts'
import { collectExamples, EXAMPLE_NOW } from './examples.ts'

const folder = path.join(import.meta.dirname, '../openapi')
const KEY = 'the-key-of-a-database-that-is-thrown-away'
const config = readConfig({ BOOTSTRAP_ADMIN_KEY: KEY, LOAD_EXAMPLE: 'true' })
const clock = { now: () => new Date(EXAMPLE_NOW), elapsedMs: () => 0, skewMs: () => 0 }

try {
  await onThrowAwayDatabase(writeExamples)
} catch (error) {
  printStatus(errorLines(error))
  process.exitCode = 1
}

async function writeExamples(db: Database) {
  const app = await buildApp({ db, config, clock })
  await writeFile(examplesFile, `${JSON.stringify(await collectExamples(app, KEY), null, 2)}\n`)
  await app.close()
  // Only now are the examples of the document those of the service.
  const { openapi } = await buildApp({ db, config, clock })
  await writeFile(path.join(folder, 'openapi.json'), openapi.json())
  await writeFile(path.join(folder, 'openapi.yaml'), openapi.yaml())
  await writeFile(path.join(folder, 'openapi-3.0.json'), openapi.json30())
  printStatus('the folder openapi is up to date: its examples, and the document as JSON, as YAML and in OpenAPI 3.0')
}

async function onThrowAwayDatabase(work: (db: Database) => Promise<void>) {
  const dataDir = path.join(import.meta.dirname, `../.test/openapi-${process.pid}`)
  const server = await startEmbedded({ dataDir, settings: { fsync: 'off' } })
  try {
    await migrate(server.url)
    await seed(server.url, config, printStatus)
    const db = openDatabase(server.url)
    await work(db).finally(() => closeDatabase(db))
  } finally {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
