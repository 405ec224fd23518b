/** The embedded server of a service that runs is killed: the service starts it again, or ends. */
import { readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { startEmbedded } from '../../src/db/embedded/server.ts'
import { newFolder, postmasterOf } from '../support/clusters.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { ask, type Service, startService, until } from '../support/service.ts'

const WRITERS = 8
/** More than are in flight at once. */
const WRITES = 5 * WRITERS
/** A statement that does not notice the end of its server. */
const BUSY = 'select count(*) from generate_series(1, 1000000000) n, generate_series(1, 1000) m'

t.test('killed under load it is started again: writes go on, and no acknowledged one is lost or doubled', async (t) => {
  const dataDir = await newFolder(t)
  const service = await startService(t, { DATA_DIR: dataDir, BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, RATE_LIMIT: '0' })
  const guest = await startEmbedded({ dataDir, isGuest: true })
  const busy = openDatabase(guest.url, { connections: 1, patienceMs: 300_000 })
  const orphan = sql
    .raw(BUSY)
    .execute(busy)
    .catch((error) => error)
  const written: string[] = []
  let isOver = false
  let refusedAt = 0
  const writers = Array.from({ length: WRITERS }, async () => {
    while (!isOver) {
      const made = await write(service)
      if (made.length === 0) refusedAt = performance.now()
      written.push(...made)
    }
  })
  await until(async () => written.length >= WRITES)
  const killed = await postmasterOf(dataDir)
  process.kill(killed, 'SIGKILL')
  const before = written.length
  const start = performance.now()
  await until(async () => written.length >= before + WRITES)
  isOver = true
  await Promise.all(writers)
  t.not(await postmasterOf(dataDir), killed)
  const lost = await missing(service, written)
  t.comment(`writes were refused for ${Math.round(refusedAt - start)} ms; of ${written.length} lost: ${lost.length}`)
  t.same(lost, [])
  t.equal(new Set(written).size, written.length)
  t.match(service.errors(), /the embedded Postgres has ended: it is started again\n/)
  await orphan
  await closeDatabase(busy)
  await guest.stop()
  service.process.kill('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test(
  'a server that ends again soon after each start is started with growing pauses, then ends the service',
  async (t) => {
    const dataDir = await newFolder(t)
    const service = await startService(t, { DATA_DIR: dataDir })
    let isOver = false
    service.ended.then(() => {
      isOver = true
    })
    for (let killed = 0; !isOver; await sleep(20)) {
      const pid = await readyPostmaster(dataDir)
      if (pid === null || pid === killed) continue
      process.kill(pid, 'SIGKILL')
      killed = pid
    }
    t.equal(await service.ended, 1)
    for (const seconds of [1, 2]) t.match(service.errors(), new RegExp(`; the next attempt follows in ${seconds} s\\n`))
    t.match(service.errors(), /ctg-registry: The embedded Postgres in .* (ends soon after each start|does not start)/)
  },
)

t.test('a server that does not start again ends the service with the reason', async (t) => {
  const dataDir = await newFolder(t)
  const service = await startService(t, { DATA_DIR: dataDir })
  const settings = path.join(dataDir, 'postgres-18/postgresql.conf')
  await rename(settings, `${settings}.away`)
  process.kill(await postmasterOf(dataDir), 'SIGKILL')
  t.equal(await service.ended, 1)
  t.match(service.errors(), /ctg-registry: The embedded Postgres in .* does not start: /)
  t.match(service.errors(), /could not access the server configuration file/)
})

/** The process of a server that takes connections; null while there is none. */
async function readyPostmaster(dataDir: string): Promise<number | null> {
  const lines = await readFile(path.join(dataDir, 'postgres-18/postmaster.pid'), 'utf8').catch(() => '')
  return lines.includes('ready') ? Number.parseInt(lines, 10) : null
}

/** The id of an organization that was made; empty while the database is away. */
async function write(service: Service): Promise<string[]> {
  const body = { kind: 'caf', name: "Caf de l'Orne" }
  const answer = await ask(service, '/v1/organizations', { method: 'POST', body })
  if (answer.status === 201) return [answer.body.id]
  if (answer.status !== 503) throw new Error(JSON.stringify(answer))
  return []
}

/** Those of these organizations that the registry does not have. */
async function missing(service: Service, ids: string[]): Promise<string[]> {
  const there = new Set<string>()
  for (let next: string | null = '/v1/organizations?limit=200'; next !== null; ) {
    const { body } = await ask(service, next)
    for (const { id } of body.data) there.add(id)
    next = body.next && `/v1/organizations?limit=200&cursor=${body.next}`
  }
  return ids.filter((id) => !there.has(id))
}
