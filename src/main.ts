/**
 * Process of the service: configuration, database, tables, reference data, then the listener. It closes in the opposite
 * order: not ready, no new connections, requests in flight finish, the pool ends, the embedded server stops.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { buildApp } from './app.ts'
import { type Config, limits, readConfig } from './config.ts'
import { watchDatabase } from './db/availability.ts'
import { readClock } from './db/clock.ts'
import { closeDatabase, openDatabase } from './db/database.ts'
import { checkTables, mayMigrate, migrate } from './db/migrations.ts'
import { openServer, type Server } from './db/postgres.ts'
import { whenAvailable } from './db/waiting.ts'
import { startClock } from './domain/conventions/clock.ts'
import { openLogger } from './http/server/logging.ts'
import { explain, printStatus } from './ops/console.ts'
import { closeGently, within } from './ops/shutdown.ts'
import { shutdownRequested } from './ops/shutdown-signal.ts'
import { seed } from './seed.ts'

type Close = () => Promise<unknown>

process.exit(await main())

/** The exit code. */
async function main(): Promise<number> {
  const shutdown = shutdownRequested()
  const closers: Close[] = []
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  try {
    const config = readConfig()
    const started = start(config, { log: openLogger(config.logLevel), closers, fail })
    const signal = await Promise.race([shutdown, failed, started.then(() => shutdown)])
    printStatus(`stopping (${signal})`)
    return 0
  } catch (error) {
    printStatus(explain(error))
    return 1
  } finally {
    for (const close of closers.reverse()) await close().catch((error) => printStatus(explain(error)))
  }
}

interface Running {
  log: Logger
  closers: Close[]
  /** Ends the process with this reason. */
  fail(reason: Error): void
}

/** Each step leaves in `closers` how it is undone, so that a start can be given up at any point. */
async function start(config: Config, { log, closers, fail }: Running): Promise<void> {
  await checkPort(config)
  let isDiskFull = false
  const onFailure = ({ message }: Error) => {
    // As the system words it in the log of Postgres.
    isDiskFull = message.includes('No space left on device')
  }
  const opening = whenAvailable(() => openServer(config, printStatus, { onDown: fail, onFailure }), printStatus)
  closers.push(() =>
    opening.then(
      (server) => server.stop(),
      () => undefined,
    ),
  )
  const server = await opening
  const { url } = server
  await whenAvailable(() => fill(server, config), printStatus)

  const onConnectionLost = (error: Error) => log.warn({ err: error }, 'a database connection was lost')
  const db = openDatabase(url, { onConnectionLost })
  closers.push(() => within(limits.queryMs, closeDatabase(db)))
  const clock = await whenAvailable(() => readClock(db), printStatus)
  const onChange = (isAvailable: boolean) =>
    isAvailable ? log.info('the database is there again') : log.warn('the database is away')
  const availability = watchDatabase(url, clock, onChange, () => isDiskFull)
  closers.push(availability.stop)
  closers.push(await startClock(db, clock, log))
  // A connection of its own, so that an answer in memory never waits for those that are read.
  const freshnessDb = openDatabase(url, { connections: 1, onConnectionLost })
  closers.push(() => within(limits.queryMs, closeDatabase(freshnessDb)))
  const app = await buildApp({ db, config, clock, logger: log, availability, freshnessDb })
  closers.push(() => closeGently(app))
  const address = await listen(app, config)
  printStatus(`the registry listens on ${address} (Ctrl-C stops it); its documentation: ${address}/docs`)
}

/** Brings tables and what they must hold up to date; each step finds out by itself that there is nothing to do. */
async function fill({ url, ownerUrl }: Server, config: Config): Promise<void> {
  if (await mayMigrate(ownerUrl)) {
    const migrated = await migrate(ownerUrl, { log: printStatus })
    if (migrated.length > 0) printStatus(`the tables are up to date (${migrated.length} migrations)`)
  }
  await checkTables(url)
  await seed(ownerUrl, config, printStatus)
}

/** Finds out before anything is made or started whether the service will be able to listen. */
async function checkPort({ host, port }: Config): Promise<void> {
  const probe = createServer().listen({ host, port })
  await once(probe, 'listening').catch((error) => {
    throw cannotListen(error, { host, port })
  })
  await promisify(probe.close.bind(probe))()
}

function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  return app.listen({ host, port }).catch((error) => {
    throw cannotListen(error, { host, port })
  })
}

function cannotListen(error: NodeJS.ErrnoException, { host, port }: Pick<Config, 'host' | 'port'>): Error {
  const { code } = error
  if (code === 'EADDRINUSE') return new Error(`Port ${port} of ${host} is in use: stop what uses it, or set PORT.`)
  return new Error(`Nobody can listen on port ${port} of ${host} (${code}): set HOST or PORT.`, { cause: error })
}
