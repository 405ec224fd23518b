import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { startEmbedded } from '../../src/db/embedded/server.ts'
import { readDocuments } from '../../src/sync/file.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createTestDatabase, openRegistry } from '../support/registry.ts'
import { childEnvironment, startService } from '../support/service.ts'

const EXAMPLE = 'examples/pays-de-l-aigle.json'

t.test('a file is loaded under its name, and loaded again changes nothing', async (t) => {
  const { url, request } = await openRegistry(t)
  const first = await load(url, EXAMPLE)
  t.equal(first.code, 0, first.stderr)
  t.match(first.stderr, counted('pays-de-l-aigle', { created: 2 }))
  const { body } = await request('GET', '/v1/sources/pays-de-l-aigle/conventions')
  t.same(keysOf(body), ['pays-de-l-aigle-2018', 'pays-de-l-aigle-2022'])
  const again = await load(url, EXAMPLE, '--source', 'pays-de-l-aigle', '--warnings')
  t.equal(again.code, 0)
  t.match(again.stderr, counted('pays-de-l-aigle', { unchanged: 2 }))
  t.match(again.stderr, /document 1: warning: \/themes: .*parentalite/)
  t.same((await request('GET', '/v1/sources/pays-de-l-aigle/conventions')).body, body, 'no version')
})

t.test('what is wrong with a line is told with its place, and the rest is loaded', async (t) => {
  const { url, request } = await openRegistry(t)
  const file = await write(t, "L'Ôrne 2026.ndjson", [
    JSON.stringify(convention('good')),
    '{"key": "broken"',
    '',
    JSON.stringify({ ...convention('bad'), title: '', actions: [{ key: '1', title: 'Relais', axes: ['none'] }] }),
    JSON.stringify({ ...convention('nameless'), key: undefined }),
    '[]',
    JSON.stringify({ ...convention('long'), summary: 'x'.repeat(9_000_000) }),
    JSON.stringify(convention('last')),
  ])
  const { code, stderr } = await load(url, file)
  t.equal(code, 1)
  t.match(stderr, counted('l-orne-2026', { created: 2, failed: 5 }))
  t.match(stderr, 'ctg-registry: line 2: The body is not valid JSON.\n')
  t.match(stderr, 'ctg-registry: line 4: /title: title must not be empty.\n')
  t.match(stderr, /ctg-registry: line 4: \/actions\/0\/axes\/0: "none" is no axis of this convention/)
  t.match(stderr, 'ctg-registry: line 5: /key: key is required.\n')
  t.match(stderr, 'ctg-registry: line 6: The body must be an object.\n')
  t.match(stderr, 'ctg-registry: line 7: The line is longer than 8388608 bytes.\n')
  const { body } = await request('GET', '/v1/sources/l-orne-2026/conventions')
  t.same(keysOf(body), ['good', 'last'])
})

t.test('a document that lost much is refused, unless so many deletions are allowed', async (t) => {
  const { url } = await openRegistry(t)
  const actions = Array.from({ length: 6 }, (_, i) => ({ key: `${i}`, title: `Action ${i}` }))
  const file = (name: string, fields: Record<string, unknown>) =>
    write(t, name, [JSON.stringify([convention('kept', fields)])])
  t.equal((await load(url, await file('whole.json', { actions }), '--source', 'orne')).code, 0)
  const lost = await file('lost.json', {})
  t.match(await load(url, lost, '--source', 'orne'), { code: 1, stderr: /would delete 6 of 6 objects/ })
  t.equal((await load(url, lost, '--source', 'orne', '--max-deletes', '6')).code, 0)
  t.match(await load(url, lost, '--max-deletes', 'all'), { code: 1, stderr: /usage:\n/ })
})

t.test('conflicts with what people changed fail, unless the command says who wins', async (t) => {
  const { url, request } = await openRegistry(t)
  const file = (name: string, title: string) => write(t, name, [JSON.stringify([convention('ours', { title })])])
  await load(url, await file('first.json', 'Une'), '--source', 'orne')
  const [{ conventionId }] = (await request('GET', '/v1/sources/orne/conventions')).body.data
  const patch = { key: ADMIN_KEY, headers: { 'if-match': '*' }, body: { title: 'Main' } }
  await request('PATCH', `/v1/conventions/${conventionId}`, patch)
  const second = await file('second.json', 'Deux')
  t.match(await load(url, second, '--source', 'orne'), { code: 1, stderr: /contradicts one change/ })
  t.equal((await load(url, second, '--source', 'orne', '--conflicts', 'overwrite')).code, 0)
  t.equal((await request('GET', `/v1/conventions/${conventionId}`)).body.title, 'Deux')
  t.match(await load(url, second, '--conflicts', 'mine'), { code: 1, stderr: /usage:\n/ })
})

t.test('a convention may stand before the one that it renews, however long the chain', async (t) => {
  const { url, request } = await openRegistry(t)
  const file = await write(t, 'chain.json', [
    JSON.stringify([
      convention('2026', { predecessor: '2022' }),
      convention('2022', { predecessor: '2018' }),
      convention('2018'),
      convention('other', { predecessor: '2014' }),
    ]),
  ])
  const { code, stderr } = await load(url, file, '--source', 'orne')
  t.equal(code, 1)
  t.match(stderr, counted('orne', { created: 3, failed: 1 }))
  t.equal(stderr.match(/document 4: \/predecessor: /g)?.length, 1, 'what never comes is told once')
  const { body } = await request('GET', '/v1/sources/orne/conventions')
  t.same(keysOf(body), ['2018', '2022', '2026'])
})

