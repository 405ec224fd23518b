/**
 * Keys command: creates an API key and prints its secret, lists keys, rotates or revokes one. The result goes to the
 * standard output, so that it can be piped.
 */
import { parseArgs } from 'node:util'
import { operator } from '../auth/caller.ts'
import { limits } from '../config.ts'
import { readClock } from '../db/clock.ts'
import { closeDatabase, type Database, openDatabase } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { makeKey, renewKey } from '../domain/api-keys/edits.ts'
import { findKeyId, findOrganizationId, revokeKey, selectKey, selectKeys } from '../domain/api-keys/queries.ts'
import type { ApiKey } from '../domain/api-keys/schema.ts'
import { printStatus } from '../ops/console.ts'
import { runCommand } from './command.ts'

const USAGE = `usage:
  npm run keys -- create NAME [--organization ID|SIREN --role ROLE] [--expires DATE]
                                         makes a key and prints its secret, once; without an
                                         organization that of an administrator
    --role       reader, contributor, editor or admin
    --expires    the instant or the day from which it is refused, in UTC
  npm run keys -- list                   lists all keys
  npm run keys -- rotate ID-OR-PREFIX [--overlap SECONDS]
                                         prints a new secret, once; the former one works for a day,
                                         or for as many seconds
  npm run keys -- revoke ID-OR-PREFIX    refuses a key from now on`

const HEADINGS = ['ID', 'PREFIX', 'ROLE', 'ORGANIZATION', 'CREATED', 'LAST USED', 'EXPIRES', 'REVOKED', 'NAME']
const origin = { actor: operator.id, requestId: null, source: null }

type Work = (db: Database) => Promise<void>

interface Options {
  organization?: string
  role?: string
  expires?: string
  overlap?: string
}

const work = readArguments()
if (work) {
  await runCommand(async (url) => {
    const db = openDatabase(url, { connections: 1 })
    await work(db).finally(() => closeDatabase(db))
  })
} else {
  printStatus(USAGE)
  process.exitCode = 1
}

/** What the command line asks for; undefined when the arguments are wrong. */
function readArguments(): Work | undefined {
  try {
    const option = { type: 'string' } as const
    const options = { organization: option, role: option, expires: option, overlap: option }
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    return workOf(positionals, values)
  } catch {
    return undefined
  }
}

function workOf([verb, name, ...rest]: string[], { overlap, ...options }: Options): Work | undefined {
  const isBare = Object.keys(options).length === 0
  if (rest.length > 0) return undefined
  if (verb === 'create' && name !== undefined && overlap === undefined) return (db) => create(db, name, options)
  if (!isBare) return undefined
  if (verb === 'rotate' && name) return (db) => rotate(db, name, overlap)
  if (overlap !== undefined) return undefined
  if (verb === 'list' && name === undefined) return list
  return verb === 'revoke' && name ? (db) => revoke(db, name) : undefined
}

async function create(db: Database, name: string, { organization, role, expires }: Options) {
  const { key, secret } = await inTransaction(db, origin, async (trx) => {
    const organizationId = organization === undefined ? null : await findOrganizationId(trx, organization)
    // With an organization the role is chosen by its name, never by leaving it out.
    const chosen = role ?? (organization === undefined ? 'admin' : undefined)
    const expiresAt =
      expires === undefined ? null : /^\d{4}-\d\d-\d\d$/.test(expires) ? `${expires}T00:00:00Z` : expires
    const body = { name, organizationId, ...(chosen !== undefined && { role: chosen }), expiresAt }
    return makeKey(trx, operator, body, (await readClock(trx)).now())
  })
  printStatus(`the key ${key.prefix}... (${key.role}) for ${key.name}; keep it now, it is shown only once:`)
  console.log(secret)
}

async function list(db: Database) {
  const keys: ApiKey[] = []
  for (let after: unknown[] | undefined; ; ) {
    const page = await selectKeys(db, operator, { after, limit: limits.pageItems, count: false })
    keys.push(...page.data)
    after = page.last
    if (after === undefined) break
  }
  if (keys.length === 0) printStatus('there is no key yet')
  else console.log(table([HEADINGS, ...keys.map(cells)]))
}

async function rotate(db: Database, idOrPrefix: string, overlap: string | undefined) {
  const { key, secret } = await inTransaction(db, origin, async (trx) => {
    const body = overlap === undefined ? {} : { overlapSeconds: Number(overlap) }
    return renewKey(trx, await find(trx, idOrPrefix), body, (await readClock(trx)).now())
  })
  printStatus(`the former secret of ${key.name} works until ${minute(key.formerUntil)}; the new one, shown only once:`)
  console.log(secret)
}

async function revoke(db: Database, idOrPrefix: string) {
  const key = await inTransaction(db, origin, async (trx) => {
    const { id } = await find(trx, idOrPrefix)
    await revokeKey(trx, id, (await readClock(trx)).now())
    return (await selectKey(trx, operator, id)) as ApiKey
  })
  printStatus(`the key ${key.prefix}... for ${key.name} is revoked since ${minute(key.revokedAt)}`)
}

async function find(db: Database, idOrPrefix: string): Promise<ApiKey> {
  const id = await findKeyId(db, idOrPrefix)
  const key = id && (await selectKey(db, operator, id, { lock: true }))
  if (!key) throw new Error(`There is no key ${idOrPrefix}: npm run keys -- list shows all.`)
  return key
}

function cells(key: ApiKey): string[] {
  const instants = [key.createdAt, key.lastUsedAt, key.expiresAt, key.revokedAt].map(minute)
  return [key.id, key.prefix, key.role, key.organizationId ?? '-', ...instants, key.name]
}

function minute(instant: string | null): string {
  return instant ? `${instant.slice(0, 16).replace('T', ' ')} UTC` : '-'
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
