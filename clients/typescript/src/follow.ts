/**
 * Follower: keeps a copy of a registry exact. It begins with a snapshot, applies every change, and commits each
 * transaction of the registry together with the cursor after it: killed at any instant, it goes on where it was. Now and
 * then it compares the copy with the registry's digest.
 */
import { digestOf, type Row } from './digest.ts'
import { type Change, type FeedEvent, type Filter, poll, SilentStream, StaleCopy, stream } from './feed.ts'
import { dataOf, type Registry, RegistryError, type Schemas } from './registry.ts'
import { pauseMs, sleep } from './retry.ts'

/** Where a copy stands in the history of its registry. */
export interface Place {
  cursor: string
  position: number
  /** The form of bodies: when the registry has another one, a new snapshot is taken. */
  form: number
}

/** A resource as GET answers it, by its type. */
export type Resource = {
  [Type in Change['type']]: Row & { type: Type; data: NonNullable<Extract<Change, { type: Type }>['data']> }
}[Change['type']]

type Eventually<T> = T | Promise<T>

/** Where a copy is kept. Without transactions of its own, `begin` and `rollback` may be left out. */
export interface Copy {
  /** The place of the last commit; none before the first. */
  place(): Eventually<Place | undefined>
  /** Opens a transaction: what follows becomes visible with `commit`, or never. */
  begin?(): Eventually<void>
  /** Removes all resources: a snapshot follows. */
  reset(): Eventually<void>
  upsert(resource: Resource): Eventually<void>
  remove(type: Change['type'], id: string): Eventually<void>
  /** Keeps the place, and makes it visible together with all since `begin`. */
  commit(place: Place): Eventually<void>
  rollback?(): Eventually<void>
  /** All resources of a type; when left out the copy is not compared with the registry's digest. */
  rows?(type: Change['type']): Iterable<Row> | AsyncIterable<Row>
}

export interface FollowOptions {
  /** The part of the registry to copy. */
  filter?: Filter
  /** Ends as soon as the copy is up to date and, where it has `rows`, compared. */
  once?: boolean
  /** Ends when aborted; what was not committed is rolled back. */
  signal?: AbortSignal
  /** What happens, in words: for a log. */
  report?(text: string): void
  /** How often the copy is compared; an hour when left out. */
  proveEachMs?: number
  /** After how long a stream is given up that brings nothing; 45 seconds when left out. */
  silenceMs?: number
}

/** So many streams that bring nothing, one after the other, and changes are read in pages. */
const SILENT_STREAMS_MAX = 2
const SNAPSHOT_REPORT = 10_000
const PROVE_EACH_MS = 60 * 60_000
/** Three times as long as the registry is silent at most. */
const SILENCE_MS = 45_000

/**
 * Copies a registry and follows it, through failures of the network and restarts of the registry, until `once` or
 * `signal` ends it. Rejects with a `RegistryError` that will be the same tomorrow (a wrong key, a wrong filter), and with
 * what the copy throws.
 */
export async function follow(registry: Registry, copy: Copy, options: FollowOptions = {}): Promise<void> {
  if (options.filter?.excludeSource && copy.rows) throw new Error('a copy with excludeSource equals no digest')
  await new Follower(registry, copy, options).run()
}

/** An error of the copy, in a wrapper that tells it from those of the registry. */
class CopyError extends Error {}

class Follower {
  readonly #registry: Registry
  readonly #copy: Copy
  readonly #options: FollowOptions
  readonly #signal: AbortSignal
  readonly #report: (text: string) => void
  #place: Place | undefined
  #isOpen = false
  #isDone = false
  /** Not yet compared, since its position is still to come. */
  #digest: Schemas['Digest'] | undefined
  #provedAt = 0
  #failures = 0

  constructor(registry: Registry, copy: Copy, options: FollowOptions) {
    this.#registry = registry
    this.#copy = copy
    this.#options = options
    this.#signal = options.signal ?? new AbortController().signal
    this.#report = options.report ?? (() => undefined)
  }

