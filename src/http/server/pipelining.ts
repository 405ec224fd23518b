/**
 * Pipelining: the requests of a connection begin one after the other (RFC 9112, 9.3.2), before the framework makes
 * anything of those that wait. One that sends too many ahead of their answers gets a problem in its turn and is closed.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { limits } from '../../config.ts'
import { problem } from '../errors/problems.ts'
import { answerLast, ignoreInput } from './client-errors.ts'

/** Has `handle` begin each request of a connection once the answer to the one before has gone. */
export function serveOneByOne(server: Server, handle: RequestListener): void {
  /** How to begin what waits behind the request that has begun; a connection without one is absent. */
  const waiting = new WeakMap<Socket, (() => void)[]>()
  const refused = new WeakSet<Socket>()

  function next(socket: Socket): void {
    const begin = waiting.get(socket)?.shift()
    if (!begin) waiting.delete(socket)
    else if (isOpen(socket)) begin()
  }

  server.on('connection', (socket) => stopParser(socket, () => refused.has(socket)))
  server.on('request', (request, response) => {
    const { socket } = request
    // Nothing begins after the last answer of a connection: its outcome could not be answered.
    if (!isOpen(socket) || refused.has(socket)) return
    const queue = waiting.get(socket)
    const isTooMany = queue !== undefined && queue.length + 1 >= limits.pipelined
    if (isTooMany) {
      refused.add(socket)
      ignoreInput(socket)
    }
    const begin = () => {
      response.once('close', () => next(socket))
      if (isTooMany) refuse(response)
      else handle(request, response)
    }
    if (queue) queue.push(begin)
    else {
      waiting.set(socket, [])
      begin()
    }
  })
}

/** Whether an answer can still be sent on a connection. */
export const isOpen = ({ destroyed, writableEnded }: Socket) => !destroyed && !writableEnded

function refuse(response: ServerResponse): void {
  const detail = `More than ${limits.pipelined} requests were sent on the connection ahead of their answers.`
  answerLast(response, problem('too-many-requests', detail, { headers: { 'retry-after': '1' } }))
}

interface ParsedSocket extends Socket {
  /** Node's parser of the connection. */
  parser?: { onIncoming?: (request: IncomingMessage, shouldKeepAlive: boolean) => number }
}

/**
 * Node parses what it has read to its end, and makes objects of thousands of requests where one packet holds them. Its
 * parser takes an answer other than 0 to 2 for an error, and looks at nothing more.
 */
function stopParser({ parser }: ParsedSocket, isRefused: () => boolean): void {
  const onIncoming = parser?.onIncoming
  if (!onIncoming) return
  parser.onIncoming = (request, shouldKeepAlive) => (isRefused() ? -1 : onIncoming(request, shouldKeepAlive))
}
