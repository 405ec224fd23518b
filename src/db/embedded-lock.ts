/**
 * The sign that a living service uses an embedded cluster: a session that holds an advisory lock for as long as the
 * service lives. A server without it was left behind by a service that was killed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { limits } from '../config.ts'

/** Any number, the same for all versions of the service. */
const SERVICE_LOCK = 7_201_845
/** The session of a service that was killed a moment ago is still being closed. */
const ATTEMPTS = 20
const WAIT_MS = 50
const RENEW_MS = 1_000

/**
 * Takes the cluster for this service and makes its database if there is none; answers the function that gives it back.
 * Throws an Error if another service holds it.
 */
export async function holdFolder(url: string, folder: string, database: string): Promise<() => Promise<void>> {
  let isReleased = false
  let session = await openSession(url, () => void renew())

  /** A crash of one backend ends all sessions while the server lives on: the sign must come back. */
  async function renew() {
    while (!isReleased) {
      await sleep(RENEW_MS, undefined, { ref: false })
      const next = await openSession(url, () => void renew()).catch(() => null)
      if (!next) continue
      session = next
      await tryLock(session).catch(() => false)
      if (isReleased) await session.end().catch(() => undefined)
      return
    }
  }

  async function release() {
    isReleased = true
    await session.end().catch(() => undefined)
  }

  try {
    await lock(session, folder)
    await createDatabase(session, database)
  } catch (error) {
    await release()
    throw error
  }
  return release
}

async function openSession(url: string, onEnd: () => void): Promise<pg.Client> {
  const session = new pg.Client({
    connectionString: url,
    application_name: 'ctg-registry-lock',
    connectionTimeoutMillis: limits.connectMs,
    keepAlive: true,
  })
  session.on('error', () => undefined)
  await session.connect()
  session.on('end', onEnd)
  return session
}

async function tryLock(session: pg.Client): Promise<boolean> {
  const { rows } = await session.query('select pg_try_advisory_lock($1) as held', [SERVICE_LOCK])
  return rows[0]?.held === true
}

async function lock(session: pg.Client, folder: string) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await tryLock(session)) return
    await sleep(WAIT_MS)
  }
  throw new Error(
    `Another service is using the database in ${folder}: stop it, or give this one a DATA_DIR of its own, or let ` +
      'both share one Postgres by DATABASE_URL.',
  )
}

async function createDatabase(session: pg.Client, database: string) {
  const { rowCount } = await session.query('select from pg_database where datname = $1', [database])
  if (rowCount === 0) await session.query(`create database ${session.escapeIdentifier(database)}`)
}
