/**
 * Stage of a bench: an embedded Postgres in a folder that stays, an invented country in it, and the service as a
 * process of its own, with another commit of it beside it on request. A country is built once for each set of
 * migrations; every run works on a copy.
 */
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { closeDatabase, type Database, openDatabase } from '../src/db/database.ts'
import { type EmbeddedServer, serviceUrlOf, startEmbedded } from '../src/db/embedded/server.ts'
import { printStatus } from '../src/ops/console.ts'
import { type Checkout, openCheckout, runScript, type Service, startService } from './checkout.ts'
import { type Country, documentsOf } from './country/country.ts'

const PATIENCE_MS = 3_600_000
/** Nothing is lost when the building of a stage is cut short. */
const hasty = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '4GB' }

export const SOURCE = 'country'

/** A version of the service that runs on its copy of the country. */
export interface Stage extends Service {
  db: Database
  /** Of the database, as the role that serves. */
  url: string
  /** Another process of the service, which has just started. */
  start(variables?: Record<string, string>): Promise<Service>
  /** May read and write everything. */
  key: string
  postgres: string
}

export interface Options extends Country {
  /** Where the database stays. */
  folder: string
  /** Another checkout of the project to measure beside this one. */
  before: string | null
}

/** Builds what the folder does not hold yet; takes the copies down after the work. */
export async function onStage<T>(
  { folder, before, ...country }: Options,
  work: (stage: Stage, before: Stage | null) => Promise<T>,
): Promise<T> {
  const checkouts = await Promise.all(
    [path.join(import.meta.dirname, '..'), ...(before === null ? [] : [path.resolve(before)])].map(openCheckout),
  )
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  for (const checkout of checkouts) await build(folder, checkout, country)
  const server = await startEmbedded({ dataDir: folder })
  const closers: (() => Promise<unknown>)[] = [() => server.stop()]
  try {
    const [stage, other] = await Promise.all(await open(server, checkouts, country, closers))
    return await work(stage as Stage, other ?? null)
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

const nameOf = ({ digest }: Checkout, { seed, size }: Country) => `country_${seed}_${size}_${digest}`

const urlOf = (server: EmbeddedServer, database: string) =>
  Object.assign(new URL(server.url), { pathname: `/${database}` }).href

/** A database gets its name once it is whole. */
async function build(folder: string, checkout: Checkout, country: Country): Promise<void> {
  const name = nameOf(checkout, country)
  const server = await startEmbedded({ dataDir: folder, settings: hasty, log: printStatus })
  try {
    await asOwner(server.url, async (db) => {
      const { rows } = await sql`select from pg_database where datname = ${name}`.execute(db)
      if (rows.length > 0) return
      const start = performance.now()
      await sql`drop database if exists building with (force)`.execute(db)
      await sql`create database building`.execute(db)
      await fill(urlOf(server, 'building'), checkout, country)
      await sql`alter database building rename to ${sql.id(name)}`.execute(db)
      printStatus(`built in ${Math.round((performance.now() - start) / 1000)} s`)
    })
  } finally {
    await server.stop()
  }
}

async function fill(url: string, checkout: Checkout, country: Country): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ctg-registry-country-'))
  const file = path.join(folder, 'country.ndjson')
  const lines = async function* () {
    for await (const document of documentsOf(country)) yield `${JSON.stringify(document)}\n`
  }
  try {
    await pipeline(Readable.from(lines()), createWriteStream(file))
    await runScript(checkout, 'migrate', { DATABASE_URL: url })
    await runScript(checkout, 'load', { DATABASE_URL: url }, file, '--source', SOURCE)
    await asOwner(url, (db) => sql`vacuum analyze`.execute(db))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The services of the checkouts, each on its copy, or on the same where their tables are the same. */
async function open(
  server: EmbeddedServer,
  checkouts: Checkout[],
  country: Country,
  closers: (() => Promise<unknown>)[],
): Promise<Promise<Stage>[]> {
  const names = [...new Set(checkouts.map((checkout) => nameOf(checkout, country)))]
  await asOwner(server.url, async (db) => {
    for (const name of names) {
      const copy = sql.id(`run_${name}`)
      await sql`drop database if exists ${copy} with (force)`.execute(db)
      await sql`create database ${copy} template ${sql.id(name)} strategy file_copy`.execute(db)
    }
  })
  closers.push(() =>
    asOwner(server.url, async (db) => {
      for (const name of names) await sql`drop database ${sql.id(`run_${name}`)} with (force)`.execute(db)
    }),
  )
  return checkouts.map(async (checkout) => {
    const owner = urlOf(server, `run_${nameOf(checkout, country)}`)
    const url = serviceUrlOf(owner)
    const db = openDatabase(owner, { connections: 16, patienceMs: PATIENCE_MS })
    closers.push(() => closeDatabase(db))
    const start = (variables = {}) =>
      startService(checkout, { DATABASE_URL: url, MIGRATE_DATABASE_URL: owner, ...variables })
    const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db)
    const service = await start()
    closers.push(service.stop)
    return { db, url, ...service, start, key: checkout.key, postgres: rows[0]?.version ?? '' }
  })
}

async function asOwner<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase(url, { connections: 1, patienceMs: PATIENCE_MS })
  return work(db).finally(() => closeDatabase(db))
}
