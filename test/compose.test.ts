/** The compose file cannot be run here: what it says of roles, addresses and variables is held against the code. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import YAML from 'yaml'
import { SERVICE_GROUP } from '../src/db/roles.ts'
import { openRegistry } from './support/registry.ts'

interface Compose {
  services: Record<'registry' | 'database', { environment: Record<string, string> }>
  configs: { roles: { content: string } }
}

const root = path.join(import.meta.dirname, '..')
const text = await readFile(path.join(root, 'docker-compose.yml'), 'utf8')
/** As Compose reads it where no variable is set. */
const { services, configs } = YAML.parse(text.replace(/\$\{\w+:-(\w*)\}/g, '$1')) as Compose
const { registry, database } = services

t.test('its script makes the role that serves, with the password by which it is asked to', async (t) => {
  const { db } = await openRegistry(t)
  const undone = new Error('undone')
  const { username, password } = new URL(registry.environment.DATABASE_URL as string)
  await t.rejects(
    db.transaction().execute(async (trx) => {
      // Roles are those of the whole server: here the group is there already.
      await sql.raw(`alter role ${SERVICE_GROUP} rename to elsewhere`).execute(trx)
      for (const statement of configs.roles.content.trim().split('\n')) await sql.raw(statement).execute(trx)
      const { rows } = await sql`select rolsuper, rolcreaterole, rolcreatedb, rolcanlogin,
        pg_has_role(rolname, ${SERVICE_GROUP}, 'member') as serves from pg_roles where rolname = ${username}`.execute(
        trx,
      )
      t.same(rows, [{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolcanlogin: true, serves: true }])
      throw undone
    }),
    undone,
  )
  t.match(configs.roles.content, `create role ${username} login password '${password}'`)
})

t.test('the role that migrates is the one of the image', async (t) => {
  const { username, password, pathname } = new URL(registry.environment.MIGRATE_DATABASE_URL as string)
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = database.environment
  t.same([username, password, pathname], [POSTGRES_USER, POSTGRES_PASSWORD, `/${POSTGRES_DB}`])
})

t.test('each variable that it hands on is one of docs/operate.md', async (t) => {
  const document = await readFile(path.join(root, 'docs/operate.md'), 'utf8')
  for (const name of Object.keys(registry.environment)) t.match(document, new RegExp(`^\\| \`${name}\` \\|`, 'm'), name)
})
