/**
 * Those that answer the same reads, each a process of its own: Fastify alone, a hand-written service, Platformatic, and
 * the registry, as it is and without its cache, and as it was before where that is asked for.
 */
import { execFile, spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { Database } from '../src/db/database.ts'
import { explain, tell } from '../src/ops/console.ts'
import { listening, type Service } from './checkout.ts'
import { type Row, rows } from './rows.ts'
import type { Stage } from './stage.ts'

export type Coding = 'identity' | 'gzip'
export const codings: readonly Coding[] = ['identity', 'gzip']

export interface Contender extends Service {
  name: string
  /** Where the ids come from. */
  db: Database
  isRegistry: boolean
  /** Null for what it does not answer. */
  path(row: Row, coding: Coding, id: string): string | null
}

const PEERS = path.join(import.meta.dirname, 'peers')
const INSTALL_MS = 600_000
/** What Platformatic makes an API of. */
const tables = ['action', 'convention', 'organization']

/** The registry: the service, the same without its cache, and the other checkout. */
export async function startRegistries(stage: Stage, before: Stage | null): Promise<Contender[]> {
  const registry = (name: string, { db, ...service }: Service & { db: Database }): Contender => ({
    ...service,
    name,
    db,
    isRegistry: true,
    path: (row, _coding, id) => row.path(id),
  })
  const uncached = await stage.start({ CACHE_MB: '0' })
  return [
    ...(before === null ? [] : [registry('before', { ...before, stop: async () => undefined })]),
    registry('service, CACHE_MB=0', { ...uncached, db: stage.db }),
    registry('service', { ...stage, stop: async () => undefined }),
  ]
}

/** The others; `folder` has the bytes that Fastify alone sends. */
export async function startOthers(stage: Stage, folder: string): Promise<Contender[]> {
  const { db, url } = stage
  const bare = await run('contenders/bare.ts', folder)
  const handWritten = await run('contenders/hand-written.ts', url)
  const platformatic = await startPlatformatic(db, url)
  const isPlain = (coding: Coding) => coding === 'identity'
  const handWrittenPath: Contender['path'] = ({ key }, coding, id) =>
    isPlain(coding) && ['convention', 'action', 'actions'].includes(key) ? `/${key}/${id}` : null
  const platformaticPath: Contender['path'] = ({ key }, coding, id) => {
    if (!isPlain(coding)) return null
    if (key === 'actions') return `/action/?where.conventionId.eq=${id}&limit=51`
    return key === 'convention' || key === 'action' ? `/${key}/${id}` : null
  }
  const path: Contender['path'] = ({ key }, coding, id) => `/${coding}/${key}/${id}`
  return [
    { name: 'bare Fastify', db, isRegistry: false, path, ...bare },
    { name: 'hand-written', db, isRegistry: false, path: handWrittenPath, ...handWritten },
    ...(platformatic ? [{ name: 'platformatic', db, isRegistry: false, path: platformaticPath, ...platformatic }] : []),
  ]
}

function run(script: string, ...parameters: string[]): Promise<Service> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, script), ...parameters], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { NODE_ENV: 'production' },
  })
  return listening(child, /listens on (http:\S+)/)
}

/** Null, and said so, where it cannot be installed. */
async function startPlatformatic(db: Database, url: string): Promise<Service | null> {
  try {
    await install()
    const { rows: all } = await sql<{ name: string }>`select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')`.execute(db)
    const ignored = all.map(({ name }) => name).filter((name) => !tables.includes(name))
    return await run('peers/platformatic.js', url, ...ignored)
  } catch (error) {
    tell(`without platformatic: ${explain(error)}`)
    return null
  }
}

/** By its own lock file, beside what the project itself depends on. */
async function install(): Promise<void> {
  const isThere = await stat(path.join(PEERS, 'node_modules', '.package-lock.json')).catch(() => null)
  if (isThere) return
  tell('installing the peers, once')
  const options = ['--prefix', PEERS, '--ignore-scripts', '--no-audit', '--no-fund']
  await promisify(execFile)('npm', ['ci', ...options], { cwd: PEERS, timeout: INSTALL_MS })
}

export const rowsOf = (contender: Contender, coding: Coding) =>
  rows.filter((row) => contender.path(row, coding, '') !== null)
