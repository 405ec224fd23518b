/** Who may do what in the database: the role that serves defines nothing and cannot rewrite what happened. */
import { sql } from 'kysely'
import t from 'tap'
import { errorLines } from '../../src/commands/command.ts'
import { closeDatabase, type Database, openDatabase } from '../../src/db/database.ts'
import { serviceUrlOf } from '../../src/db/embedded/server.ts'
import { classify } from '../../src/db/errors.ts'
import { checkTables, mayMigrate, migrate } from '../../src/db/migrations.ts'
import { SERVICE_GROUP } from '../../src/db/roles.ts'
import { resources } from '../../src/domain/resources.ts'
import { apiOf, commits, newWorld } from '../support/api.ts'
import { createTestDatabase, openRegistry, serve } from '../support/registry.ts'
import { spawnService, startService } from '../support/service.ts'

const NOT_ALLOWED = '42501'

type Test = Parameters<typeof openRegistry>[0]

function connect(t: Test, url: string): Database {
  const db = openDatabase(url, { connections: 1 })
  t.teardown(() => closeDatabase(db))
  return db
}

const refusalOf = (db: Database, statement: string): Promise<string | null | undefined> =>
  sql
    .raw(statement)
    .execute(db)
    .then(
      () => 'done',
      (error) => classify(error)?.sqlstate,
    )

t.test('the role that serves may not change the journal, the audit or any definition', async (t) => {
  const registry = await openRegistry(t)
  await newWorld(registry)
  const db = connect(t, serviceUrlOf(registry.url))
  const history = [
    'commit',
    'change',
    'scope',
    'link',
    'journaled',
    'horizon',
    'kysely_migration',
    'territory',
    'territory_label',
    'search_text',
    'site_place',
    'dataset',
  ]
  for (const table of history) {
    t.equal(await refusalOf(db, `select * from ${table}`), 'done', table)
    t.equal(await refusalOf(db, `insert into ${table} default values`), NOT_ALLOWED, `insert into ${table}`)
  }
  t.equal(await refusalOf(db, 'update horizon set position = 1'), NOT_ALLOWED)
  t.equal(await refusalOf(db, "update commit set actor = 'x'"), NOT_ALLOWED)
  t.equal(await refusalOf(db, "update change set body = '{}'"), NOT_ALLOWED)
  t.equal(await refusalOf(db, 'update refusal set count = 1'), NOT_ALLOWED)
  for (const table of [...history, 'refusal']) {
    t.equal(await refusalOf(db, `delete from ${table}`), NOT_ALLOWED, `delete from ${table}`)
    t.equal(await refusalOf(db, `truncate ${table} cascade`), NOT_ALLOWED, `truncate ${table}`)
    t.equal(await refusalOf(db, `drop table ${table} cascade`), NOT_ALLOWED, `drop ${table}`)
  }
  const definitions = [
    'create table stray (id int)',
    'create schema stray',
    "create function stray() returns int language sql as 'select 1'",
    'create or replace function record_change() returns trigger language plpgsql as $$ begin return null; end $$',
    'alter table action disable trigger all',
    'alter table action add column stray int',
    'drop trigger record_change on action',
    'truncate action cascade',
    'set session_replication_role = replica',
    "select journal('stray', 'source')",
    'select record_scope(1, 1)',
    `alter role ${SERVICE_GROUP} login`,
    'set role postgres',
  ]
  for (const statement of definitions) t.equal(await refusalOf(db, statement), NOT_ALLOWED, statement)
})

t.test('it reads and writes every other table, and there is no further one', async (t) => {
  const { db } = await openRegistry(t)
  const { rows } = await sql<{ name: string; rights: string }>`
    select c.relname as name, concat_ws(' ', ${sql.join(
      ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain'].map(
        (right) => sql`case when has_table_privilege(${SERVICE_GROUP}, c.oid, ${right}) then ${right}::text end`,
      ),
    )}) as rights
    from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname`.execute(db)
  const rights = Object.groupBy(rows, (row) => row.rights)
  const namesOf = (right: string) => rights[right]?.map(({ name }) => name)
  const others = [
    'api_key',
    'convention_site',
    'document_organization',
    'document_result',
    'idempotent_answer',
    'override',
    'source',
    'source_key',
  ]
  t.same(
    namesOf('select insert update delete'),
    [...Object.values(resources).map(({ table }) => table), ...others].sort(),
  )
  t.same(namesOf('select insert'), ['refusal'])
  t.same(namesOf(''), ['kysely_migration_lock'])
  t.equal(namesOf('select')?.length, 12)
  t.equal(Object.keys(rights).length, 4)
})

t.test('neither a setting nor a table of its own keeps it from being told of in the journal', async (t) => {
  const registry = await openRegistry(t)
  const { convention } = await newWorld(registry)
  const db = connect(t, serviceUrlOf(registry.url))
  const count = await commits(registry.db)
  const { rows } = await sql<{ tx: string }>`select max(tx) as tx from commit`.execute(db)
  const forged = `set registry.tx = '${rows[0]?.tx}'; update convention set title = 'forged' where id = '${convention.id}'`
  t.equal(await refusalOf(db, forged), '25000')
  t.equal(await commits(registry.db), count)
  await sql.raw('reset registry.tx').execute(db)
  await sql.raw('create temporary table commit (like public.commit including all)').execute(db)
  await sql.raw('create temporary table change (like public.change including all)').execute(db)
  await sql`update convention set title = 'unseen' where id = ${convention.id}`.execute(db)
  t.equal(await commits(registry.db), count + 1)
})