  async run(): Promise<void> {
    this.#place = await this.#copy.place()
    let silentStreams = 0
    while (!this.#isDone && !this.#signal.aborted) {
      try {
        const { cursor } = this.#place ?? (await this.#takeSnapshot())
        await this.#follow(cursor, silentStreams < SILENT_STREAMS_MAX)
      } catch (error) {
        if (this.#isOpen) await this.#copy.rollback?.()
        this.#isOpen = false
        if (this.#signal.aborted) return
        silentStreams = error instanceof SilentStream ? silentStreams + 1 : 0
        await this.#recover(error)
      }
    }
  }

  async #follow(cursor: string, isStreamed: boolean): Promise<void> {
    const { filter = {}, silenceMs = SILENCE_MS } = this.#options
    const from = { filter, cursor, signal: this.#signal }
    const events = isStreamed ? stream(this.#registry, { ...from, silenceMs }) : poll(this.#registry, from)
    for await (const event of events) {
      await this.#apply(event)
      if (this.#isDone) return
    }
    throw new Error('the stream has ended')
  }

  /** Waits before the next attempt. Throws an error that no attempt mends. */
  async #recover(error: unknown): Promise<void> {
    if (error instanceof CopyError) throw error.cause
    const {
      status,
      problem,
      retryAfterMs = 0,
    } = error instanceof RegistryError ? error : ({} as Partial<RegistryError>)
    // A cursor that is too old, from another timeline, or of other filters.
    const isStale = error instanceof StaleCopy || status === 410 || problem?.type === '/problems/invalid-cursor'
    if (isStale) this.#place = undefined
    else if (status !== undefined && status < 500 && status !== 429) throw error
    this.#report(error instanceof Error ? error.message : String(error))
    await sleep(Math.max(retryAfterMs, pauseMs(this.#failures++)), this.#signal).catch(() => undefined)
  }

  /** Replaces the copy as a whole: the old one stays until the last line says that nothing is missing. */
  async #takeSnapshot(): Promise<Place> {
    this.#report('taking a snapshot')
    this.#provedAt = 0
    this.#digest = undefined
    await this.#begin()
    await this.#store(() => this.#copy.reset())
    let first: Schemas['SnapshotLine'] | undefined
    let count = 0
    const query = this.#options.filter ?? {}
    const answer = await this.#registry.GET('/v1/snapshot', {
      params: { query },
      parseAs: 'stream',
      signal: this.#signal,
    })
    for await (const text of linesOf(dataOf(answer) as ReadableStream<Uint8Array<ArrayBuffer>>)) {
      const line: Schemas['SnapshotLine'] = JSON.parse(text)
      first ??= line
      if (line.complete && line.count === count)
        return this.#commit({ cursor: String(first.next), position: Number(first.position), form: Number(first.form) })
      if (line.type === undefined) continue
      await this.#store(() => this.#copy.upsert(line as Resource))
      count += 1
      if (count % SNAPSHOT_REPORT === 0) this.#report(`snapshot at position ${first.position}: ${count} resources`)
    }
    throw new Error('the snapshot broke off')
  }

  async #apply({ change, cursor, position, form = this.#place?.form ?? 0 }: FeedEvent): Promise<void> {
    // One that is compared is tried again soon; one that turns out wrong is copied anew less and less often.
    if (this.#provedAt > 0 || !this.#copy.rows) this.#failures = 0
    if (form !== this.#place?.form) throw new StaleCopy(`position ${position}: bodies have another form`)
    // The copy is the registry at the position of the digest, until something later is applied.
    if (this.#digest && position >= this.#digest.position + (change ? 1 : 0)) await this.#prove(this.#digest)
    // What was hidden after the digest was made may leave before its position: the next one is compared.
    if (change?.operation === 'left') this.#digest = undefined
    if (!this.#isOpen) await this.#begin()
    if (change) await this.#store(() => this.#write(change))
    if (cursor !== undefined && change?.last !== false) await this.#commit({ cursor, position, form })
    if (change) return
    this.#report(`position ${position}: up to date`)
    await this.#compare(position)
  }

  #write({ type, resourceId: id, version, operation, data }: Change): Eventually<void> {
    if (operation !== 'upsert') return this.#copy.remove(type, id)
    return this.#copy.upsert({ type, id, version, data } as Resource)
  }

  /** Of a copy that is up to date: asks for the digest when it is time, and compares it once its position has come. */
  async #compare(position: number): Promise<void> {
    const { filter = {}, once = false, proveEachMs = PROVE_EACH_MS } = this.#options
    if (!this.#copy.rows) this.#isDone = once
    if (!this.#copy.rows || this.#digest || Date.now() - this.#provedAt < proveEachMs) return
    this.#digest = dataOf(await this.#registry.GET('/v1/digest', { params: { query: filter }, signal: this.#signal }))
    if (this.#digest.position === position) await this.#prove(this.#digest)
  }

  async #prove({ position, types }: Schemas['Digest']): Promise<void> {
    for (const [type, expected] of Object.entries(types) as [Change['type'], Schemas['TypeDigest']][]) {
      const { count, hash } = await digestOf(this.#copy.rows?.(type) ?? [])
      if (count !== expected.count || hash !== expected.hash)
        throw new StaleCopy(`position ${position}: ${type} differs`)
    }
    this.#report(`position ${position}: the copy is proved`)
    this.#digest = undefined
    this.#provedAt = Date.now()
    this.#isDone = this.#options.once ?? false
  }

  async #begin(): Promise<void> {
    await this.#store(() => this.#copy.begin?.())
    this.#isOpen = true
  }

  async #commit(place: Place): Promise<Place> {
    await this.#store(() => this.#copy.commit(place))
    this.#isOpen = false
    this.#place = place
    return place
  }

  async #store(work: () => Eventually<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      throw new CopyError('the copy failed', { cause })
    }
  }
}

/** Only a line feed ends a line: other separators stand within texts. */
async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
