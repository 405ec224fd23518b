/**
 * The example of a mirror, run as the process that it is: whatever happens to it, and to the registry, it ends with an
 * exact copy. The seed of the instants at which it is killed can be given as argument.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { loadExample } from '../../src/seed.ts'
import { apiOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { fullDocument, put } from '../support/documents.ts'
import { addColourToAxes } from '../support/new-form.ts'
import { openProxy } from '../support/proxy.ts'
import { openRegistry, type Registry } from '../support/registry.ts'
import { childEnvironment } from '../support/service.ts'
import { randomFrom } from '../support/turmoil.ts'

const KILLS = 10
const LIFE_MS = 900

const program = path.join(import.meta.dirname, '../../examples/mirror.ts')
const folder = t.testdir({})
const fileOf = (name: string) => path.join(folder, `${name}.sqlite`)

interface Mirror {
  process: ChildProcess
  said(): string
  ended: Promise<number | string>
}

function startMirror(address: string, file: string, ...options: string[]): Mirror {
  const child = spawn(process.execPath, [program, address, file, ...options], {
    env: { ...childEnvironment, REGISTRY_KEY: ADMIN_KEY },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk
    })
  t.teardown(() => child.kill('SIGKILL'))
  return { process: child, said: () => said, ended: once(child, 'close').then(([code, signal]) => code ?? signal) }
}

/** What it said until it had proved its copy. */
async function prove(address: string, file: string, ...options: string[]): Promise<string> {
  const mirror = startMirror(address, file, '--once', ...options)
  const end = await mirror.ended
  if (end !== 0) throw new Error(`${end}: ${mirror.said()}`)
  return mirror.said()
}

/** Type and id of all that a copy holds, and what it holds of it. */
function heldIn(file: string): Map<string, unknown> {
  const copy = new DatabaseSync(file, { timeout: 5_000 })
  const rows = copy.prepare('select type, id, version, data from resource order by type, id').all()
  copy.close()
  return new Map(rows.map(({ type, id, data }) => [`${type} ${id}`, JSON.parse(String(data))]))
}

async function snapshot({ request }: Registry, filter = ''): Promise<Map<string, unknown>> {
  const headers = { accept: 'application/x-ndjson' }
  const { text } = await request('GET', `/v1/snapshot?${filter}`, { key: ADMIN_KEY, headers })
  const lines = text.trim().split('\n').slice(1, -1)
  const held = lines.map((line) => JSON.parse(line)).map(({ type, id, data }) => [`${type} ${id}`, data] as const)
  return new Map(held.sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function opened() {
  const registry = await openRegistry(t)
  await loadExample(registry.db, new Date('2026-03-15T12:00:00Z'))
  return { registry, address: await registry.app.listen({ port: 0 }) }
}

const { registry, address } = await opened()
const other = await opened()

/** Documents that come, change and go, and a convention that is published and hidden, until it is over. */
async function keepChanging(isOver: () => boolean): Promise<void> {
  const api = apiOf(registry)
  for (let i = 0; !isOver(); i++) {
    await put(registry, `k${i % 3}`, fullDocument({ title: `Title ${i}`, ...(i % 2 === 0 && { actions: [] }) }))
    await api.change(`/conventions/${exampleIds.convention}`, { state: i % 2 === 0 ? 'draft' : 'signed' })
    await api.create('/organizations', { kind: 'association', name: `Association ${i} \u2028` })
  }
}

t.test('killed at any instant, it ends as an exact copy', async (t) => {
  const seed = Number(process.argv[2] ?? Date.now() % 2 ** 31)
  t.comment(`seed ${seed}`)
  const random = randomFrom(seed)
  const file = fileOf('killed')
  let isOver = false
  const changing = keepChanging(() => isOver)
  for (let i = 0; i < KILLS; i++) {
    const mirror = startMirror(address, file)
    await sleep(random() * LIFE_MS)
    mirror.process.kill('SIGKILL')
    await mirror.ended
  }
  isOver = true
  await changing
  const said = await prove(address, file)
  t.match(said, /the copy is proved/s)
  t.same([...heldIn(file)], [...(await snapshot(registry))])
  t.notMatch(await prove(address, file), 'snapshot', 'and goes on from where it was')
})

t.test('it follows while it runs, also when its connection is cut', async (t) => {
  const file = fileOf('follows')
  await prove(address, file)
  const proxy = await openProxy(t, address)
  const mirror = startMirror(proxy.url, file)
  for (const name of ['before', 'while it is cut', 'after']) {
    const { id } = await apiOf(registry).create('/organizations', { kind: 'association', name })
    while (!heldIn(file).has(`organization ${id}`)) await sleep(50)
    proxy.cut()
  }
  t.notMatch(mirror.said(), 'snapshot')
})

t.test('several filters are one, and its copy is the one file when it has ended', async (t) => {
  const file = fileOf('filtered')
  await prove(address, file, '--filter', 'departmentCode=61', '--filter', 'types=axis,action')
  t.notOk(existsSync(`${file}-wal`))
  t.same([...heldIn(file)], [...(await snapshot(registry, 'departmentCode=61&types=axis,action'))])
})

t.test('what the registry will not answer tomorrow either is said, and ends it', async (t) => {
  const mirror = startMirror(address, fileOf('refused'), '--filter', 'departement=61')
  t.equal(await mirror.ended, 1)
  t.match(mirror.said(), 'departement')
})

t.test('of a registry with another past it takes a new snapshot', async (t) => {
  const file = fileOf('restored')
  await prove(address, file)
  t.match(await prove(other.address, file), /another past.*snapshot.*proved/s, 'whose past is shorter')
  t.same([...heldIn(file)], [...(await snapshot(other.registry))])
  t.match(await prove(address, file), /another past.*snapshot.*proved/s, 'whose past is longer')
  t.same([...heldIn(file)], [...(await snapshot(registry))])
})

t.test('of another filter it takes a new snapshot', async (t) => {
  const file = fileOf('filtered')
  await prove(address, file)
  t.match(await prove(address, file, '--filter', 'types=axis'), /other filters.*snapshot.*proved/s)
  t.same([...heldIn(file)], [...(await snapshot(registry, 'types=axis'))])
})

t.test('a copy that somebody touched is found wrong and taken anew', async (t) => {
  const file = fileOf('touched')
  await prove(address, file)
  const copy = new DatabaseSync(file, { timeout: 5_000 })
  copy.exec(`update resource set data = json_set(data, '$.title', 'touched') where type = 'action'`)
  copy.close()
  t.match(await prove(address, file), /action differs.*snapshot.*proved/s)
})

t.test('of another form of bodies it takes a new snapshot', async (t) => {
  const file = fileOf('of-a-form')
  await prove(other.address, file)
  await addColourToAxes(other.registry.db)
  t.match(await prove(other.address, file), /another form.*snapshot.*proved/s)
  const axes = [...heldIn(file)].filter(([name]) => name.startsWith('axis'))
  t.ok(axes.length > 0 && axes.every(([, body]) => (body as { colour?: unknown }).colour === null))
})
