/**
 * An exact copy of the registry in one SQLite file, as a system keeps it that must not lose a change. The follower of the
 * TypeScript client does the work; what a copy needs to do for it, in a database with transactions, stands here.
 *
 *   npm run mirror -- http://127.0.0.1:3000 mirror.sqlite [--filter departmentCode=61 ...] [--once]
 *
 * An API key is taken from REGISTRY_KEY. With `--once` it ends as soon as the copy is proved. While it runs, `-wal`
 * beside the file belongs to it.
 */
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import canonicalize from 'canonicalize'
import type { Row } from '../clients/typescript/src/digest.ts'
import { type Copy, type FollowOptions, follow, type Place } from '../clients/typescript/src/follow.ts'
import { connect } from '../clients/typescript/src/registry.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { filter: { type: 'string', multiple: true, default: [] }, once: { type: 'boolean', default: false } },
})
const [registry, file] = positionals
if (registry === undefined || file === undefined) {
  console.log('usage: npm run mirror -- http://127.0.0.1:3000 mirror.sqlite [--filter departmentCode=61 ...] [--once]')
  process.exit(1)
}
const filter: NonNullable<FollowOptions['filter']> = Object.fromEntries(new URLSearchParams(options.filter.join('&')))
// biome-ignore lint/style/noProcessEnv: every user of the machine would see a secret on the command line.
const key = process.env.REGISTRY_KEY

/** Bodies are kept in the canonical form of RFC 8785, of which digests are made. */
const database = new DatabaseSync(file, { timeout: 5_000 })
database.exec(`pragma journal_mode = wal;
  create table if not exists resource (type text, id text, version integer, data text, primary key (type, id));
  create table if not exists place (cursor text, position integer, form integer)`)
const insert = database.prepare('insert or replace into resource (type, id, version, data) values (?, ?, ?, ?)')
const remove = database.prepare('delete from resource where type = ? and id = ?')
const move = database.prepare('insert into place (cursor, position, form) values (?, ?, ?)')
const select = database.prepare('select id, version, data from resource where type = ?')
const place = database.prepare('select cursor, position, form from place')

const copy: Copy = {
  place: () => place.get() as unknown as Place | undefined,
  begin: () => database.exec('begin immediate'),
  reset: () => database.exec('delete from resource'),
  upsert: ({ type, id, version, data }) => void insert.run(type, id, version, canonicalize(data) ?? null),
  remove: (type, id) => void remove.run(type, id),
  commit({ cursor, position, form }) {
    database.exec('delete from place')
    move.run(cursor, position, form)
    database.exec('commit')
  },
  rollback: () => database.exec('rollback'),
  rows: (type) => select.iterate(type) as Iterable<unknown> as Iterable<Row>,
}

const report = (text: string) => console.log(`${new Date().toISOString()} ${registry}: ${text}`)
try {
  await follow(connect(registry, { key }), copy, { filter, once: options.once, report })
} catch (error) {
  report((error as Error).message)
  process.exitCode = 1
} finally {
  database.close()
}
