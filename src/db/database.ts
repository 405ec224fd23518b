/**
 * Database client: one pool, its time limits, and a client that prepares statements by name and leaves the pool
 * by itself once its connection can no longer be trusted. The only file, beside the embedded server, that knows `pg`.
 */
import { Kysely, PostgresDialect } from 'kysely'
import { LRUCache } from 'lru-cache'
import pg from 'pg'
import { limits } from '../config.ts'
import { isConnectionSpent } from './errors.ts'
import type { DB } from './tables.ts'

export type Database = Kysely<DB>

export interface DatabaseOptions {
  /** Most connections at once. */
  connections?: number
  /** How long to wait for a connection, in milliseconds. */
  connectMs?: number
  /** For work that may take minutes, a migration: no limit but this one, in milliseconds. */
  patienceMs?: number
  /** How long a statement of such work waits for a lock, in milliseconds; by default as long as for all else. */
  lockMs?: number
  /** Called for idle connections that are lost; they are replaced at the next query. */
  onConnectionLost?: (error: Error) => void
}

const pools = new WeakMap<object, pg.Pool>()

/** A database whose connections are made when first needed: a wrong address shows at the first query. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new pg.Pool({
    Client,
    connectionString: url,
    application_name: 'ctg-registry',
    max: options.connections ?? limits.poolConnections,
    connectionTimeoutMillis: options.connectMs ?? limits.connectMs,
    idleTimeoutMillis: limits.idleConnectionMs,
    maxLifetimeSeconds: limits.connectionLifetimeSeconds,
    keepAlive: true,
    keepAliveInitialDelayMillis: limits.idleConnectionMs / 3,
    types: { getTypeParser },
    ...(options.patienceMs === undefined ? usualPatience : patience(options.patienceMs, options.lockMs)),
  })
  const lost = options.onConnectionLost ?? (() => undefined)
  pool.on('error', lost)
  // While a client is checked out the pool does not listen: without this a killed backend would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db: Database = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
  pools.set(db, pool)
  return db
}

/** Ends the pool; what is still running finishes first. */
export async function closeDatabase(db: Database): Promise<void> {
  await db.destroy()
}

/** How many callers wait for a connection at this moment. */
export function waitingForConnection(db: Database): number {
  return pools.get(db)?.waitingCount ?? 0
}

/** Of each session. The database is in memory or on a disk without a head to move: jumping costs as reading on. */
const SETTINGS = '-c timezone=UTC -c random_page_cost=1.1'

const usualPatience = {
  statement_timeout: limits.statementMs,
  lock_timeout: limits.lockMs,
  idle_in_transaction_session_timeout: limits.idleInTransactionMs,
  query_timeout: limits.queryMs,
  options: `-c transaction_timeout=${limits.transactionMs} ${SETTINGS}`,
}

const patience = (ms: number, lockMs = ms) => ({
  statement_timeout: ms,
  lock_timeout: lockMs,
  idle_in_transaction_session_timeout: ms,
  query_timeout: ms,
  options: SETTINGS,
})

/** Dates and timestamps stay text: a JavaScript Date would lose a day or the microseconds. */
const textTypes = new Set([1082, 1114, 1184])
const textListTypes = new Set([1182, 1115, 1185])
const TEXT_LIST: number = 1009

const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (oid, format) => {
  if (textTypes.has(oid)) return String
  return pg.types.getTypeParser(textListTypes.has(oid) ? (TEXT_LIST as typeof oid) : oid, format)
}

const PREPARED = /^\s*(select|insert|update|delete|merge|with)\b/i

/** What the types of the driver leave out of its connection. */
interface Wire {
  parsedStatements: Record<string, string>
  close(statement: { type: 'S'; name: string }): void
}

// biome-ignore lint/suspicious/noExplicitAny: the one signature that stands for the many overloads of the driver.
type AnyQuery = (...parameters: any[]) => any

class Client extends pg.Client {
  /** How long an answer may take, in milliseconds. */
  readonly #answerMs: number
  /** The names under which the statements of this connection are prepared, by their texts. */
  readonly #names = new LRUCache<string, string>({
    max: limits.preparedStatements,
    dispose: (name) => this.#forget(name),
  })
  #named = 0

  constructor({ query_timeout, ...options }: pg.ClientConfig = {}) {
    super(options)
    this.#answerMs = query_timeout ?? limits.queryMs
  }

  /**
   * Kysely calls with a text and values and awaits; calls of any other shape, those of the driver, pass unchanged. The
   * promise and the time limit are ours: with those of the driver the rows of an answer outlive their reader, up to a
   * full collection.
   */
  override query: AnyQuery = (...parameters) => {
    const send: AnyQuery = super.query
    const [text, values] = parameters
    if (typeof text !== 'string' || parameters.length > 2 || typeof values === 'function')
      return send.apply(this, parameters)
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, result?: unknown) => {
        clearTimeout(timer)
        if (!error) return resolve(result)
        // To end a client marks it, so that the pool drops it at its release.
        if (isConnectionSpent(error)) this.end().catch(() => undefined)
        reject(error)
      }
      const timer = setTimeout(() => settle(new Error('Query read timeout')), this.#answerMs)
      send.call(this, { name: this.#nameOf(text), text, values }, settle)
    })
  }

  /** Undefined for what cannot be prepared, such as BEGIN. */
  #nameOf(text: string): string | undefined {
    if (!PREPARED.test(text)) return undefined
    const known = this.#names.get(text)
    if (known !== undefined) return known
    const name = `s${this.#named++}`
    this.#names.set(text, name)
    return name
  }

  /** Closes a prepared statement, by a message that goes out with the next one and cannot fail a transaction. */
  #forget(name: string): void {
    const wire = this.connection as unknown as Wire
    delete wire.parsedStatements[name]
    wire.close({ type: 'S', name })
  }
}