t.test('what cannot be done is a clear line', async (t) => {
  const url = await createTestDatabase(t)
  const unprepared = await createTestDatabase(t)
  const db = openDatabase(unprepared, { connections: 1 })
  await sql`drop schema public cascade`.execute(db)
  await closeDatabase(db)
  const [missing, folder, none, source, tables] = await Promise.all([
    load(url, '/nowhere/file.json'),
    load(url, tmpdir()),
    load(url),
    load(url, 'one.json', '--source', 'Orne'),
    load(unprepared, EXAMPLE),
  ])
  t.match(missing, { code: 1, stderr: 'ctg-registry: There is no file /nowhere/file.json.\n' })
  t.match(folder, { code: 1, stderr: /is not a file\./ })
  t.match(none, { code: 1, stderr: /usage:\n/ })
  t.match(source, { code: 1, stderr: /usage:\n/ })
  t.match(tables, { code: 1, stderr: /^ctg-registry: The tables are not there yet: / })
})

t.test('a list, one document alone over many lines, and lines with any ends are read', async (t) => {
  const one = { key: 'é' }
  const files: [name: string, text: string, places: string[]][] = [
    ['list.json', JSON.stringify([one, one]), ['document 1', 'document 2']],
    ['alone.json', JSON.stringify(one, null, 2), ['document 1']],
    ['line.json', JSON.stringify(one), ['line 1']],
    ['lines.json', `\ufeff${JSON.stringify(one)}\r\n\r\n${JSON.stringify(one)}\r\n`, ['line 1', 'line 3']],
    ['lines.jsonl', `\n${JSON.stringify(one)}`, ['line 2']],
    ['empty.ndjson', '', []],
  ]
  for (const [name, text, places] of files) {
    const documents = await Array.fromAsync(readDocuments(await write(t, name, [text])))
    t.same(
      documents.map(({ place }) => place),
      places,
      name,
    )
    for (const { read } of documents) t.same(read(), one)
  }
})

t.test('it works beside a service that runs, and the last one to leave stops the server', async (t) => {
  const dataDir = await temporaryFolder(t)
  const pidFile = path.join(dataDir, 'postgres-18', 'postmaster.pid')
  const service = await startService(t, { DATA_DIR: dataDir })
  const { code, stderr } = await run({ DATA_DIR: dataDir }, EXAMPLE)
  t.equal(code, 0, stderr)
  const answer = await fetch(`${service.address}/v1/sources/pays-de-l-aigle/conventions`)
  t.same(keysOf((await answer.json()) as Listed), ['pays-de-l-aigle-2018', 'pays-de-l-aigle-2022'])

  const guest = await startEmbedded({ dataDir, isGuest: true })
  service.process.kill('SIGTERM')
  t.equal(await service.ended, 0)
  const db = openDatabase(guest.url, { connections: 1 })
  t.same((await sql`select count(*)::int as count from convention`.execute(db)).rows, [{ count: 2 }])
  await closeDatabase(db)
  await guest.stop()
  await t.rejects(stat(pidFile), { code: 'ENOENT' }, 'the server is stopped')
})

t.test('a command makes no database where the service has none', async (t) => {
  const dataDir = await temporaryFolder(t)
  const { code, stderr } = await run({ DATA_DIR: dataDir }, EXAMPLE)
  t.equal(code, 1)
  t.equal(stderr, `ctg-registry: There is no database in ${dataDir}: commands need the DATA_DIR of the service.\n`)
  await t.rejects(stat(path.join(dataDir, 'postgres-18')), { code: 'ENOENT' })
})

/** A convention of the Orne. */
const convention = (key: string, fields: Record<string, unknown> = {}) => ({
  key,
  title: `Convention ${key}`,
  state: 'signed',
  caf: 'caf-orne',
  organizations: [{ key: 'caf-orne', kind: 'caf', name: "Caf de l'Orne", territory: 'departement:61' }],
  ...fields,
})

/** The last line: how many documents had each outcome. */
function counted(source: string, counts: Partial<Record<'created' | 'updated' | 'unchanged' | 'failed', number>>) {
  const { created = 0, updated = 0, unchanged = 0, failed = 0 } = counts
  const outcomes = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`
  return `ctg-registry: ${source}: documents: ${created + updated + unchanged + failed} (${outcomes})`
}

t.test('a file that is not there is told before a database is started', async (t) => {
  const { stderr } = await run({ DATA_DIR: '/dev/null/data' }, '/nowhere/file.json')
  t.equal(stderr, 'ctg-registry: There is no file /nowhere/file.json.\n')
})

interface Listed {
  data: { key: string }[]
}

const keysOf = ({ data }: Listed) => data.map(({ key }) => key).sort()

const load = (url: string, ...parameters: string[]) => run({ DATABASE_URL: url }, ...parameters)

/** Runs the command; its exit code and what it said. */
async function run(env: Record<string, string>, ...parameters: string[]) {
  const running = promisify(execFile)(process.execPath, ['src/commands/load.ts', ...parameters], {
    env: { ...childEnvironment, ...env },
  })
  return running.then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }) => ({ code: code as number, stderr: stderr as string }),
  )
}

async function write(t: Test, name: string, lines: string[]) {
  const file = path.join(await temporaryFolder(t), name)
  await writeFile(file, lines.join('\n'))
  return file
}

async function temporaryFolder(t: Test) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ctg-registry-'))
  await chmod(folder, 0o755)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}
