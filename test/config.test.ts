import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { ConfigError, readConfig } from '../src/config.ts'
import { variableNames } from './support/config.ts'
import { childEnvironment } from './support/service.ts'

const root = path.join(import.meta.dirname, '..')

t.test(
  'without a variable the registry listens on this machine only, with its own database and the example',
  async (t) => {
    t.same(readConfig({}), {
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: null,
      migrateDatabaseUrl: null,
      dataDir: '.data',
      logLevel: 'info',
      bootstrapAdminKey: null,
      loadExample: true,
      journalRetentionDays: null,
      rateLimit: 6_000,
      cacheMb: 64,
      trustProxy: [],
      dataLicence: 'etalab-2.0',
      contactEmail: null,
      publicUrl: null,
    })
  },
)

t.test('the configuration cannot be changed', async (t) => {
  t.throws(() => Object.assign(readConfig({}), { port: 1 }), TypeError)
})

t.test('an empty variable counts as absent and an unknown one is ignored', async (t) => {
  t.same(readConfig({ PORT: '', JOURNAL_RETENTION_DAYS: ' ', NO_SUCH_THING: '1' }), readConfig({}))
})

t.test('the proxies that are believed are addresses and networks', async (t) => {
  t.same(readConfig({ TRUST_PROXY: '10.0.0.0/8, fd00::/8,127.0.0.1' }).trustProxy, [
    '10.0.0.0/8',
    'fd00::/8',
    '127.0.0.1',
  ])
})

t.test('a database of its own does not get the example unless asked', async (t) => {
  const DATABASE_URL = 'postgres://registry@db/registry'
  t.equal(readConfig({ DATABASE_URL }).loadExample, false)
  t.equal(readConfig({ DATABASE_URL, LOAD_EXAMPLE: 'true' }).loadExample, true)
})

const wrong: [string, string][] = [
  ['PORT', '80x'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '0x50'],
  ['HOST', 'a b'],
  ['LOG_LEVEL', 'loud'],
  ['LOAD_EXAMPLE', 'yes'],
  ['JOURNAL_RETENTION_DAYS', '0'],
  ['JOURNAL_RETENTION_DAYS', '1.5'],
  ['RATE_LIMIT', '-1'],
  ['RATE_LIMIT', '1e3'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '1'],
  ['TRUST_PROXY', 'proxy.example'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '0.0.0.0/0'],
  ['TRUST_PROXY', '::/0'],
  ['TRUST_PROXY', '10.0.0.1,'],
  ['TRUST_PROXY', '10.0.0.0/8/8'],
  ['DATA_LICENCE', 'Licence Ouverte'],
  ['CONTACT_EMAIL', 'nobody'],
  ['CONTACT_EMAIL', 'a@b.example>'],
  ['PUBLIC_URL', 'ctg.example'],
  ['PUBLIC_URL', 'https://ctg.example/registry'],
  ['PUBLIC_URL', 'https://me:secret@ctg.example'],
]
for (const [name, value] of wrong)
  t.test(`${name}=${value} stops the start with a line that names it, its value and what it must be`, async (t) => {
    t.throws(() => readConfig({ [name]: value }), new ConfigError(), 'a ConfigError')
    const message = errorOf({ [name]: value })
    t.match(message, `${name} is ${JSON.stringify(value)}: it must be`)
    t.notMatch(message, '\n')
  })

t.test('a secret is not part of the line', async (t) => {
  const key = errorOf({ BOOTSTRAP_ADMIN_KEY: 'too-short-secret' })
  t.match(key, 'BOOTSTRAP_ADMIN_KEY is wrong (16 characters, not shown)')
  t.notMatch(key, 'too-short-secret')
  const url = errorOf({ DATABASE_URL: 'mysql://me:secret@db/registry' })
  t.match(url, 'DATABASE_URL is wrong')
  t.notMatch(url, 'secret')
})

t.test('several wrong variables are named at once, a line each', async (t) => {
  t.equal(errorOf({ PORT: 'a', LOG_LEVEL: 'b' }).split('\n').length, 2)
})

t.test('the launcher reads .env of the folder it is started in, and the environment goes before it', async (t) => {
  const launcher = path.join(root, 'bin/ctg-registry.js')
  const start = (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, [launcher], { cwd, env: { ...childEnvironment, ...env } }).catch(
      ({ stderr }) => stderr,
    )
  const cwd = t.testdir({ '.env': 'PORT=of-the-file\n' })
  t.match(await start({}), 'PORT is "of-the-file"')
  t.match(await start({ PORT: 'of-the-environment' }), 'PORT is "of-the-environment"')
})

t.test('.env.example has every variable, each commented out', async (t) => {
  const lines = (await readFile(path.join(root, '.env.example'), 'utf8'))
    .split('\n')
    .filter((line) => line.includes('='))
  const named = lines.map((line) => /^#([A-Z_]+)=/.exec(line)?.[1])
  t.same(named.sort(), variableNames().sort())
})

function errorOf(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
  }
  return ''
}