t.test(
  'what it writes is told as it is stored, whatever it has set; an id is that of one resource for ever',
  async (t) => {
    const registry = await openRegistry(t)
    const { api, convention } = await newWorld(registry)
    const site = await api.create('/service-sites', { name: 'Lieu', latitude: 48.123456, longitude: 0.6 })
    const action = await api.create(`/conventions/${convention.id}/actions`, { title: 'Action' })
    const gone = await api.create(`/conventions/${convention.id}/actions`, { title: 'Another' })
    await api.delete(`/actions/${gone.id}`)
    const db = connect(t, serviceUrlOf(registry.url))
    const forget = `update convention set title = 'untold' where id = '${convention.id}' returning set_config('registry.tx', '', true)`
    t.equal(await refusalOf(db, forget), '25000')
    t.equal(await refusalOf(db, `update action set id = gen_random_uuid() where id = '${action.id}'`), '23001')
    const again = `insert into action (id, convention_id, title, status, recurring) values ('${gone.id}', '${convention.id}', 'Again', 'planned', false)`
    t.equal(await refusalOf(db, again), '23001')
    await sql.raw('set extra_float_digits = -15; set standard_conforming_strings = off').execute(db)
    await sql.raw(`update service_site set latitude = 48.123457 where id = '${site.id}'`).execute(db)
    await sql.raw(`update convention set title = 'told' where id = '${convention.id}'`).execute(db)
    const { body } = await api.get('/changes?since=beginning&limit=1000')
    for (const path of [`/service-sites/${site.id}`, `/conventions/${convention.id}`]) {
      const now = (await api.get(path)).body
      t.equal(now.version, 2)
      t.same(body.data.findLast((one: { resourceId: string }) => one.resourceId === now.id).data, now)
    }
  },
)

t.test('a command that it may not run says who may', async (t) => {
  const db = connect(t, serviceUrlOf(await createTestDatabase(t)))
  const error = await sql`delete from territory`.execute(db).catch((refused: unknown) => refused)
  t.match(errorLines(error), 'name the one that owns the tables in MIGRATE_DATABASE_URL')
  t.match(errorLines(new Error('a migration failed', { cause: error })), 'MIGRATE_DATABASE_URL')
})

t.test('a role that owns its database and may make roles migrates, and a member of the group serves', async (t) => {
  const url = await createTestDatabase(t)
  const name = new URL(url).pathname.slice(1)
  const admin = connect(t, url)
  const owner = `${name}_owner`
  const database = `${name}_managed`
  await sql.raw(`create role ${owner} login createrole password '${new URL(url).password}'`).execute(admin)
  await sql.raw(`create database ${database} owner ${owner} template template0`).execute(admin)
  t.teardown(async () => {
    await sql.raw(`drop database ${database} with (force)`).execute(admin)
    await sql.raw(`drop role ${owner}`).execute(admin)
  })
  const at = (username: string) => Object.assign(new URL(url), { username, pathname: `/${database}` }).href
  const serviceUrl = serviceUrlOf(at(owner))
  await t.rejects(checkTables(serviceUrl), { message: /not there yet: run npm run migrate/ })
  t.equal(await mayMigrate(at(owner)), true)
  t.equal((await migrate(at(owner))).length > 0, true)
  const { rows } = await sql<{ name: string }>`
    select extname as name from pg_extension where extname <> 'plpgsql' order by 1`.execute(connect(t, at(owner)))
  t.same(
    rows.map(({ name }) => name),
    ['btree_gist', 'cube', 'fuzzystrmatch', 'pg_trgm', 'unaccent'],
  )
  t.equal(await mayMigrate(serviceUrl), false)
  await checkTables(serviceUrl)
  const registry = await serve(t, { url: at(owner), clock: (await openRegistry(t)).clock })
  const made = await apiOf(registry).post('/organizations', { kind: 'other', name: 'Association' })
  t.equal(made.status, 201, made.text)
  await registry.app.close()
})

t.test('a service that may not migrate serves the tables of its version, and ends with a line at others', async (t) => {
  const url = await createTestDatabase(t)
  const db = connect(t, url)
  const both = await startService(t, { DATABASE_URL: serviceUrlOf(url), MIGRATE_DATABASE_URL: url })
  t.equal((await fetch(`${both.address}/health/ready`)).status, 200)
  const alone = await startService(t, { DATABASE_URL: serviceUrlOf(url) })
  t.equal((await fetch(`${alone.address}/health/ready`)).status, 200)
  const endOf = async () => {
    const service = spawnService(t, { DATABASE_URL: serviceUrlOf(url) })
    t.equal(await service.ended, 1)
    return service.errors()
  }
  await sql`insert into kysely_migration (name, timestamp) values ('999-later', '')`.execute(db)
  t.match(await endOf(), /^ctg-registry: The tables are of a later version/)
  await sql`delete from kysely_migration where name >= '011'`.execute(db)
  t.match(await endOf(), /^ctg-registry: The tables are older than this version: run npm run migrate/)
  await sql.raw(`revoke select on kysely_migration from ${SERVICE_GROUP}`).execute(db)
  t.match(await endOf(), new RegExp(`may not read the tables: grant ${SERVICE_GROUP} to it`))
})
