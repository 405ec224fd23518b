/**
 * An exact copy of the registry in one SQLite file, as a system keeps it that must not lose a change. It begins with a
 * snapshot, follows the stream of changes, and commits each transaction of the registry together with the cursor after
 * it: killed at any instant, it goes on where it was. Now and then it proves itself by the registry's digest.
 *
 *   npm run mirror -- http://127.0.0.1:3000 mirror.sqlite [--filter departmentCode=61 ...] [--once]
 *
 * An API key is taken from REGISTRY_KEY. With `--once` it ends as soon as the copy is proved. While it runs, `-wal`
 * beside the file belongs to it. Its types: npx openapi-typescript URL/openapi.json --output generated/registry.ts
 */
import { hash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import canonicalize from 'canonicalize'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { components } from './generated/registry.ts'

type Schemas = components['schemas']

const PROVE_EACH_MS = 60 * 60_000

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { filter: { type: 'string', multiple: true, default: [] }, once: { type: 'boolean', default: false } },
})
const [registry = 'http://127.0.0.1:3000', file = 'mirror.sqlite'] = positionals
if (options.filter.some((one) => one.startsWith('excludeSource='))) throw new Error('such a copy is not exact')
// biome-ignore lint/style/noProcessEnv: every user of the machine would see a secret on the command line.
const key = process.env.REGISTRY_KEY

/** Bodies are kept in the canonical form of RFC 8785, of which digests are made. */
const copy = new DatabaseSync(file)
copy.exec(`pragma journal_mode = wal;
  create table if not exists resource (type text, id text, version integer, data text, primary key (type, id));
  create table if not exists place (cursor text, position integer, form integer)`)
const insert = copy.prepare('insert or replace into resource (type, id, version, data) values (?, ?, ?, ?)')
const remove = copy.prepare('delete from resource where type = ? and id = ?')
const move = copy.prepare('insert into place (cursor, position, form) values (?, ?, ?)')
const select = copy.prepare('select id, version, data from resource where type = ?')
const place = copy.prepare('select cursor, form from place')
process.once('exit', () => copy.close())
const say = (text: string) => console.log(`${new Date().toISOString()} ${text}`)

/** The registry does not know the place of this copy any more, or the copy is wrong: only a new snapshot helps. */
class Lost extends Error {}

let failures = 0
let waitMs = 0
let provedAt = 0
for (;;) {
  try {
    if (!place.get()) await takeSnapshot()
    await follow()
    throw new Error('the stream has ended')
  } catch (error) {
    say(`${registry}: ${(error as Error).message}`)
    if (copy.isTransaction) copy.exec('rollback')
    if (error instanceof Lost) copy.exec('delete from place')
  }
  const pause = Math.min(30_000, 500 * 2 ** failures++) * (0.5 + Math.random() / 2)
  await sleep(Math.max(waitMs, pause))
}

/** Replaces the copy as a whole: the old one stays until the last line says that nothing is missing. */
async function takeSnapshot(): Promise<void> {
  say('taking a snapshot')
  provedAt = 0
  copy.exec('begin immediate; delete from resource')
  let first: Schemas['SnapshotLine'] | undefined
  let count = 0
  for await (const text of linesOf(await ask('/v1/snapshot'))) {
    const line: Schemas['SnapshotLine'] = JSON.parse(text)
    first ??= line
    if (line.complete && line.count === count) return commit(first.next as string, first.position as number, first.form)
    if (line.type === undefined) continue
    insert.run(line.type, line.id as string, line.version as number, canonicalize(line.data) as string)
    count += 1
    if (count % 10_000 === 0) say(`snapshot at position ${first.position}: ${count} resources`)
  }
  throw new Error('the snapshot broke off')
}

/** Applies the changes as they come, until the stream ends. */
async function follow(): Promise<void> {
  let digest: Schemas['Digest'] | undefined
  const stream = await ask('/v1/changes/stream', { 'last-event-id': String(place.get()?.cursor) })
  for await (const { event, id = '', data } of stream.pipeThrough(new EventSourceParserStream())) {
    // Whoever is proved is tried again soon; a copy that turns out wrong is taken anew less and less often.
    if (provedAt > 0) failures = 0
    if (event === 'gone') throw new Lost((JSON.parse(data) as Schemas['Problem']).detail)
    // Of `complete` only the position and the form are known.
    const change: Schemas['Change'] & { form?: number } = JSON.parse(data)
    const { position, last, operation, type, resourceId, version, data: body, form = place.get()?.form } = change
    if (form !== place.get()?.form) throw new Lost(`position ${position}: bodies have another form`)
    // What is held is the registry at the position of the digest, until something later is applied.
    if (digest && position >= digest.position + (event === 'change' ? 1 : 0)) digest = prove(digest)
    // What was hidden after the digest was made may leave before its position: the next one is compared.
    if (operation === 'left') digest = undefined
    if (!copy.isTransaction) copy.exec('begin immediate')
    if (operation === 'upsert') insert.run(type, resourceId, version, canonicalize(body) as string)
    else if (event === 'change') remove.run(type, resourceId)
    if (event === 'complete' || last) commit(id, position, form)
    if (event === 'change') continue
    say(`position ${position}: up to date`)
    if (digest || Date.now() - provedAt < PROVE_EACH_MS) continue
    digest = JSON.parse((await Array.fromAsync(await ask('/v1/digest'))).join('')) as Schemas['Digest']
    if (digest.position === position) digest = prove(digest)
  }
}

/** What was applied and the cursor after it become visible together. */
function commit(cursor: string, position: number, form: unknown): void {
  copy.exec('delete from place')
  move.run(cursor, position, Number(form))
  copy.exec('commit')
}

/** Computes the digest a second time, from what is stored. */
function prove({ position, types }: Schemas['Digest']): undefined {
  for (const [type, expected] of Object.entries(types)) {
    let sum = 0n
    let count = 0
    for (const { id, version, data } of select.iterate(type)) {
      sum += BigInt(`0x${hash('sha256', `${id}\n${version}\n${data}`)}`)
      count += 1
    }
    const found = (sum % 2n ** 256n).toString(16).padStart(64, '0')
    if (count !== expected.count || found !== expected.hash) throw new Lost(`position ${position}: ${type} differs`)
  }
  say(`position ${position}: the copy is proved`)
  if (options.once) process.exit()
  provedAt = Date.now()
}

/** Only a line feed ends a line: other separators stand within texts. */
async function* linesOf(text: ReadableStream<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** The text of an answer. `fetch` gives up one that is silent for 5 minutes; the stream speaks each 15 seconds. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<ReadableStream<string>> {
  if (key) headers.authorization = `Bearer ${key}`
  const answer = await fetch(new URL(`${path}?${options.filter.join('&')}`, registry), { headers })
  // Seconds; a date is as good as none.
  waitMs = Number(answer.headers.get('retry-after')) * 1_000 || 0
  if (answer.ok && answer.body) return answer.body.pipeThrough(new TextDecoderStream())
  const { type, detail, errors = [] } = (await answer.json()) as Schemas['Problem']
  const message = [detail, ...errors.map((fault) => fault.message)].join(' ')
  // A cursor that is too old, from another timeline, or of other filters.
  if (answer.status === 410 || type === '/problems/invalid-cursor') throw new Lost(message)
  if (answer.status === 429 || answer.status >= 500) throw new Error(message)
  // It will answer the same tomorrow: somebody has to look at the key or the filter.
  say(`${registry}: ${message}`)
  process.exit(1)
}
