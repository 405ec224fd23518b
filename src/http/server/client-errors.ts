/**
 * Client errors before there is a request that the framework knows: bytes that are no HTTP, headers that are too
 * large or too slow, CONNECT. The answers are written by hand, in the same form
 * as all problems.
 */
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { limits } from '../../config.ts'
import { type Problem, problem, problemBody } from '../errors/problems.ts'
import { fixedHeaders } from '../output/headers.ts'
import { jsonLine } from '../output/response.ts'

interface ClientError extends Error {
  code?: string
  rawPacket?: unknown
}

interface ServerSocket extends Socket {
  /** The answer that Node is writing on the connection. */
  _httpMessage?: ServerResponse | null
}

/** A connection that was stopped while answers are still owed; see pipelining.ts. */
const STOPPED = 'HPE_CB_HEADERS_COMPLETE'

/** The framework's `clientErrorHandler`. */
export function answerClientError(error: ClientError, socket: ServerSocket): void {
  if (error.code === 'ECONNRESET' || error.code === STOPPED || socket.destroyed) return
  const running = socket._httpMessage
  // The bytes follow a whole request: its answer is still owed, and nothing can be said after it, or begin.
  if (running?.req.complete) running.prependOnceListener('close', () => socket.destroySoon())
  else if (!socket.writable || running?.headersSent) socket.destroy()
  else writeProblem(socket, clientProblem(error))
}

/** Listens for what Node would answer by itself, in a form of its own. */
export function answerRawRequests(server: Server): void {
  server.on('connection', closeInStages)
  // An expectation is refused in its turn, like all that is wrong with a request; see pipeline.ts.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response)
  })
  server.on('connect', (_request: IncomingMessage, socket: ServerSocket) => {
    // The answer would pass for that of the request before, which has none yet.
    if (socket._httpMessage) {
      socket.destroy()
      return
    }
    const headers = { allow: 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT' }
    writeProblem(socket, problem('method-not-allowed', 'CONNECT is not allowed.', { headers }))
  })
}

/** Answers a request that the framework does not know, and closes its connection. */
export function answerLast(response: ServerResponse, refusal: Problem): void {
  const { body, headers } = rawAnswer(refusal)
  response.writeHead(refusal.status, headers).end(body)
}

/** What still comes on a connection is read and forgotten, and costs next to nothing: it is no longer parsed. */
export function ignoreInput(socket: Duplex): void {
  socket
    .removeAllListeners('data')
    .on('data', () => undefined)
    .resume()
}

function clientProblem({ code, rawPacket }: ClientError): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem('request-timeout', 'The request did not arrive in time.')
    case 'HPE_HEADER_OVERFLOW':
      if (beginsWithLongUrl(rawPacket))
        return problem('uri-too-long', `The URL is longer than ${limits.urlCharacters} characters.`)
      return problem('headers-too-large', `The headers are larger than ${limits.headerBytes} bytes.`)
    case 'HPE_INVALID_METHOD':
      return problem('bad-request', 'The method is unknown.')
    default:
      return problem('bad-request', 'The request is not valid HTTP.')
  }
}

/** Whether the first line of the request alone is longer than a URL may be. */
function beginsWithLongUrl(packet: unknown): boolean {
  if (!Buffer.isBuffer(packet)) return false
  const firstLine = packet.subarray(0, limits.urlCharacters)
  return (
    firstLine.length === limits.urlCharacters &&
    !firstLine.includes('\n') &&
    /^[A-Z]+ \S+$/.test(firstLine.toString('latin1'))
  )
}

function rawAnswer(refusal: Problem) {
  const id = randomUUID()
  const body = jsonLine(problemBody(refusal, id))
  const headers = {
    ...fixedHeaders({ method: 'GET', protocol: 'http' }),
    'x-request-id': id,
    ...refusal.headers,
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  }
  return { body, headers }
}

function writeProblem(socket: Duplex, refusal: Problem): void {
  const { body, headers } = rawAnswer(refusal)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.on('error', () => {})
  endInStages(socket, `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`)
}

/** The server of Node calls this after the last answer; its own would reset the connection of who still sends. */
function closeInStages(socket: Socket): void {
  socket.destroySoon = () => endInStages(socket)
}

/**
 * Closes a connection in stages (RFC 9112, 9.6): no more is written, what still comes is read and forgotten, and the
 * end is that of the other side, or comes after a while. Closed at once, unread bytes would reset the connection, and
 * its client would lose the last answer.
 */
function endInStages(socket: Duplex, last = ''): void {
  ignoreInput(socket)
  socket.end(last, () => {
    const timer = setTimeout(() => socket.destroy(), limits.lingerMs)
    socket.once('close', () => clearTimeout(timer))
  })
}
