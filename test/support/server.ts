/**
 * Postgres server of a test run: embedded, with a database `registry` that is migrated and is the template of each test
 * file's own. The runner is the parent of every process of its run: its number names the folder.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded/server.ts'
import { migrate } from '../../src/db/migrations.ts'
import { seed } from '../../src/seed.ts'
import { testConfig } from './config.ts'

const testFolder = path.join(import.meta.dirname, '../../.test')
const PREFIX = 'run-'

/** Nothing of a test run outlives it, so nothing needs to reach the disk. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }

export const folderOf = (runner: number) => path.join(testFolder, `${PREFIX}${runner}`)

/** Starts, or adopts, the server of a run; the URL is that of the template. */
export async function startTestServer(dataDir: string): Promise<EmbeddedServer> {
  await fs.mkdir(dataDir, { recursive: true })
  const server = await startEmbedded({ dataDir, settings })
  await migrate(server.url)
  await seed(server.url, testConfig(), () => undefined)
  return server
}

/** Ends what is left of a run: its server, if there is one, and its folder. */
export async function removeRun(dataDir: string): Promise<void> {
  const server = await startEmbedded({ dataDir, settings })
  await server.stop()
  await fs.rm(dataDir, { recursive: true, force: true })
}

/** Ends what is left of runs that were killed. */
export async function removeOldRuns(): Promise<void> {
  await fs.mkdir(testFolder, { recursive: true })
  for (const name of await fs.readdir(testFolder)) {
    const runner = Number(name.slice(PREFIX.length))
    if (name.startsWith(PREFIX) && !isRunning(runner)) await removeRun(folderOf(runner)).catch(() => undefined)
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** What the first process of a run that needs it has made, and the others read; a test file that runs on its own makes it. */
export async function oncePerRun(name: string, make: () => string): Promise<string> {
  const file = path.join(folderOf(process.ppid), name)
  const kept = await fs.readFile(file, 'utf8').catch(() => null)
  if (kept !== null) return kept
  const made = make()
  const whole = `${file}.${process.pid}`
  // Without a run there is no folder.
  await fs.writeFile(whole, made).then(
    () => fs.rename(whole, file),
    () => undefined,
  )
  return made
}

let template: Promise<string> | undefined

/** The URL of the template. A test file that runs on its own starts a server for itself. */
export function templateUrl(): Promise<string> {
  template ??= findTemplate()
  return template
}

async function findTemplate(): Promise<string> {
  const url = await fs.readFile(path.join(folderOf(process.ppid), 'url'), 'utf8').catch(() => null)
  if (url !== null) return url
  const folder = folderOf(process.pid)
  const server = await startTestServer(folder)
  // Only here: to load the runner is to start it, and the proof of the feed is no test file.
  const { default: t } = await import('tap')
  t.teardown(() => removeAfter(server, folder))
  return server.url
}

async function removeAfter(server: EmbeddedServer, folder: string) {
  await server.stop()
  await fs.rm(folder, { recursive: true, force: true })
}
