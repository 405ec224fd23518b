/**
 * API keys, for those who run the registry: creates one and prints its secret, lists all, revokes one. What is asked
 * for goes to the standard output, so that it can be piped.
 */
import { type ApiKey, createKey, listKeys, revokeKey } from '../auth/keys.ts'
import { closeDatabase, type Database, openDatabase } from '../db/database.ts'
import { tell } from '../terminal.ts'
import { runCommand } from './command.ts'

const USAGE = `usage:
  npm run keys -- create NAME            creates a key and prints its secret, once
  npm run keys -- list                   lists all keys
  npm run keys -- revoke ID-OR-PREFIX    refuses a key from now on`

type Work = (db: Database) => Promise<void>

const work = readArguments(process.argv.slice(2))
if (work) {
  await runCommand(async (url) => {
    const db = openDatabase(url, { connections: 1 })
    await work(db).finally(() => closeDatabase(db))
  })
} else {
  tell(USAGE)
  process.exitCode = 1
}

function readArguments([verb, name, ...rest]: string[]): Work | undefined {
  if (rest.length > 0) return undefined
  if (verb === 'list' && name === undefined) return list
  if (verb === 'create' && name) return (db) => create(db, name)
  if (verb === 'revoke' && name) return (db) => revoke(db, name)
  return undefined
}

async function create(db: Database, name: string) {
  const { key, secret } = await createKey(db, name)
  tell(`the key ${key.prefix}... for ${key.name}; keep it now, it is shown only once:`)
  console.log(secret)
}

async function list(db: Database) {
  const keys = await listKeys(db)
  if (keys.length === 0) tell('there is no key yet')
  else console.log(table([['ID', 'PREFIX', 'CREATED', 'REVOKED', 'NAME'], ...keys.map(cells)]))
}

async function revoke(db: Database, idOrPrefix: string) {
  const key = await revokeKey(db, idOrPrefix)
  if (!key) throw new Error(`There is no key ${idOrPrefix}: npm run keys -- list shows all.`)
  tell(`the key ${key.prefix}... for ${key.name} is revoked since ${minute(key.revokedAt)}`)
}

function cells({ id, prefix, createdAt, revokedAt, name }: ApiKey): string[] {
  return [id, prefix, minute(createdAt), minute(revokedAt), name]
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
