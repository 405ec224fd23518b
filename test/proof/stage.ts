/**
 * Where the proof takes place: a Postgres of its own and two processes of the real service on it, of which one or the
 * other is killed now and then, and started again; connections to the database are cut all the while.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import { closeDatabase, type Database, openDatabase } from '../../src/db/database.ts'
import { startEmbedded } from '../../src/db/embedded/server.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { type Service, startService } from '../support/service.ts'

const SERVICES = 2
const KILL_EACH_MS = { least: 1_500, most: 4_000 }
const CUT_EACH_MS = { least: 100, most: 600 }
const DATABASE_TRIES = 20

/** Deadlocks are found soon; nothing outlives the proof, so nothing needs to reach the disk. */
const settings = { fsync: 'off', synchronous_commit: 'off', deadlock_timeout: '100', max_connections: '200' }

export interface Stage {
  /** Of the proof itself; its connections are cut like all others while it is troubled. */
  db: Database
  /** Asks one of the services that answer; rejects when it is killed meanwhile. */
  ask(path: string, options?: RequestInit & { isKeyed?: boolean; random?: () => number }): Promise<Response>
  /** Kills and cuts until `isOver`; then both services serve. How often it did what. */
  trouble(random: () => number, isOver: () => boolean): Promise<{ kills: number; cuts: number }>
  stop(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const dataDir = path.join(import.meta.dirname, `../../.test/proof-${process.pid}`)
  const closers: (() => unknown)[] = [() => rm(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const server = await startEmbedded({ dataDir, settings })
    closers.push(() => server.stop())
    const db = openDatabase(server.url, { connections: 40 })
    closers.push(() => closeDatabase(db))
    const owner = { teardown: (close: () => unknown) => void closers.push(close) }
    const env = { DATABASE_URL: server.url, BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, LOG_LEVEL: 'error', RATE_LIMIT: '0' }
    const start = () => startService(owner, env)
    // The first one makes the tables.
    const services: (Service | undefined)[] = [await start()]
    while (services.length < SERVICES) services.push(await start())
    return { db, ask: askerOf(services), trouble: (...words) => trouble(db, services, start, ...words), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function askerOf(services: readonly (Service | undefined)[]): Stage['ask'] {
  return (target, { isKeyed = true, random = Math.random, headers, ...options } = {}) => {
    const serving = services.filter((service) => service !== undefined)
    const service = serving[Math.floor(random() * serving.length)]
    if (!service) return Promise.reject(new Error('no service serves'))
    const authorization = isKeyed ? { authorization: `Bearer ${ADMIN_KEY}` } : {}
    return fetch(service.address + target, { ...options, headers: { ...(headers as object), ...authorization } })
  }
}

async function trouble(
  db: Database,
  services: (Service | undefined)[],
  start: () => Promise<Service>,
  random: () => number,
  isOver: () => boolean,
) {
  const done = { kills: 0, cuts: 0 }
  const wait = ({ least, most }: typeof KILL_EACH_MS) => sleep(least + random() * (most - least))
  async function kill() {
    for (await wait(KILL_EACH_MS); !isOver(); await wait(KILL_EACH_MS)) {
      const one = Math.floor(random() * services.length)
      const service = services[one]
      services[one] = undefined
      service?.process.kill('SIGKILL')
      await service?.ended
      done.kills += 1
      services[one] = await start().catch(start)
    }
  }
  async function cut() {
    for (; !isOver(); await wait(CUT_EACH_MS)) {
      const query = sql<object>`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() order by hashtext(${random()} || '.' || pid) limit 1`
      // Sometimes it is the turn of the connection that is asked.
      done.cuts += await query.execute(db).then(
        ({ rows }) => rows.length,
        () => 0,
      )
    }
  }
  await Promise.all([kill(), cut()])
  return done
}

/** The rows of a query, tried again while connections are being cut. */
export async function rowsOf<Row>(db: Database, query: RawBuilder<Row>): Promise<Row[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await query.execute(db)).rows
    } catch (error) {
      if (attempt === DATABASE_TRIES) throw error
      await sleep(20 * attempt)
    }
  }
}
