/**
 * Coherent cache: answers to reads as the bytes that the public gets, exact at every moment. The protocol:
 *
 * 1. A read is registered before it begins. Once it has ended, its answer is kept, under tags of what it depends on,
 *    only if no look since then has named one of them.
 * 2. A look asks the journal for its end, and for the tags of all that was written since the last look. Answers with
 *    these tags are dropped.
 * 3. A kept answer is sent only after a look that began after its request arrived. Requests that wait share the next
 *    look; the one under way may have begun before a commit that they already know of.
 * 4. When a look fails, cannot name all that has changed, or tells of another past, everything is dropped.
 */
import { LRUCache } from 'lru-cache'
import type { Representation } from '../../http/output/response.ts'
import type { Look } from './freshness.ts'

/** An answer, and when it has to be made again. */
export interface Answer {
  representation: Representation
  /** What it depends on: see freshness.ts. */
  tags: readonly string[]
  /**
   * Who gets the same bytes: everyone who may see them at all, those who see no more than the public, or nobody else,
   * because it draws on a draft. Nothing public names a draft.
   */
  audience: 'everyone' | 'public' | 'nobody'
}

/** How the cache asks the database; see freshness.ts. */
export interface Freshness {
  look(): Promise<Look>
  changedBetween(before: Look, now: Look): Promise<string[] | null>
}

/** A read under way: the tags that looks have named since it was registered; null once everything has changed. */
type Fill = { changed: Set<string> | null }

/** Of an entry beside its bytes: its key, its tags, its place in the tables. */
const ENTRY_BYTES = 500
/** For so many reads of others a request waits, one after the other, before it reads itself. */
const WAITS_MAX = 3

export class AnswerCache {
  readonly #freshness: Freshness
  readonly #answers: LRUCache<string, Answer>
  readonly #keysByTag = new Map<string, Set<string>>()
  readonly #fills = new Set<Fill>()
  /** The ends of reads under way, which never reject. */
  readonly #reads = new Map<string, Promise<void>>()
  #waiting: (() => void)[] = []
  #isLooking = false
  /** What the answers are as fresh as; undefined while nothing may be kept. */
  #last: Look | undefined

  /** Keeps at most so many bytes, more than 0. */
  constructor(freshness: Freshness, bytes: number) {
    this.#freshness = freshness
    this.#answers = new LRUCache({
      maxSize: bytes,
      sizeCalculation: ({ representation, tags }, key) =>
        representation.size + key.length + ENTRY_BYTES + tags.length * 40,
      dispose: (answer, key, reason) => {
        if (reason !== 'set') this.#forget(key, answer)
      },
    })
  }

  /**
   * Calls `hit` with the answer of a key once a later look has confirmed it, else `miss`: then the caller reads it. Many
   * requests for the same answer at once share one read. Neither callback may throw.
   */
  find(key: string, seesOnlyPublic: boolean, hit: (kept: Representation) => void, miss: () => void): void {
    const findAgain = (waits: number) => {
      const kept = this.#peek(key, seesOnlyPublic)
      if (kept) hit(kept)
      else waitForRead(waits)
    }
    const waitForRead = (waits: number) => {
      const read = waits > 0 ? this.#reads.get(key) : undefined
      if (read) read.then(() => this.#afterNextLook(() => findAgain(waits - 1)))
      else miss()
    }
    if (this.#peek(key, seesOnlyPublic)) this.#afterNextLook(() => findAgain(WAITS_MAX))
    else waitForRead(WAITS_MAX)
  }

  /** Reads an answer and keeps it if nothing of it changed meanwhile. */
  fill(key: string, read: () => Promise<Answer>): Promise<Representation> {
    const filled = this.#fill(key, read)
    const end = filled.then(
      () => undefined,
      () => undefined,
    )
    this.#reads.set(key, end)
    end.then(() => this.#reads.get(key) === end && this.#reads.delete(key))
    return filled
  }

  async #fill(key: string, read: () => Promise<Answer>): Promise<Representation> {
    const fill: Fill = { changed: new Set() }
    const isRegistered = this.#last !== undefined
    if (isRegistered) this.#fills.add(fill)
    else this.#afterNextLook(() => undefined)
    try {
      const answer = await read()
      if (isRegistered && answer.audience !== 'nobody' && !hasChanged(fill, answer.tags)) this.#keep(key, answer)
      return answer.representation
    } finally {
      this.#fills.delete(fill)
    }
  }

  /** The bytes of all that is kept. */
  get size(): number {
    return this.#answers.calculatedSize
  }

  /** The answer of a key, fresh or not; undefined when there is none for such a reader. */
  #peek(key: string, seesOnlyPublic: boolean): Representation | undefined {
    const answer = this.#answers.get(key)
    if (!answer || !(seesOnlyPublic || answer.audience === 'everyone')) return undefined
    const { representation } = answer
    // Its second use: from now on its compressed forms are kept too, and count.
    if (!representation.isKept) representation.keep(() => this.#grow(key, answer))
    return representation
  }

  /** Calls back once a look that has not begun yet has dropped what has changed. The callback may not throw. */
  #afterNextLook(done: () => void): void {
    this.#waiting.push(done)
    if (this.#isLooking) return
    this.#isLooking = true
    // All that arrived in the same turn of the event loop share one look.
    setImmediate(() => void this.#lookWhileAsked())
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      await this.#look().catch(() => this.#dropAll(undefined))
      for (const done of waiting) done()
    }
    this.#isLooking = false
  }

  async #look(): Promise<void> {
    const now = await this.#freshness.look()
    const before = this.#last
    if (now.isStandby) return this.#dropAll(undefined)
    if (before?.position === now.position && before.chain === now.chain && before.basis === now.basis) return
    const isOlder = before === undefined || before.position > now.position || before.basis !== now.basis
    const changed = isOlder ? null : await this.#freshness.changedBetween(before, now)
    if (changed === null) return this.#dropAll(now)
    for (const { changed: named } of this.#fills) for (const tag of changed) named?.add(tag)
    for (const tag of changed) for (const key of [...(this.#keysByTag.get(tag) ?? [])]) this.#answers.delete(key)
    this.#last = now
  }

  #dropAll(now: Look | undefined): void {
    for (const fill of this.#fills) fill.changed = null
    this.#answers.clear()
    this.#last = now
  }

  #keep(key: string, answer: Answer): void {
    this.#answers.delete(key)
    for (const tag of answer.tags) {
      const keys = this.#keysByTag.get(tag)
      if (keys) keys.add(key)
      else this.#keysByTag.set(tag, new Set([key]))
    }
    this.#answers.set(key, answer)
    // Too large for the cache.
    if (!this.#answers.has(key)) this.#forget(key, answer)
  }

  /** Counts the bytes of an answer anew, unless it has been dropped meanwhile. */
  #grow(key: string, answer: Answer): void {
    if (this.#answers.peek(key)?.representation !== answer.representation) return
    this.#answers.set(key, { ...answer })
    if (!this.#answers.has(key)) this.#forget(key, answer)
  }

  #forget(key: string, { tags }: Answer): void {
    for (const tag of tags) {
      const keys = this.#keysByTag.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) this.#keysByTag.delete(tag)
    }
  }
}

const hasChanged = ({ changed }: Fill, tags: readonly string[]) =>
  changed === null || tags.some((tag) => changed.has(tag))
