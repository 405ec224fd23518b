/**
 * Registry client: openapi-fetch with the types of the registry's OpenAPI document. It retries by itself, and gives each
 * write an `Idempotency-Key`, so that none is done twice. Lists are read as async iterators.
 */
import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './generated/schema.ts'
import { retryAfterMs, retryingFetch } from './retry.ts'

export type Schemas = components['schemas']
export type Registry = Client<paths, 'application/json' | 'application/problem+json'>

export interface ConnectOptions {
  /** An API key; reading what is public needs none. */
  key?: string | undefined
  /** How often a request is sent at most, 5 when left out. */
  attempts?: number
}

/** A registry at its address, such as `http://127.0.0.1:3000`. */
export function connect(baseUrl: string, { key, attempts = 5 }: ConnectOptions = {}): Registry {
  const registry: Registry = createClient({
    baseUrl,
    fetch: retryingFetch(attempts),
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    querySerializer: { array: { style: 'form', explode: false } },
  })
  registry.use({
    onRequest({ request }) {
      // A bulk sync takes none: it is safe to send again.
      const isWrite =
        !['GET', 'HEAD', 'OPTIONS'].includes(request.method) && !new URL(request.url).pathname.endsWith('/sync')
      if (isWrite && !request.headers.has('idempotency-key'))
        request.headers.set('idempotency-key', crypto.randomUUID())
    },
  })
  return registry
}

/** An answer that is no success. Its message has all that the problem says. */
export class RegistryError extends Error {
  readonly status: number
  /** Undefined where the answer is no problem (RFC 9457), as that of a proxy. */
  readonly problem: Schemas['Problem'] | undefined
  /** Milliseconds after which to try again; 0 where the answer does not say. */
  readonly retryAfterMs: number

  constructor(response: Response, error: unknown) {
    const problem = isProblem(error) ? error : undefined
    const messages = [problem?.detail, ...(problem?.errors ?? []).map(({ message }) => message)]
    super(messages.filter(Boolean).join(' ') || `${response.url} answered ${response.status}`)
    this.name = 'RegistryError'
    this.status = response.status
    this.problem = problem
    this.retryAfterMs = retryAfterMs(response)
  }
}

const isProblem = (error: unknown): error is Schemas['Problem'] =>
  typeof error === 'object' && error !== null && 'type' in error && 'status' in error

/** The data of a result; throws a `RegistryError` where there is none. */
export function dataOf<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (!response.ok || data === undefined) throw new RegistryError(response, error)
  return data
}

type Reads = { [P in keyof paths]: paths[P] extends { get: infer Get } ? Get : never }
type Answer<P extends keyof paths> = Reads[P] extends {
  responses: { 200: { content: { 'application/json': infer Body } } }
}
  ? Body
  : never
/** A list that is read in pages: on the last one `next` is null. */
type ListPath = {
  [P in keyof paths]: Answer<P> extends { data: unknown[]; next: infer Next } ? (null extends Next ? P : never) : never
}[keyof paths]
type Item<P extends ListPath> = Answer<P> extends { data: (infer One)[] } ? One : never
type Parameters<P extends ListPath> = Reads[P] extends { parameters: infer All }
  ? Pick<All, keyof All & ('path' | 'query')>
  : never
/** What a list needs besides its address: the ids in its path must be there, filters may be. */
type ListParameters<P extends ListPath> =
  Parameters<P> extends { path: unknown } ? [parameters: Parameters<P>] : [parameters?: Parameters<P>]

/** The pages of a list, one after the other, each read when it is reached. Throws a `RegistryError`. */
export async function* pages<P extends ListPath>(
  registry: Registry,
  path: P,
  ...[parameters]: ListParameters<P>
): AsyncGenerator<Answer<P>> {
  const { path: ids, query = {} } = (parameters ?? {}) as { path?: object; query?: object }
  let cursor: string | null | undefined
  do {
    const params = { path: ids, query: { ...query, ...(cursor && { cursor }) } }
    const page = dataOf(await registry.GET(path as never, { params } as never)) as { next: string | null }
    yield page as Answer<P>
    cursor = page.next
  } while (cursor)
}

/** The items of a list, across its pages. Throws a `RegistryError`. */
export async function* items<P extends ListPath>(
  registry: Registry,
  path: P,
  ...parameters: ListParameters<P>
): AsyncGenerator<Item<P>> {
  for await (const page of pages(registry, path, ...parameters)) yield* (page as { data: Item<P>[] }).data
}
