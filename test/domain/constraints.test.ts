/** Every rule of the database has a problem for callers, and the types of the tables are those of the database. */
import fs from 'node:fs/promises'
import path from 'node:path'
import Fastify from 'fastify'
import { sql } from 'kysely'
import t from 'tap'
import { classify } from '../../src/db/errors.ts'
import { constraintProblems } from '../../src/domain/constraints.ts'
import { resources } from '../../src/domain/resources.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { problemTypes } from '../../src/http/errors/problem-types.ts'
import { answerErrors } from '../../src/http/server/error-handler.ts'
import { writeTableTypes } from '../../tools/table-types.ts'
import { createTestDatabase } from '../support/registry.ts'
import { add, column, openTestDatabase, remove } from '../support/rows.ts'

/** What the service writes by itself: to break a rule of these is a defect, not an error of a caller. */
const internal = [
  ...['change', 'commit', 'scope', 'journaled', 'dataset', 'territory', 'idempotent_answer', 'document_result'],
  ...['kysely_migration', 'kysely_migration_lock', 'link', 'horizon', 'refusal'],
  ...['search_text', 'site_place', 'territory_label'],
]

const db = await openTestDatabase(t)

interface Constraint {
  name: string
  /** As pg_constraint names kinds; `l` is a list of ids that names what does not exist. */
  kind: 'p' | 'u' | 'x' | 'f' | 'c' | 'l'
  table: string | null
}

/** Not null has no entry: the error does not name the constraint, and the answer is a 422 of its own. */
const { rows: constraints } = await sql<Constraint>`
  select conname as name, contype::text as kind, (select relname from pg_class where oid = conrelid) as table
  from pg_constraint where connamespace = 'public'::regnamespace and contype not in ('n', 't')
  union
  select split_part(encode(tgargs, 'escape'), '\\000', 1),
    'l', (select relname from pg_class where oid = tgrelid)
  from pg_trigger where tgfoid = 'refer'::regproc
  order by 1`.execute(db)

const meant = constraints.filter(({ table }) => table === null || !internal.includes(table))

t.test('every constraint has a problem, and every problem a constraint', async (t) => {
  t.ok(meant.length > 80)
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
  const links = ['convention_site', 'source', 'source_key', 'document_organization', 'override', 'api_key']
  t.same(tables.sort(), [...Object.values(resources).map(({ table }) => table), ...links, ...internal].sort())
})

t.test('what is true only because of what is stored is a 409, what is wrong by itself a 422', async (t) => {
  const statuses = { p: 409, u: 409, x: 409, f: 422, l: 422, c: 422 }
  for (const { name, kind } of meant)
    t.equal(problemTypes[constraintProblems[name]?.slug ?? 'internal-error'].status, statuses[kind], name)
})

t.test('callers read what they broke, and one foreign key is two problems', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setErrorHandler(answerErrors({ classify, constraintProblems }))
  const caf = await add(db, 'organization', { siren: '380481010' })
  const convention_id = await add(db, 'convention', { caf_id: caf })
  const axis = await add(db, 'axis', { convention_id })
  await add(db, 'action', { convention_id, axis_ids: [axis] })
  const attempts: [work: () => Promise<unknown>, status: number, slug: string, pointer?: string, code?: string][] = [
    [() => add(db, 'convention', { caf_id: axis }), 422, 'invalid-body', '/cafId', 'unknown-reference'],
    [() => remove(db, 'organization', caf), 409, 'in-use'],
    [() => remove(db, 'axis', axis), 409, 'in-use'],
    [() => add(db, 'action', { convention_id, axis_ids: [caf] }), 422, 'invalid-body', '/axisIds', 'unknown-reference'],
    [() => add(db, 'organization', { siren: '380481010' }), 409, 'already-exists', '/siren', 'taken'],
    [() => add(db, 'organization', { siren: '380481011' }), 422, 'invalid-body', '/siren', 'checksum'],
    [() => add(db, 'axis', { convention_id }), 409, 'already-exists', '/number', 'taken'],
    [() => add(db, 'convention', { caf_id: caf, starts_on: 'soon' }), 422, 'invalid-body', '', 'malformed'],
    [() => add(db, 'convention', { caf_id: caf, title: null }), 422, 'invalid-body'],
  ]
  for (const [i, [work]] of attempts.entries()) app.get(`/${i}`, work)
  for (const [i, [, status, slug, pointer, code]] of attempts.entries()) {
    const answer = (await app.inject(`/${i}`)).json()
    t.match(answer, { status, type: `/problems/${slug}` })
    t.same(
      answer.errors?.map((one: { pointer: string; code: string }) => [one.pointer, one.code]),
      code === undefined ? undefined : [[pointer, code]],
    )
  }
})

t.test('a problem points to a field of the table, and its message names no constraint', async (t) => {
  const fields = new Map<string, object>(
    Object.values(resources).map(({ table, Answer }) => [
      table,
      (Answer as unknown as { properties: object }).properties,
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
  const under = Object.values<Resource>(resources).filter(({ visibility }) => visibility === 'convention')
  const owned = under.map(({ table }) => `${table}_convention`)
  const cascading = [...owned, 'convention_site_convention', 'source_key_convention', 'override_convention']
  cascading.push('document_organization_convention', 'document_organization_organization')
  // What belongs to an organization that is gone belongs to nobody.
  const released = ['service_site_owner', 'source_organization']
  const never = ['source_key_source', 'document_organization_source', 'override_source']
  const rules = sql`select conname || ' ' || confdeltype::text from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace`
  for (const rule of await column(db, rules)) {
    const [name = '', onDelete] = String(rule).split(' ')
    if (internal.includes(constraints.find((one) => one.name === name)?.table ?? '')) continue
    const expected = cascading.includes(name) ? 'c' : released.includes(name) ? 'n' : never.includes(name) ? 'a' : 'r'
    t.equal(onDelete, expected, name)
  }
})

t.test('src/db/tables.ts is what the migrations make', async (t) => {
  const root = path.join(import.meta.dirname, '../..')
  const url = await createTestDatabase(t)
  const out = path.join(t.testdir(), 'tables.ts')
  await writeTableTypes(url, out)
  const [generated, committed] = await Promise.all(
    [out, path.join(root, 'src/db/tables.ts')].map((file) => fs.readFile(file, 'utf8')),
  )
  t.equal(committed, generated, 'else: npm run tables')
})
