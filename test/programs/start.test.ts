/** The start of a service that meets a database which is not there, or not there yet. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { startEmbedded } from '../../src/db/embedded/server.ts'
import { newFolder, startCluster } from '../support/clusters.ts'
import { openProxy } from '../support/proxy.ts'
import { createTestDatabase } from '../support/registry.ts'
import { type Service, spawnService, until } from '../support/service.ts'

t.test('a database that cannot be reached is waited for, with a line that says what for', async (t) => {
  const proxy = await openProxy(t, await createTestDatabase(t))
  proxy.refuse()
  const service = spawnService(t, { DATABASE_URL: proxy.url })
  await said(service, /^ctg-registry: waiting up to 60 seconds for the database: .+\n/)
  proxy.heal()
  await said(service, /listens on/)
})

t.test('a database that is starting up is waited for', async (t) => {
  const url = new URL(await createTestDatabase(t))
  const starting = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => socket.end(failure('57P03', 'the database system is starting up')))
  })
  await once(starting.listen(0, '127.0.0.1'), 'listening')
  const { port } = starting.address() as { port: number }
  const service = spawnService(t, { DATABASE_URL: Object.assign(new URL(url), { port }).href })
  await said(service, /waiting up to 60 seconds for the database: the database system is starting up\n$/)
  starting.close()
  await said(service, /waiting up to 60 seconds for the database: connect ECONNREFUSED/)
})

t.test('a database in recovery, which takes no writes yet, is waited for', async (t) => {
  const { server, dataDir } = await startCluster(t, await newFolder(t))
  await server.stop()
  await writeFile(path.join(dataDir, 'postgres-18/standby.signal'), '')
  const standby = await startEmbedded({ dataDir })
  t.teardown(() => standby.stop())
  const service = spawnService(t, { DATABASE_URL: standby.url })
  await said(service, /waiting up to 60 seconds for the database: The database is in recovery/)
  const db = openDatabase(standby.url, { connections: 1 })
  t.teardown(() => closeDatabase(db))
  await sql`select pg_promote()`.execute(db)
  await said(service, /listens on/)
  service.process.kill('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test('what waiting does not mend ends the start at once', async (t) => {
  const url = new URL(await createTestDatabase(t))
  const wrongs: [wrong: Partial<URL>, line: RegExp][] = [
    [{ pathname: '/missing' }, /^ctg-registry: The database cannot be used: database "missing" does not exist\n$/],
    [{ password: 'wrong' }, /^ctg-registry: The database cannot be used: password authentication failed .*\n$/],
  ]
  for (const [wrong, line] of wrongs) {
    const service = spawnService(t, { DATABASE_URL: Object.assign(new URL(url), wrong).href })
    t.equal(await service.ended, 1)
    t.match(service.errors(), line)
  }
})

/** Waits until the last line on the standard error is this one; throws when the service ends without it. */
async function said(service: Service, line: RegExp): Promise<void> {
  let hasEnded = false
  service.ended.then(() => {
    hasEnded = true
  })
  await until(async () => hasEnded || line.test(service.errors()))
  if (!line.test(service.errors())) throw new Error(service.errors())
}

/** What a Postgres says before it closes a connection that it does not take. */
function failure(sqlstate: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0M${message}\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
