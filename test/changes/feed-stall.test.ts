/** Nobody's slowness delays anybody: an open transaction that has written holds no other change back from the feed. */
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { loadExample } from '../../src/seed.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createTestDatabase, openRegistry, type Registry } from '../support/registry.ts'

const registry = await openRegistry(t, { connections: 8 })
await loadExample(registry.db, new Date('2026-03-15T12:00:00Z'))

const { rows: others } = await sql<{
  id: string
}>`select id from action where id <> ${exampleIds.action} limit 1`.execute(registry.db)
const another = others[0]?.id as string

interface Delivered {
  resourceId: string
  position: number
  data: { title: string }
}

const now = async ({ request }: Registry) =>
  (await request('GET', '/v1/changes', { key: ADMIN_KEY })).body.next as string

const after = async ({ request }: Registry, since: string, query = '') => {
  const { body } = await request('GET', `/v1/changes?since=${since}${query}`, { key: ADMIN_KEY })
  return body as { data: Delivered[]; next: string; complete: boolean }
}

async function rename(id: string, title: string) {
  const options = { key: ADMIN_KEY, headers: { 'if-match': '*' }, body: { title } }
  const { status } = await registry.request('PATCH', `/v1/actions/${id}`, options)
  if (status !== 200) throw new Error(`${status}`)
}

/** A transaction that has written, and stays idle until it is told to commit or the test ends. */
async function openTransaction(t: Test, url: string, id: string, title: string) {
  const db = openDatabase(url, { connections: 1, patienceMs: 60_000 })
  const trx = await db.startTransaction().setIsolationLevel('read committed').execute()
  let isOpen = true
  const commit = async () => {
    isOpen = false
    await trx.commit().execute()
  }
  t.teardown(async () => {
    if (isOpen) await trx.rollback().execute()
    await closeDatabase(db)
  })
  const { numAffectedRows } = await sql`update action set title = ${title} where id = ${id}`.execute(trx)
  if (numAffectedRows !== 1n) throw new Error('nothing was written')
  return { trx, commit }
}

t.test(
  'an open transaction that has written delays nobody, and is told when it commits, after the others',
  async (t) => {
    const since = await now(registry)
    const slow = await openTransaction(t, registry.url, another, 'slow')
    await rename(exampleIds.action, 'quick')
    const first = await after(registry, since)
    t.same(titlesOf(first.data), ['quick'], 'delivered while the other is open')
    t.equal(first.complete, true)
    await slow.commit()
    const second = await after(registry, first.next)
    t.same(titlesOf(second.data), ['slow'])
    t.same(
      (await after(registry, since)).data.map(({ position }) => position - (first.data[0]?.position ?? 0)),
      [0, 1],
      'whoever reads both gets them in the order of their commits',
    )
  },
)

t.test('nor does one in another database of the same cluster', async (t) => {
  const other = await createTestDatabase(t)
  const db = openDatabase(other, { connections: 1 })
  await loadExample(db, new Date('2026-03-15T12:00:00Z'))
  await closeDatabase(db)
  const { trx } = await openTransaction(t, other, exampleIds.action, 'elsewhere')
  const { rows } = await sql<{ xid: string | null }>`select pg_current_xact_id_if_assigned()::text as xid`.execute(trx)
  t.ok(rows[0]?.xid, 'it holds back the horizon of the cluster')
  const since = await now(registry)
  await rename(exampleIds.action, 'beside it')
  const { data, complete } = await after(registry, since)
  t.same(titlesOf(data), ['beside it'])
  t.equal(complete, true)
})

t.test('those who wait, by long poll or by a stream, hear of others while it is open', async (t) => {
  await registry.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = registry.app.server.address() as AddressInfo
  const since = await now(registry)
  await openTransaction(t, registry.url, another, 'never committed')
  const poll = after(registry, since, '&wait=30')
  const request = http.get({
    port,
    path: `/v1/changes/stream?since=${since}`,
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  })
  const [stream] = (await once(request, 'response')) as [IncomingMessage]
  const heard = firstChange(stream)
  await rename(exampleIds.action, 'heard')
  t.same(titlesOf((await poll).data), ['heard'])
  t.equal((await heard).data.title, 'heard')
  stream.destroy()
})

t.test('a wait ends in its time, also when the clock of the process goes back', async (t) => {
  const { now: realNow } = Date
  t.teardown(() => Object.assign(Date, { now: realNow }))
  const since = await now(registry)
  let at = realNow()
  Date.now = () => {
    at -= 3_600_000
    return at
  }
  t.same((await after(registry, since, '&wait=1')).data, [])
})

const titlesOf = (delivered: Delivered[]) => delivered.map(({ data }) => data.title)

async function firstChange(stream: IncomingMessage): Promise<Delivered> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    const found = /event: change\n(?:id: .*\n)?data: (.*)\n\n/.exec(text)?.[1]
    if (found !== undefined) return JSON.parse(found)
  }
  throw new Error('The stream ended.')
}
