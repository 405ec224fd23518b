/**
 * What a bench runs on: an embedded Postgres of its own in a folder that is thrown away, or kept for the next run, an
 * invented country in it, and the service as a process of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { readConfig } from '../src/config.ts'
import { readClock } from '../src/db/clock.ts'
import { closeDatabase, type Database, openDatabase } from '../src/db/database.ts'
import { startEmbedded } from '../src/db/embedded/server.ts'
import { migrate } from '../src/db/migrations.ts'
import { tell, tellProgress } from '../src/ops/console.ts'
import { prepare } from '../src/seed.ts'
import { loadFile } from '../src/sync/load.ts'
import { type Country, countsOf, documentsOf } from './country/country.ts'

const PATIENCE_MS = 3_600_000
const ADMIN_KEY = 'a-key-of-the-bench-that-is-of-no-use-elsewhere'
/** Nothing is lost when the building of a stage is cut short. */
const hasty = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '4GB' }

export const SOURCE = 'country'

export interface Service {
  address: string
  stop(): Promise<void>
}

export interface Stage {
  db: Database
  /** Of the service, e.g. http://127.0.0.1:41234. */
  address: string
  pid: number
  /** Another process of the service, which has just started. */
  start(): Promise<Service>
  /** May read and write everything. */
  key: string
  postgres: string
}

interface Asked extends Country {
  /** Where the database stays; null: it is thrown away. */
  folder: string | null
}

/** Builds the stage unless the folder holds it already, and takes it down after the work. */
export async function onStage<T>({ folder, ...country }: Asked, work: (stage: Stage) => Promise<T>): Promise<T> {
  const dataDir = folder ?? (await mkdtemp(path.join(tmpdir(), 'ctg-registry-bench-')))
  await mkdir(dataDir, { recursive: true })
  await chmod(dataDir, 0o755)
  try {
    await build(dataDir, country)
    const server = await startEmbedded({ dataDir })
    try {
      return await serve(server.url, work)
    } finally {
      await server.stop()
    }
  } finally {
    if (folder === null) await rm(dataDir, { recursive: true, force: true })
  }
}

async function build(dataDir: string, country: Country): Promise<void> {
  const done = path.join(dataDir, `seed-${country.seed}-size-${country.size}`)
  if (await exists(done)) return
  const start = performance.now()
  const server = await startEmbedded({ dataDir, settings: hasty, log: tell })
  try {
    await migrate(server.url)
    await prepare(server.url, { ...readConfig({}), loadExample: false }, () => undefined)
    await fill(server.url, path.join(dataDir, 'country.ndjson'), country)
  } finally {
    await server.stop()
  }
  await writeFile(done, '')
  tell(`built in ${Math.round((performance.now() - start) / 1000)} s`)
}

async function fill(url: string, file: string, country: Country): Promise<void> {
  const lines = async function* () {
    for await (const document of documentsOf(country)) yield `${JSON.stringify(document)}\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
  const { conventions } = countsOf(country.size)
  const db = openDatabase(url, { connections: 1, patienceMs: PATIENCE_MS })
  try {
    const { now } = await readClock(db)
    let loaded = 0
    for await (const { place, error } of loadFile(db, file, { source: SOURCE, now })) {
      if (error) throw new Error(`${place} was refused`, { cause: error })
      loaded += 1
      tellProgress(`loaded ${loaded} of ${conventions} conventions`)
    }
    await sql`vacuum analyze`.execute(db)
  } finally {
    await closeDatabase(db)
    await rm(file, { force: true })
  }
}

async function serve<T>(url: string, work: (stage: Stage) => Promise<T>): Promise<T> {
  const db = openDatabase(url, { connections: 16, patienceMs: PATIENCE_MS })
  try {
    const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db)
    const start = () => startService(url)
    const { address, pid, stop } = await start()
    return await work({ db, address, pid, start, key: ADMIN_KEY, postgres: rows[0]?.version ?? '' }).finally(stop)
  } finally {
    await closeDatabase(db)
  }
}

async function startService(url: string): Promise<Service & Pick<Stage, 'pid'>> {
  const service = spawn(
    process.execPath,
    ['--max-semi-space-size=8', path.join(import.meta.dirname, '../src/main.ts')],
    {
      // How memory is taken and given back is as with `npm start`.
      env: {
        MALLOC_TRIM_THRESHOLD_: '131072',
        MALLOC_ARENA_MAX: '2',
        DATABASE_URL: url,
        PORT: '0',
        LOG_LEVEL: 'silent',
        BOOTSTRAP_ADMIN_KEY: ADMIN_KEY,
        RATE_LIMIT: '0',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const ended = once(service, 'close')
  const stop = async () => {
    service.kill('SIGTERM')
    await ended
  }
  try {
    return { address: await addressOf(service), pid: service.pid as number, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Where the service listens, once it does. */
async function addressOf(service: ChildProcess): Promise<string> {
  let told = ''
  for await (const chunk of service.stderr ?? []) {
    told += chunk
    const found = /listens on (http:\S+)/.exec(told)?.[1]
    if (found === undefined) continue
    service.stderr?.resume()
    return found
  }
  throw new Error(`the service did not start: ${told}`)
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )
