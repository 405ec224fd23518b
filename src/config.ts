/**
 * Configuration: the environment, read once into one frozen, typed object, and every bound
 * that holds whatever the environment says. It is the only reader of process.env. An invalid value stops the
 * start with a line that names the variable; secrets are never part of such a line.
 */
import { flag, matching, networks, oneOf, origin, type Parse, postgresUrl, whole } from './variables.ts'

/** The bounds of the service. Units end the names; a list without a unit counts its items. */
export const limits = {
  bodyBytes: 256 * 1024,
  documentBytes: 8 * 1024 * 1024,
  jsonDepth: 32,
  /** Objects and lists in a body: more than the largest document needs, and less than 8 MB of brackets make. */
  jsonContainers: 300_000,
  /** And members and entries: each costs several times its bytes before it is looked at. */
  jsonValues: 1_000_000,
  /** Members of one object, entries of one list: several times as many as the longest list of a document. */
  jsonEntries: 10_000,
  /** Threads for work that would keep the others waiting, of each kind of work, for how long, and when an idle one ends. */
  workerThreads: 1,
  workerTaskMs: 20_000,
  workerIdleMs: 60_000,
  workerMegabytes: 160,
  urlCharacters: 8_000,
  cursorCharacters: 2_000,
  /** A source's key of 200 characters, percent-encoded: four bytes of three characters each. */
  parameterCharacters: 2_400,
  /** Above the limit of URLs, so that a long URL is told from too many headers. */
  headerBytes: 32 * 1024,
  pageItems: 200,
  pageItemsByDefault: 50,
  problemErrors: 100,

  /** A request must have arrived whole by then, its headers earlier. */
  requestMs: 30_000,
  headersMs: 15_000,
  connectionsCheckMs: 2_000,
  /** The sum of what one handler can wait for: its turn, a connection, queries, a rollback. */
  handlerMs: 50_000,
  idleSocketMs: 120_000,
  /** Above the idle timeout of usual load balancers (60 s), so that they and not we end a kept connection. */
  keepAliveMs: 72_000,
  /** Who sends a body or takes an answer at less than this, at each check while there is more of it, is cut off. */
  slowPeers: { bytesPerSecond: 8 * 1024, checkMs: 10_000 },
  /** The network takes what is sent in bursts, of up to a third of its buffer: a reader may be so far behind the rate. */
  burstBytes: 1024 * 1024,
  /** Bodies and answers of so many bytes are what any connection takes: they are not counted. */
  smallBytes: 16 * 1024,
  /** After the last answer a client may go on sending for so long before the connection is cut. */
  lingerMs: 2_000,
  /** Requests sent on a connection ahead of their answers; with more it is closed. */
  pipelined: 32,
  /** In one turn of the event loop no more requests begin than it takes so long to begin. */
  sliceMs: 20,
  /** Connections at once; more are closed at once. Each costs a few kilobytes while nothing is asked. */
  connections: 10_000,
  /**
   * After the first signal the service listens until there was no connection and no request for `drainMs`, at most for
   * `drainMaxMs`; then connections that are kept open have as long a silence before they are closed.
   */
  drainMs: 500,
  drainMaxMs: 5_000,
  /** After the first signal: what is still open by then is cut. */
  stopMs: 28_000,
  /** A signal repeated within this time is the same one, sent by the terminal and by npm. */
  sameSignalMs: 1_000,
  /** Between two looks at the clock: a status changes at most so late after midnight. */
  clockMs: 20_000,
  /** The clocks of a process and of the database agree when they differ by no more; else no status follows the day. */
  clockSkewMs: 60_000,

  /** Units of the rate limit that an operation of each kind takes: about what its work is to that of a simple read. */
  costs: { none: 0, read: 1, write: 5, large: 10, document: 50, failedAuth: 100, fullScan: 500 },
  /** Callers counted at once; of more the longest silent are forgotten. About 100 bytes each. */
  countedCallers: 50_000,

  /**
   * Of what lasts, how much is in use at once: by one organization or network, at most a quarter of the total; by all
   * callers with a key, and as much by all without one.
   */
  streams: { perCaller: 50, total: 500 },
  longPolls: { perCaller: 100, total: 1_000 },
  /** Bytes of bodies as they arrive and until they are answered: what is made of them takes several times as much. */
  bodiesBytes: { perCaller: 8 * 1024 * 1024, total: 32 * 1024 * 1024 },
  /** Bytes of answers that their readers have not taken yet. */
  unreadBytes: { perCaller: 8 * 1024 * 1024, total: 64 * 1024 * 1024 },
  /** Requests being worked on, without those that wait for a change: together no more than may wait for the database. */
  requests: { perCaller: 100, total: 400 },
  /** Of them those for whole documents or long pages, until they are answered. */
  largeReads: { perCaller: 16, total: 100 },
  /** Of large reads so many are worked on at once, so that small ones never wait long; the others queue. */
  largeReadSlots: 4,
  /**
   * Writes that run at once; the others queue, for so long. Each holds a connection of the pool while it waits for locks:
   * those of one caller, and all together, leave connections for others.
   */
  writeSlots: { perCaller: 3, total: 12 },
  writeWaitMs: 10_000,
  /** Bulk syncs, until their results have been read. Each line takes a slot of writes like any other write. */
  syncs: { perCaller: 4, total: 16 },
  /** Of one of them: its body, decompressed; its lines; how long it may take; and its results that wait in a file. */
  sync: { bytes: 4 * 1024 ** 3, lines: 100_000, ms: 12 * 3_600_000, unreadBytes: 64 * 1024 * 1024 },
  /** And whether its key still holds is asked after so long. */
  syncKeyMs: 10_000,
  /** Of those who are woken by a change so many read at once, so that others find a connection. */
  wakeupSlots: 8,
  /** Snapshots, digests and exports, until they have been read; so many at once read from the database. */
  snapshots: { perCaller: 2, total: 16 },
  snapshotSlots: 4,
  /** What takes longer to read from the database, or stalls for so long, is given up. */
  snapshotMs: 15 * 60_000,
  snapshotStallMs: 60_000,

  poolConnections: 16,
  /** More requests than these in the queue for a connection would wait in vain: they are refused. */
  poolWaiting: 800,
  /** The database is away when it has not answered for so long; it is asked again after each pause. */
  presenceMs: 800,
  beatMs: 250,
  /** The process is short of time when its event loop was later than this, on average, in so many samples in a row. */
  loopDelayMs: 1_000,
  loopSampleMs: 500,
  loopSamples: 2,
  loopResolutionMs: 20,
  /** Of the memory that the engine may use; above it nothing new is begun. */
  heapShare: 0.9,

  connectMs: 3_000,
  statementMs: 6_000,
  lockMs: 4_000,
  idleInTransactionMs: 10_000,
  transactionMs: 15_000,
  /** On our side, in case the network swallows the answer: the server gives up one second earlier. */
  queryMs: 7_000,
  idleConnectionMs: 30_000,
  connectionLifetimeSeconds: 600,
  /** Statements prepared on each connection; of more the longest unused are closed. */
  preparedStatements: 500,
  /** An answer to a write with an Idempotency-Key is given again for a day. */
  idempotencySeconds: 86_400,
  /** The last use of a key is noted at most so often. */
  keyUseSeconds: 60,
  /** How long the former secret of a key works after a rotation. */
  keyOverlapSeconds: 86_400,
  keyOverlapSecondsMax: 7 * 86_400,
  /** Keys of one organization that are not revoked; those without an organization count together. */
  keysOfOrganization: 100,
  /** Refused attempts told apart until they are written; what goes beyond is counted without saying of whom. */
  refusalsGathered: 500,
  refusalsFlushMs: 5_000,
  /** An audit that is read whole: how many at once, for how long, in reads of so many entries. */
  auditExports: { perCaller: 2, total: 16 },
  auditMs: 15 * 60_000,
  auditBatch: 1_000,
  transactionAttempts: 4,
  migrationMs: 600_000,
  /**
   * A migration waits for a lock for less than the requests that queue behind it, and is tried again after pauses that
   * grow: half of this, then twice as long each time. All attempts together outlast `transactionMs`.
   */
  migrationLockMs: 2_000,
  migrationAttempts: 5,
  /** How long a start waits for a database that is absent or in recovery, and between two attempts. */
  databaseStartMs: 60_000,
  databaseRetryMs: 500,
  embeddedStartSeconds: 60,
} as const

