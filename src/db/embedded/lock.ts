/**
 * Lock on an embedded cluster, the sign that a process of ours uses it: a session that holds advisory locks for as long as the
 * process lives. One lock is shared by all who use the server, so that the last to leave can tell that it is the last;
 * the other is the service's, of which there is one at a time. A server without a sign was left by a killed process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { limits } from '../../config.ts'
import { SERVICE_GROUP } from '../roles.ts'

/** Any numbers, the same for all versions of the service. */
const SERVICE_LOCK = 7_201_845
const USER_LOCK = 7_201_846
/** The role by which the service uses an embedded database. */
export const SERVICE_LOGIN = 'ctg_registry'
/** The session of a process that was killed a moment ago is still being closed. */
const ATTEMPTS = 20
const WAIT_MS = 50
const RENEW_MS = 1_000

export interface Use {
  folder: string
  /** Made if there is none. */
  database: string
  /** A guest comes and goes beside the service. */
  isGuest: boolean
  /** Called when the session was lost, again and again until there is a new one: brings the server back if it can. */
  revive: () => Promise<void>
}

/**
 * Takes part in the cluster; returns the function that leaves it, which says whether it was the last, so that the
 * server may be stopped. Throws an Error if another service is there, unless as a guest.
 */
export async function useFolder(url: string, use: Use): Promise<() => Promise<boolean>> {
  const { folder, database, isGuest, revive } = use
  const leaving = new AbortController()
  let renewal = Promise.resolve()
  const onEnd = () => {
    if (!leaving.signal.aborted) renewal = renew()
  }
  let session = await openSession(url, onEnd)

  async function take() {
    await session.query('select pg_advisory_lock_shared($1)', [USER_LOCK])
    return isGuest || repeatedly(() => tryLock(session, SERVICE_LOCK))
  }

  /** A session ends with its server, and by a crash of one backend while the server lives on: the sign must come back. */
  async function renew() {
    while (!leaving.signal.aborted) {
      await revive()
      const next = await openSession(url, onEnd).catch(() => null)
      if (next) {
        session = next
        await take().catch(() => false)
        return
      }
      await sleep(RENEW_MS, undefined, { ref: false, signal: leaving.signal }).catch(() => undefined)
    }
  }

  /** Of several who leave at once the last one finds the lock free, and keeps newcomers waiting while it stops. */
  async function leave() {
    leaving.abort()
    // What is being started is stopped after it, not left behind.
    await renewal
    try {
      await session.query('select pg_advisory_unlock_all()')
      const isLast = () => tryLock(session, USER_LOCK)
      if (await (isGuest ? isLast() : repeatedly(isLast))) return true
      await session.end()
      return false
    } catch {
      return !isGuest
    }
  }

  try {
    if (!(await take())) throw new Error(inUse(folder))
    await createDatabase(session, database)
    await createLogin(session, url)
  } catch (error) {
    leaving.abort()
    await session.end().catch(() => undefined)
    throw error
  }
  return leave
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

async function tryLock(session: pg.Client, number: number): Promise<boolean> {
  const { rows } = await session.query('select pg_try_advisory_lock($1) as held', [number])
  return rows[0]?.held === true
}

async function repeatedly(attempt: () => Promise<boolean>): Promise<boolean> {
  for (let count = 1; count < ATTEMPTS; count++) {
    if (await attempt()) return true
    await sleep(WAIT_MS)
  }
  return attempt()
}

const inUse = (folder: string) =>
  `Another service is using the database in ${folder}: stop it, or give this one a DATA_DIR of its own, or let both ` +
  'share one Postgres by DATABASE_URL.'

/** Two processes that start together on a new folder both find none; the second gets an error that it exists. */
async function createDatabase(session: pg.Client, database: string) {
  const { rowCount } = await session.query('select from pg_database where datname = $1', [database])
  if (rowCount === 0)
    await session.query(`create database ${session.escapeIdentifier(database)}`).catch((error) => {
      if (error.code !== DUPLICATE_DATABASE && error.code !== UNIQUE_VIOLATION) throw error
    })
}

/** Who serves: a member of the group, with the password of the superuser if there is one. */
async function createLogin(session: pg.Client, url: string) {
  const { rowCount } = await session.query('select from pg_roles where rolname = $1', [SERVICE_LOGIN])
  if (rowCount !== 0) return
  const { password } = new URL(url)
  const secret = password === '' ? 'null' : session.escapeLiteral(password)
  const statements = [
    `create role ${SERVICE_GROUP} nologin`,
    `create role ${SERVICE_LOGIN} login in role ${SERVICE_GROUP} password ${secret}`,
  ]
  for (const statement of statements)
    await session.query(statement).catch((error) => {
      if (error.code !== DUPLICATE_OBJECT && error.code !== UNIQUE_VIOLATION) throw error
    })
}

const DUPLICATE_OBJECT = '42710'
const DUPLICATE_DATABASE = '42P04'
const UNIQUE_VIOLATION = '23505'
