/**
 * Contenders that answer the same reads, each a process of its own: Fastify alone, a hand-written service, Platformatic, and
 * the registry, as it is and without its cache, and another commit of it on request.
 */
import { execFile, spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { Database } from '../src/db/database.ts'
import { explain, printStatus } from '../src/ops/console.ts'
import { listening, type Service } from './checkout.ts'
import { type Ids, idsIn, type Row } from './rows.ts'
import type { Stage } from './stage.ts'

export type Coding = 'identity' | 'gzip'
export const codings: readonly Coding[] = ['identity', 'gzip']

export interface Contender extends Service {
  name: string
  /** Those of its database. */
  ids: Ids
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
  const path: Contender['path'] = (row, _coding, id) => row.path(id)
  const registry = (name: string, ids: Ids, service: Service) => ({ name, ids, isRegistry: true, path, ...service })
  const ids = await idsIn(stage.db)
  return [
    ...(before ? [registry('before', await idsIn(before.db), await before.start())] : []),
    registry('service, CACHE_MB=0', ids, await stage.start({ CACHE_MB: '0' })),
    registry('service', ids, await stage.start()),
  ]
}

/** The others, over the same ids; `folder` has the bytes that Fastify alone sends. */
export async function startOthers({ db, url }: Stage, ids: Ids, folder: string): Promise<Contender[]> {
  const other = (name: string, service: Service, path: Contender['path']) => ({
    ...{ name, ids, isRegistry: false, path },
    ...service,
  })
  /** Of a contender that reads a convention, an action and a list, and compresses nothing. */
  const plain =
    (item: (key: string, id: string) => string, list: (id: string) => string): Contender['path'] =>
    ({ key }, coding, id) => {
      if (coding !== 'identity') return null
      if (key === 'actions') return list(id)
      return key === 'convention' || key === 'action' ? item(key, id) : null
    }
  const item = (key: string, id: string) => `/${key}/${id}`
  const bare = await run('contenders/bare.ts', folder)
  const handWritten = await run('contenders/hand-written.ts', url)
  const platformatic = await startPlatformatic(db, url)
  return [
    other('bare Fastify', bare, ({ key }, coding, id) => `/${coding}/${key}/${id}`),
    other(
      'hand-written',
      handWritten,
      plain(item, (id) => `/actions/${id}`),
    ),
    ...(platformatic
      ? [
          other(
            'platformatic',
            platformatic,
            plain(item, (id) => `/action/?where.conventionId.eq=${id}&limit=51`),
          ),
        ]
      : []),
  ]
}

function run(script: string, ...parameters: string[]): Promise<Service> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, script), ...parameters], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { NODE_ENV: 'production' },
  })
  return listening(child)
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
    printStatus(`without platformatic: ${explain(error)}`)
    return null
  }
}

/** By its own lock file, beside what the project itself depends on. */
async function install(): Promise<void> {
  const isThere = await stat(path.join(PEERS, 'node_modules', '.package-lock.json')).catch(() => null)
  if (isThere) return
  printStatus('installing the peers, once')
  const options = ['--prefix', PEERS, '--ignore-scripts', '--no-audit', '--no-fund']
  await promisify(execFile)('npm', ['ci', ...options], { cwd: PEERS, timeout: INSTALL_MS })
}
