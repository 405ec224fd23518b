/**
 * Request log: one line for each request, with its route, status and milliseconds. Never a query, a header
 * or a body: people put keys into them. Lines are written asynchronously, several at once, and flushed when the process ends.
 */
import { type FastifyReply, type FastifyRequest, LogController, type onRequestAbortHookHandler } from 'fastify'
import { type Logger, pino } from 'pino'

/** Lines wait for so many bytes of them, or so long: a system call for each costs a twentieth of a small read. */
const BUFFER_BYTES = 4_096
const FLUSH_MS = 100
/** Of lines that cannot be written, while the disk is full; later ones are lost. */
const UNWRITTEN_BYTES = 1_048_576

/** A logger to the standard output. `level` is one of pino's, or `silent`. */
export function openLogger(level: string, destination: string | number = 1): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    linesTo(destination),
  )
}

/** Written to again with the next flush after an error: a full disk ends neither the service nor its end. */
function linesTo(destination: string | number) {
  const lines = pino.destination({
    dest: destination,
    sync: false,
    minLength: BUFFER_BYTES,
    maxLength: UNWRITTEN_BYTES,
    periodicFlush: FLUSH_MS,
  })
  lines.on('error', () => {
    // At the exit it would try for ever.
    lines.flushSync = () => undefined
  })
  return lines
}

/** Only what leads to the defect: errors of the database also carry the rows that they are about. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) }
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  return { type: error.name, message: error.message, code, constraint, stack: error.stack }
}

/** The framework's log, reduced to one line for each request, once its answer has gone or its sender has. */
export class RequestLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'request' })
  }

  override incomingRequest(): void {}
  override defaultErrorLog(): void {}
  override routeNotFound(): void {}

  override requestCompleted(_error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const ms = Math.round(reply.elapsedTime * 10) / 10
    request.log.info({ ...requestLine(request), status: reply.statusCode, ms })
  }
}

/** The line of a request whose client disconnected; it may still take effect. */
export const logAborted: onRequestAbortHookHandler = (request, done) => {
  request.log.info({ ...requestLine(request), aborted: true })
  done()
}

const requestLine = ({ method, url }: FastifyRequest) => ({ method, path: url.split('?', 1)[0] })
