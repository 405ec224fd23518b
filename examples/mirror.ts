/**
 * An exact copy of the registry in one SQLite file, as a system keeps it that must not lose a change. It begins with a
 * snapshot, follows the stream of changes, and commits each transaction of the registry together with the cursor after
 * it: killed at any instant, it goes on where it was. Now and then it proves itself by the registry's digest.
 *
 *   npm run mirror -- http://127.0.0.1:3000 mirror.sqlite [--filter departmentCode=61] [--once]
 *
 * An API key is taken from REGISTRY_KEY. With `--once` it ends as soon as the copy is proved. The types are made of the
 * OpenAPI document: npx openapi-typescript http://127.0.0.1:3000/openapi.json --output generated/registry.ts
 */
import { hash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { components } from './generated/registry.ts'

type Change = components['schemas']['Change']
type Digest = components['schemas']['Digest']
type Problem = components['schemas']['Problem']
type SnapshotLine = components['schemas']['SnapshotLine']
type Event =
  | { event: 'change'; id: string; data: Change }
  | { event: 'complete'; id: string; data: { position: number } }
  | { event: 'gone'; id?: undefined; data: Problem }

const PROVE_EACH_MS = 60 * 60_000
/** The stream says something each 15 seconds: who hears nothing for longer has lost it without being told. */
const SILENCE_MS = 45_000
const DIGEST_MS = 15 * 60_000
const WAIT_MS = { first: 500, longest: 30_000 }

const filterAndOnce = { filter: { type: 'string' }, once: { type: 'boolean' } } as const
const { values: options, positionals } = parseArgs({ allowPositionals: true, options: filterAndOnce })
const [registry = 'http://127.0.0.1:3000', file = 'mirror.sqlite'] = positionals
// biome-ignore lint/style/noProcessEnv: every user of the machine would see a secret on the command line.
const key = process.env.REGISTRY_KEY

const copy = new DatabaseSync(file)
copy.exec(`pragma journal_mode = wal;
  create table if not exists resource (type text, id text, version integer, data text, primary key (type, id));
  create table if not exists place (cursor text, position integer)`)
const insert = copy.prepare('insert or replace into resource (type, id, version, data) values (?, ?, ?, ?)')
const remove = copy.prepare('delete from resource where type = ? and id = ?')
const move = copy.prepare('insert into place (cursor, position) values (?, ?)')
const select = copy.prepare('select id, version, data from resource where type = ?')
const place = copy.prepare('select cursor from place')
const say = (text: string) => console.log(`${new Date().toISOString()} ${text}`)

/** The registry does not know the place of this copy any more, or the copy is wrong: only a new snapshot helps. */
class Lost extends Error {}

let failures = 0
let provedAt = 0
for (;;) {
  try {
    if (!place.get()) await takeSnapshot()
    await follow()
    throw new Error('the stream has ended')
  } catch (error) {
    say((error as Error).message)
    if (copy.isTransaction) copy.exec('rollback')
    if (error instanceof Lost) copy.exec('delete from place')
  }
  await sleep(Math.min(WAIT_MS.longest, WAIT_MS.first * 2 ** failures++) * (0.5 + Math.random() / 2))
}

/** Replaces the copy as a whole: the old one stays until the last line says that nothing is missing. */
async function takeSnapshot(): Promise<void> {
  say('taking a snapshot')
  provedAt = 0
  copy.exec('begin immediate; delete from resource')
  let first: SnapshotLine | undefined
  let count = 0
  for await (const text of linesOf('/v1/snapshot')) {
    const line: SnapshotLine = JSON.parse(text)
    first ??= line
    if (line.complete && line.count === count) return commit(first.next as string, first.position as number)
    if (line.type === undefined) continue
    insert.run(line.type, line.id as string, line.version as number, JSON.stringify(line.data))
    count += 1
    if (count % 10_000 === 0) say(`snapshot at position ${first.position}: ${count} resources`)
  }
  throw new Error('the snapshot broke off')
}

/** Applies the changes as they come, until the stream ends. */
async function follow(): Promise<void> {
  let digest: Digest | undefined
  let changes = 0
  for await (const { event, id, data } of events()) {
    // Whoever is proved is tried again soon; a copy that turns out wrong is taken anew less and less often.
    if (provedAt > 0) failures = 0
    if (event === 'gone') throw new Lost(data.detail)
    // What is held is the registry at the position of the digest, until something later is applied.
    if (digest && data.position >= digest.position + (event === 'change' ? 1 : 0)) digest = prove(digest)
    if (event === 'change') {
      // What was hidden after the digest was made may leave before its position: the next one is compared.
      if (data.operation === 'left') digest = undefined
      apply(data)
      changes += 1
      if (data.last) commit(id, data.position)
    } else {
      commit(id, data.position)
      say(`position ${data.position}: up to date, ${changes} changes applied`)
      if (digest || Date.now() - provedAt < PROVE_EACH_MS) continue
      for await (const line of linesOf('/v1/digest', {}, DIGEST_MS)) digest = JSON.parse(line) as Digest
      if (digest?.position === data.position) digest = prove(digest)
    }
  }
}

function apply({ type, resourceId, version, operation, data }: Change): void {
  if (!copy.isTransaction) copy.exec('begin immediate')
  if (operation === 'upsert') insert.run(type, resourceId, version, JSON.stringify(data))
  else remove.run(type, resourceId)
}

/** What was applied and the cursor after it become visible together. */
function commit(cursor: string, position: number): void {
  if (!copy.isTransaction) copy.exec('begin immediate')
  copy.exec('delete from place')
  move.run(cursor, position)
  copy.exec('commit')
}

/** Computes the digest a second time, from what is stored. */
function prove({ position, types }: Digest): undefined {
  for (const [type, expected] of Object.entries(types)) {
    let sum = 0n
    let count = 0
    for (const { id, version, data } of select.iterate(type)) {
      sum += BigInt(`0x${hash('sha256', `${id}\n${version}\n${JSON.stringify(JSON.parse(String(data)), sorted)}`)}`)
      count += 1
    }
    const found = (sum % 2n ** 256n).toString(16).padStart(64, '0')
    if (count !== expected.count || found !== expected.hash) throw new Lost(`position ${position}: ${type} differs`)
  }
  say(`position ${position}: the copy is proved`)
  if (options.once) process.exit()
  provedAt = Date.now()
}

/** Members in the order of their names: with it JSON.stringify writes the canonical form of RFC 8785. */
function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The Server-Sent Events after the place of the copy. */
async function* events(): AsyncGenerator<Event> {
  let event: Record<string, string> = {}
  for await (const line of linesOf('/v1/changes/stream', { 'last-event-id': String(place.get()?.cursor) })) {
    const [, field = '', value = ''] = /^(\w+): (.*)$/s.exec(line) ?? []
    if (field) event[field] = value
    if (line !== '') continue
    if (event.data) yield { ...event, data: JSON.parse(event.data) } as Event
    event = {}
  }
}

/** The lines of an answer as they arrive. Only a line feed ends one: other separators stand within texts. */
async function* linesOf(path: string, headers: Record<string, string> = {}, patienceMs = SILENCE_MS) {
  const silence = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const listen = () => {
    timer = setTimeout(() => silence.abort(new Error('the registry is silent')), patienceMs)
  }
  try {
    listen()
    if (key) headers.authorization = `Bearer ${key}`
    const url = new URL(`${path}?${options.filter ?? ''}`, registry)
    const answer = await fetch(url, { headers, signal: silence.signal })
    if (!answer.ok || !answer.body) {
      const { type, detail } = (await answer.json()) as Problem
      // A cursor that is too old, from another past, or of other filters; all else may pass.
      const isLost = answer.status === 410 || type === '/problems/invalid-cursor'
      throw isLost ? new Lost(detail) : new Error(detail)
    }
    let rest = ''
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer)
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
      listen()
    }
    if (rest) yield rest
  } finally {
    clearTimeout(timer)
    silence.abort()
  }
}