/** The time of the registry, which is the database's; tests set their own. Its calendar is that of Europe/Paris. */
export interface Clock {
  now(): Date
  /** Milliseconds since some instant, for what counts time: it never goes back. */
  elapsedMs(): number
  /** How far the clock of this process is ahead of `now`, in milliseconds; negative: behind. */
  skewMs(): number
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export interface Config {
  host: string
  port: number
  /** Null: the embedded Postgres in `dataDir`. */
  databaseUrl: string | null
  /** Of the role that owns the tables; null: that of `databaseUrl`. */
  migrateDatabaseUrl: string | null
  dataDir: string
  logLevel: (typeof LOG_LEVELS)[number]
  bootstrapAdminKey: string | null
  loadExample: boolean
  /** Null: the journal is kept for ever. */
  journalRetentionDays: number | null
  /**
   * Units a minute for an address, of which a simple read takes one; a key has ten times as many. 0: no limit, nor any
   * quota by caller.
   */
  rateLimit: number
  /** Megabytes of answers to reads that are kept in memory; 0: none. */
  cacheMb: number
  /** The addresses and networks (CIDR) of the proxies whose `X-Forwarded-*` headers are believed. */
  trustProxy: readonly string[]
  /** The SPDX identifier of the licence under which the data is. */
  dataLicence: string
  /** A mailbox of those who operate the registry; null: nobody's. */
  contactEmail: string | null
  /** The origin under which the world knows the service, such as https://ctg.example; null: unknown. */
  publicUrl: string | null
}

/** One line for each variable that cannot be meant. */
export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>

/**
 * The configuration that an environment describes; an empty value counts as absent, an unknown variable is ignored.
 * Throws a ConfigError that names every variable with a wrong value.
 */
// biome-ignore lint/style/noProcessEnv: the one place that reads it.
export function readConfig(env: Environment = process.env): Readonly<Config> {
  const errors: string[] = []
  function read<T, Absent>(name: string, absent: Absent, parse: Parse<T>, form: string, secret = false): T | Absent {
    const value = env[name]?.trim()
    if (!value) return absent
    const parsed = parse(value)
    if (parsed !== undefined) return parsed
    errors.push(
      `${name} is ${secret ? `wrong (${value.length} characters, not shown)` : JSON.stringify(value)}: ${form}`,
    )
    return absent
  }
  const readUrl = (name: string) =>
    read(name, null, postgresUrl, 'it must be postgres://user:password@host:port/database', true)
  const databaseUrl = readUrl('DATABASE_URL')
  const migrateDatabaseUrl = readUrl('MIGRATE_DATABASE_URL')
  if (migrateDatabaseUrl !== null && databaseUrl === null)
    errors.push('MIGRATE_DATABASE_URL is set without DATABASE_URL: it is for a role of the same database that serves')
  const config: Config = {
    host: read('HOST', '127.0.0.1', matching(/^[\w.:-]{1,253}$/), 'it must be an IP address or a host name'),
    port: read('PORT', 3000, whole(0, 65_535), 'it must be a whole number from 0 (any free port) to 65535'),
    databaseUrl,
    migrateDatabaseUrl,
    dataDir: read('DATA_DIR', '.data', (value) => (value.includes('\0') ? undefined : value), 'it must be a folder'),
    logLevel: read('LOG_LEVEL', 'info', oneOf(LOG_LEVELS), `it must be one of ${LOG_LEVELS.join(', ')}`),
    bootstrapAdminKey: read(
      'BOOTSTRAP_ADMIN_KEY',
      null,
      matching(/^[\x21-\x7e]{32,255}$/),
      'it must be 32 to 255 printable ASCII characters without a space',
      true,
    ),
    loadExample: read('LOAD_EXAMPLE', databaseUrl === null, flag, 'it must be true or false'),
    journalRetentionDays: read(
      'JOURNAL_RETENTION_DAYS',
      null,
      whole(1, 36_500),
      'it must be a whole number of days from 1 to 36500, or empty to keep the journal for ever',
    ),
    rateLimit: read(
      'RATE_LIMIT',
      6_000,
      whole(0, 1_000_000),
      'it must be a whole number of units a minute from 0 (no limit) to 1000000',
    ),
    cacheMb: read('CACHE_MB', 64, whole(0, 16_384), 'it must be a whole number of megabytes from 0 to 16384'),
    trustProxy: read(
      'TRUST_PROXY',
      [],
      networks,
      'it must be the addresses or networks of your proxies, such as 10.0.0.0/8, fd00::/8, separated by commas',
    ),
    dataLicence: read(
      'DATA_LICENCE',
      'etalab-2.0',
      matching(/^[A-Za-z\d][A-Za-z\d.+-]{0,63}$/),
      'it must be an SPDX identifier, such as etalab-2.0 or ODbL-1.0',
    ),
    contactEmail: read(
      'CONTACT_EMAIL',
      null,
      matching(/^[\w.+-]{1,64}@(?:[a-z\d-]{1,63}\.)+[a-z]{2,63}$/i),
      'it must be the address of a mailbox, such as contact@ctg.example',
    ),
    publicUrl: read(
      'PUBLIC_URL',
      null,
      origin,
      'it must be http(s)://HOST without a path, such as https://ctg.example',
    ),
  }
  if (errors.length > 0) throw new ConfigError(errors.join('\n'))
  return Object.freeze(config)
}
