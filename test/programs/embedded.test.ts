import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { startEmbedded } from '../../src/db/embedded/server.ts'
import { spawnService, startService } from '../support/service.ts'

const settings = { fsync: 'off' }

t.test('what was written is there after a stop and a start, and what was cut short is thrown away', async (t) => {
  const dataDir = await temporaryFolder(t)
  await mkdir(path.join(dataDir, 'postgres-18.new-999999999'))
  const first = await startEmbedded({ dataDir, settings })
  t.same(await readdir(dataDir), ['postgres-18'])
  await ask(first.url, "create table kept as select lower('ÉPINAY') as name")
  await first.stop()
  const second = await startEmbedded({ dataDir, settings })
  t.same(await ask(second.url, 'select name from kept'), [{ name: 'épinay' }], 'in UTF-8')
  await second.stop()
  await t.rejects(ask(second.url, 'select 1'), 'the server is stopped')
})

t.test('it asks for a password, which its account alone may read; a folder without one goes on', async (t) => {
  const dataDir = await temporaryFolder(t)
  const first = await startEmbedded({ dataDir, settings })
  const file = path.join(dataDir, 'postgres-18/password')
  t.equal((await stat(file)).mode & 0o777, 0o600)
  for (const username of ['postgres', 'ctg_registry'])
    await t.rejects(ask(Object.assign(new URL(first.url), { username, password: 'x' }).href, 'select 1'), {
      code: '28P01',
    })
  t.same(await ask(first.serviceUrl, 'select current_user as name'), [{ name: 'ctg_registry' }])
  await first.stop()
  await rm(file)
  const rules = path.join(dataDir, 'postgres-18/pg_hba.conf')
  await writeFile(rules, (await readFile(rules, 'utf8')).replaceAll('scram-sha-256', 'trust'))
  const second = await startEmbedded({ dataDir, settings })
  t.same(await ask(second.serviceUrl, 'select 1 as one'), [{ one: 1 }])
  await second.stop()
})

t.test('a folder that cannot be is one clear line that names the variable', async (t) => {
  for (const dataDir of ['/proc/none/data', '/dev/null/data']) {
    const service = spawnService(t, { DATA_DIR: dataDir })
    t.equal(await service.ended, 1)
    t.match(
      service.errors(),
      /^ctg-registry: DATA_DIR is .*, where no folder can be used \(E[A-Z]+\): set it to one .*\n$/,
    )
  }
})

t.test('folders on the way to that of the database are made', async (t) => {
  const dataDir = path.join(await temporaryFolder(t), 'a', 'b')
  const server = await startEmbedded({ dataDir, settings })
  t.same(await readdir(dataDir), ['postgres-18'])
  await server.stop()
})

t.test('a server left by a killed service is adopted, and stopped at the end', async (t) => {
  const dataDir = await temporaryFolder(t)
  const service = await startService(t, { DATA_DIR: dataDir })
  const pid = await postmaster(dataDir)
  service.process.kill('SIGKILL')
  await service.ended
  t.equal(await postmaster(dataDir), pid, 'the server outlives the service')
  const adopted = await startEmbedded({ dataDir })
  t.equal(await postmaster(dataDir), pid)
  await adopted.stop()
  t.equal(await postmaster(dataDir), null)
})

t.test('a second service on the folder of a living one is refused with a clear line', async (t) => {
  const dataDir = await temporaryFolder(t)
  const first = await startEmbedded({ dataDir, settings })
  const second = spawnService(t, { DATA_DIR: dataDir })
  t.equal(await second.ended, 1)
  t.match(second.errors(), /^ctg-registry: Another service is using the database in .*: stop it/)
  t.equal(second.errors().trim().split('\n').length, 1)
  t.same(await ask(first.url, 'select 1 as one'), [{ one: 1 }], 'the first one is not disturbed')
  await ask(
    first.url,
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ctg-registry-lock'",
  )
  const locks = `select from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and application_name = 'ctg-registry-lock'`
  while ((await ask(first.url, locks)).length < 2) await sleep(50)
  await t.rejects(
    startEmbedded({ dataDir }),
    /Another service is using/,
    'the sign of its life comes back when its session was ended',
  )
  await first.stop()
})

t.test('of two services that start at once on a new folder one gets it', async (t) => {
  const dataDir = await temporaryFolder(t)
  const starts = await Promise.allSettled([spawned(t, dataDir), spawned(t, dataDir)])
  t.same(starts.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.match(
    starts.find(({ status }) => status === 'rejected'),
    { reason: /Another service is using/ },
  )
  t.same(await readdir(dataDir), ['postgres-18'], 'nothing else is left')
  for (const start of starts)
    if (start.status === 'fulfilled') {
      start.value.process.kill('SIGTERM')
      t.equal(await start.value.ended, 0)
    }
})

t.test('a killed server starts again, also under a stale number that is somebody else by now', async (t) => {
  const dataDir = await temporaryFolder(t)
  const first = await startEmbedded({ dataDir, settings })
  await ask(first.url, 'create table kept (answer int)')
  process.kill((await postmaster(dataDir)) ?? Number.NaN, 'SIGKILL')
  await sleep(200)
  await first.stop()
  const second = await startEmbedded({ dataDir, settings })
  t.same(await ask(second.url, 'select * from kept'), [])
  await second.stop()
  const pidFile = path.join(dataDir, 'postgres-18', 'postmaster.pid')
  await writeFile(pidFile, `${process.pid}\n${path.dirname(pidFile)}\n0\n1\n\n127.0.0.1\n\nready\n`)
  const third = await startEmbedded({ dataDir, settings })
  t.same(await ask(third.url, 'select * from kept'), [])
  await third.stop()
})

t.test('a folder that the server may not enter is named', { skip: process.getuid?.() !== 0 }, async (t) => {
  const dataDir = await temporaryFolder(t)
  const closed = path.join(dataDir, 'closed')
  await mkdir(closed, { mode: 0o700 })
  const start = startEmbedded({ dataDir: path.join(closed, 'data') })
  await t.rejects(start, { message: new RegExp(`that user may not enter ${closed}, on the way to`) })
})

/** A service that listens; rejects with its last words. */
const spawned = (t: Test, dataDir: string) => startService(t, { DATA_DIR: dataDir })

async function temporaryFolder(t: Test) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ctg-registry-'))
  await chmod(folder, 0o755)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function postmaster(dataDir: string) {
  const text = await readFile(path.join(dataDir, 'postgres-18', 'postmaster.pid'), 'utf8').catch(() => '')
  return Number(text.split('\n')[0]) || null
}

async function ask(url: string, statement: string) {
  const db = openDatabase(url, { connections: 1 })
  return sql
    .raw(statement)
    .execute(db)
    .then(({ rows }) => rows)
    .finally(() => closeDatabase(db))
}
