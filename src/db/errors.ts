/**
 * Errors of the database, classified for the caller by SQLSTATE or, for errors of the network, by code and message. Pure; the error handler turns kinds into problems, so that no text of the database leaves the service.
 */

export type DatabaseErrorKind =
  /** The connection broke in use: whether the statement took effect is not known. */
  | 'connection-lost'
  /** No connection could be had: nothing was done. */
  | 'unavailable'
  /** The disk of the server is full: nothing was done. */
  | 'disk-full'
  /** The server or we gave up after a time limit: nothing was done. */
  | 'timeout'
  /** Somebody else held a lock for too long: nothing was done. */
  | 'lock-timeout'
  /** Two transactions were in each other's way: the whole transaction may be tried again. */
  | 'serialization'
  /** A rule of the database refused the row. */
  | 'constraint'
  /** A text that the database cannot hold, e.g. with a NUL. */
  | 'invalid-text'
  /** A value that is not of its type or is out of its range. */
  | 'invalid-value'
  /** A wrong statement: a defect of ours. */
  | 'defect'

export interface DatabaseFailure {
  kind: DatabaseErrorKind
  /** Null where the error came from the network. */
  sqlstate: string | null
  constraint: string | null
  table: string | null
}

/** What kind of database failure an error is; null if it did not come from the database. */
export function classify(error: unknown): DatabaseFailure | null {
  if (typeof error !== 'object' || error === null) return null
  const { code, severity, constraint, table, message } = error as Record<string, unknown>
  // EPIPE has five characters too; only errors of the server carry a severity.
  if (typeof code === 'string' && typeof severity === 'string')
    return { kind: kindOf(code), sqlstate: code, constraint: textOr(constraint), table: textOr(table) }
  const kind = networkKind(typeof code === 'string' ? code : '', typeof message === 'string' ? message : '')
  return kind && { kind, sqlstate: null, constraint: null, table: null }
}

/** Whether the connection on which a query failed so can no longer be trusted with another one. */
export function isConnectionSpent(error: unknown): boolean {
  const failure = classify(error)
  if (failure === null || failure.sqlstate === null) return true
  // 26000 and 0A000: what it has prepared no longer fits the tables; 25006: it leads to a server that was demoted.
  return /^(08|57P0|26000|0A000|25006)/.test(failure.sqlstate)
}

const textOr = (value: unknown) => (typeof value === 'string' ? value : null)

/** First match wins: 08P01 is our own error, not the network's. */
const SQLSTATES: [RegExp, DatabaseErrorKind][] = [
  [/^(40001|40P01)/, 'serialization'],
  [/^55P03/, 'lock-timeout'],
  [/^(57014|25P03|25P04)/, 'timeout'],
  [/^23/, 'constraint'],
  [/^(22021|22P05|22P02)/, 'invalid-text'],
  [/^22/, 'invalid-value'],
  [/^08P01/, 'defect'],
  [/^(08|57P01|57P02|57P05|26000|0A000)/, 'connection-lost'],
  [/^53100/, 'disk-full'],
  [/^(53|57P03|57P04|25006|28|3D000)/, 'unavailable'],
]

const kindOf = (sqlstate: string) => SQLSTATES.find(([pattern]) => pattern.test(sqlstate))?.[1] ?? 'defect'

const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
const BROKEN = /^(ECONNRESET|EPIPE|ETIMEDOUT|ECONNABORTED)$/

function networkKind(code: string, message: string): DatabaseErrorKind | null {
  // A socket that is missing, not any other file.
  if (/^connect ENOENT/.test(message)) return 'unavailable'
  if (/^(timeout exceeded when trying to connect|Connection terminated due to connection timeout)/.test(message))
    return 'unavailable'
  if (/^(Cannot use a pool after|driver has already been destroyed)/.test(message)) return 'unavailable'
  if (/^(Query read timeout|Connection terminated|Client (was closed|has encountered))/.test(message))
    return 'connection-lost'
  if (BROKEN.test(code)) return 'connection-lost'
  return UNREACHABLE.test(code) ? 'unavailable' : null
}

/** What an error says; of several addresses that were tried at once, which have no message of their own, the first. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
