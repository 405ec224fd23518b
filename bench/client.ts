/** HTTP client of the suites: one kept connection for each concurrent request, no compression. */
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'

const CONNECTIONS = 64

export interface Client {
  /** The body of the answer; throws when its status is not the 2xx of success. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<string>
  /** The bytes of an answer to GET. */
  receive(path: string): Promise<Buffer>
  /** The answer as it comes in, whatever its status. */
  open(path: string, headers?: Record<string, string>): Promise<IncomingMessage>
  close(): void
}

/** A client with a key, or without one as the public. */
export function clientOf({ address, key }: { address: string; key?: string }): Client {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const content = body === undefined ? {} : { 'content-type': 'application/json' }
    const request = http.request(address + path, {
      method,
      agent,
      headers: { ...authorization, ...content, ...headers },
    })
    request.end(body === undefined ? undefined : JSON.stringify(body))
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    return answer
  }
  async function whole(...asked: Parameters<typeof send>): Promise<Buffer> {
    const answer = await send(...asked)
    const bytes = Buffer.concat((await answer.toArray()) as Buffer[])
    const { statusCode = 0 } = answer
    if (statusCode < 200 || statusCode > 299)
      throw new Error(`${asked[0]} ${asked[1]}: ${statusCode} ${bytes.toString('utf8', 0, 1000)}`)
    return bytes
  }
  return {
    ask: async (...asked) => (await whole(...asked)).toString(),
    receive: (path) => whole('GET', path),
    open: (path, headers) => send('GET', path, undefined, headers),
    close: () => agent.destroy(),
  }
}
