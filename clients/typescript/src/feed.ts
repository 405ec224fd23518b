/**
 * Feed of changes, read as a stream of events; or in pages by long poll, where something on the way holds streams back
 * or cuts them. Both bring the same.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { operations } from './generated/schema.ts'
import { dataOf, type Registry, type Schemas } from './registry.ts'

/** The part of the registry that is followed; of everything when empty. A cursor belongs to its filter. */
export type Filter = Omit<NonNullable<operations['getSnapshot']['parameters']['query']>, 'minimal'>
export type Change = Schemas['Change']

export interface FeedEvent {
  /** None where the feed only says that it is complete for now. */
  change?: Change
  /** Where to go on after it; within a page of changes only the last one has it. */
  cursor?: string
  position: number
  /** The form of bodies, where it is known. */
  form?: number
}

export interface FeedOptions {
  filter: Filter
  /** Where to go on. */
  cursor: string
  signal: AbortSignal
}

/** What is there cannot be continued: only a new snapshot helps. */
export class StaleCopy extends Error {}
/** A stream was opened, and nothing came. */
export class SilentStream extends Error {}

/** Seconds for which a page is waited for: less than proxies usually do. */
const WAIT_SECONDS = 20
const CHANGES_MAX = 1_000

/** Reads pages of changes, for ever. Throws a `RegistryError`. */
export async function* poll(registry: Registry, { filter, cursor, signal }: FeedOptions): AsyncGenerator<FeedEvent> {
  for (let wait = 0; ; ) {
    const query = { ...filter, since: cursor, limit: CHANGES_MAX, wait }
    const page = dataOf(await registry.GET('/v1/changes', { params: { query }, signal }))
    const { data, next, form } = page
    for (const [i, change] of data.entries())
      yield { change, position: change.position, form, ...(i === data.length - 1 && { cursor: next }) }
    if (page.complete) yield { cursor: next, position: page.position, form }
    cursor = next
    wait = page.complete ? WAIT_SECONDS : 0
  }
}

/**
 * Reads the stream until it ends. The registry sends something each 15 seconds, and at once that all has been sent: one
 * that brings nothing for `silenceMs` is given up. Throws a `RegistryError`, a `StaleCopy` or a `SilentStream`.
 */
export async function* stream(
  registry: Registry,
  { filter, cursor, signal, silenceMs }: FeedOptions & { silenceMs: number },
): AsyncGenerator<FeedEvent> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new SilentStream('the stream is silent')), silenceMs)
  let isSilent = true
  try {
    const answer = await registry.GET('/v1/changes/stream', {
      params: { query: filter, header: { 'Last-Event-ID': cursor } },
      parseAs: 'stream',
      // An attempt that fails is no silence.
      fetch: (request) => fetch(request),
      signal: AbortSignal.any([signal, silence.signal]),
    })
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        timer.refresh()
        controller.enqueue(chunk)
      },
    })
    const events = (dataOf(answer) as ReadableStream<Uint8Array<ArrayBuffer>>)
      .pipeThrough(heard)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
    for await (const { event, id = '', data } of events) {
      const message = JSON.parse(data)
      if (event === 'gone') throw new StaleCopy((message as Schemas['Problem']).detail)
      isSilent = false
      if (event === 'change') yield { change: message as Change, cursor: id, position: (message as Change).position }
      if (event === 'complete') yield { ...(message as { position: number; form: number }), cursor: id }
    }
  } finally {
    clearTimeout(timer)
  }
  if (isSilent) throw new SilentStream('the stream ended without an event')
}
