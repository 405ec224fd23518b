/** Every rule of the database has a problem for callers, and the types of the tables are those of the database. */
import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import t from 'tap'
import { constraintProblems } from '../src/constraints.ts'
import { problemTypes } from '../src/http/problem-types.ts'
import { resources } from '../src/resources.ts'
import { createTestDatabase } from './support/registry.ts'
import { column, openTestDatabase } from './support/rows.ts'

/** What the service writes by itself: to break a rule of these is a defect, not a fault of a caller. */
const internal = [
  ...['change', 'commit', 'scope', 'journaled', 'dataset', 'territory', 'idempotent_answer', 'api_key'],
  ...['kysely_migration', 'kysely_migration_lock'],
]

const db = await openTestDatabase(t)

interface Constraint {
  name: string
  /** As pg_constraint names kinds; `l` is a list of ids that names what does not exist, `r` what a list still names. */
  kind: 'p' | 'u' | 'x' | 'f' | 'c' | 'l' | 'r'
  table: string | null
}

/** Not null has no entry: the error does not name the constraint, and the answer is a 422 of its own. */
const { rows: constraints } = await sql<Constraint>`
  select conname as name, contype::text as kind, (select relname from pg_class where oid = conrelid) as table
  from pg_constraint where connamespace = 'public'::regnamespace and contype not in ('n', 't')
  union
  select split_part(convert_from(replace(tgargs::text, '\\000', '20')::bytea, 'UTF8'), ' ', 1),
    case tgfoid when 'refer'::regproc then 'l' else 'r' end, (select relname from pg_class where oid = tgrelid)
  from pg_trigger where tgfoid in ('refer'::regproc, 'release'::regproc)
  order by 1`.execute(db)

const meant = constraints.filter(({ table }) => table === null || !internal.includes(table))

t.test('every constraint has a problem, and every problem a constraint', async (t) => {
  t.ok(meant.length > 90)
  t.same(
    meant.filter(({ name }) => !Object.hasOwn(constraintProblems, name)),
    [],
  )
  t.same(
    Object.keys(constraintProblems).filter((name) => !meant.some((one) => one.name === name)),
    [],
  )
  t.equal(new Set(meant.map(({ name }) => name)).size, meant.length, 'names are unique')
})

t.test('every table is of a kind that this test knows', async (t) => {
  const tables = await column(
    db,
    sql`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  )
  const links = ['convention_site', 'source', 'source_key', 'document_organization']
  t.same(tables.sort(), [...Object.values(resources).map(({ table }) => table), ...links, ...internal].sort())
})

t.test('what is true only because of what is stored is a 409, what is wrong by itself a 422', async (t) => {
  const statuses = { p: 409, u: 409, x: 409, r: 409, f: 422, l: 422, c: 422 }
  for (const { name, kind } of meant) {
    const { slug } = constraintProblems[name] ?? { slug: 'internal-error' as const }
    t.equal(problemTypes[slug].status, statuses[kind], name)
    t.equal(slug === 'in-use', kind === 'r', name)
  }
})

t.test('a problem points to a field of the table, and its message names no constraint', async (t) => {
  const fields = new Map(
    Object.values(resources).map(({ table, schema }) => [
      table,
      (schema as unknown as { properties: object }).properties,
    ]),
  )
  for (const { name, table } of meant) {
    const { pointer, message } = constraintProblems[name] ?? { pointer: '/none', message: name }
    const [, field] = pointer.split('/')
    if (field !== undefined && table !== null && fields.has(table)) t.ok(field in (fields.get(table) ?? {}), name)
    t.notMatch(message, /_|constraint|column|null/, name)
    t.match(message, /^[A-Za-z].*\.$/, name)
  }
})

t.test('what others name is refused alike, whichever column names it', async (t) => {
  const owned = ['amendment', 'signatory', 'axis', 'action'].map((table) => `${table}_convention`)
  const cascading = [...owned, 'convention_site_convention', 'source_key_convention']
  cascading.push('document_organization_convention', 'document_organization_organization')
  const never = ['source_key_source', 'document_organization_source']
  const rules = sql`select conname || ' ' || confdeltype::text from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace`
  for (const rule of await column(db, rules)) {
    const [name = '', onDelete] = String(rule).split(' ')
    if (internal.includes(constraints.find((one) => one.name === name)?.table ?? '')) continue
    t.equal(onDelete, cascading.includes(name) ? 'c' : never.includes(name) ? 'a' : 'r', name)
  }
})

t.test('src/db/tables.ts is what the migrations make', async (t) => {
  const root = path.join(import.meta.dirname, '..')
  const url = await createTestDatabase(t)
  const out = path.join(t.testdir(), 'tables.ts')
  const types = ['--date-parser', 'string', '--type-mapping', '{"timestamptz":"string"}']
  const command = [path.join(root, 'node_modules/kysely-codegen/dist/cli/bin.js'), '--url', url, '--out-file', out]
  await promisify(execFile)(process.execPath, [...command, '--dialect', 'postgres', ...types])
  const [generated, committed] = await Promise.all(
    [out, path.join(root, 'src/db/tables.ts')].map((file) => fs.readFile(file, 'utf8')),
  )
  t.equal(committed, generated, 'or run kysely-codegen as CONTRIBUTING says')
})
