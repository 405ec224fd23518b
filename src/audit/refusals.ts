/**
 * Refusals: aggregated in memory by caller and operation, and written every few seconds as one row each with a count.
 * No response waits for that, and the memory is bounded.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { type Clock, limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import { networkOf } from '../http/limits/client-network.ts'

/** Without or with a wrong credential, without the right, too often. */
const REFUSED = new Set([401, 403, 429])

export interface Refusals {
  /** Writes what was gathered until now; never throws: what could not be written stays and is tried again. */
  flush(): Promise<void>
}

interface Refusal {
  actor: string | null
  address: string | null
  operationId: string
  status: number
  count: number
  firstAt: Date
  lastAt: Date
}

/** Watches the answers of operations: for their plugin; what was gathered is written at the latest at the close. */
export function gatherRefusals(app: FastifyInstance, db: Database, clock: Clock): Refusals {
  let gathered = new Map<string, Refusal>()

  function add(one: Refusal): void {
    const whom = gathered.size < limits.refusalsGathered ? one : { ...one, actor: null, address: null }
    const own = gathered.get(nameOf(one))
    const entry = own ?? gathered.get(nameOf(whom))
    if (!entry) gathered.set(nameOf(whom), whom)
    else Object.assign(entry, { count: entry.count + one.count, lastAt: one.lastAt })
  }

  async function write(): Promise<void> {
    const rows = [...gathered.values()]
    gathered = new Map()
    if (rows.length === 0) return
    try {
      await insertRefusals(db, rows)
    } catch (error) {
      app.log.warn({ err: error }, 'refused attempts were not written')
      const since = [...gathered.values()]
      gathered = new Map()
      for (const row of [...rows, ...since]) add(row)
    }
  }

  let writing = Promise.resolve()
  const flush = () => {
    writing = writing.then(write)
    return writing
  }

  app.addHook('onResponse', (request, { statusCode }, done) => {
    if (REFUSED.has(statusCode)) {
      const now = clock.now()
      const { operationId } = request.routeOptions.schema as { operationId: string }
      add({ ...whoIs(request), operationId, status: statusCode, count: 1, firstAt: now, lastAt: now })
    }
    done()
  })
  const timer = setInterval(() => {
    const [oldest] = gathered.values()
    // By the clock of the service, in whichever direction that was set meanwhile.
    if (oldest && Math.abs(clock.now().getTime() - oldest.firstAt.getTime()) >= limits.refusalsFlushMs) void flush()
  }, limits.refusalsFlushMs)
  timer.unref()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await flush()
  })
  return { flush }
}

const nameOf = ({ actor, address, operationId, status }: Refusal) =>
  JSON.stringify([actor, address, operationId, status])

/** A key, wherever it is used from, or where a request without a valid one comes from. */
const whoIs = ({ caller, ip }: FastifyRequest) =>
  caller?.kind === 'key' ? { actor: caller.id, address: null } : { actor: null, address: networkOf(ip) }

/** As one statement of one value, however many they are. */
async function insertRefusals(db: Database, rows: Refusal[]): Promise<void> {
  await sql`insert into refusal (actor, address, operation_id, status, count, first_at, last_at)
    select r.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
      "actor" text, "address" text, "operationId" text, "status" integer, "count" integer,
      "firstAt" timestamptz, "lastAt" timestamptz)`.execute(db)
}

const PRUNED_AT_ONCE = 10_000

/** Deletes the refusals that are older than so many days; answers how many entries they were. */
export async function pruneRefusals(db: Database, days: number): Promise<number> {
  for (let pruned = 0; ; ) {
    const { numDeletedRows } = await db
      .deleteFrom('refusal')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('refusal')
          .select('id')
          .where('at', '<', sql<string>`clock_timestamp() - make_interval(days => ${days}::integer)`)
          .orderBy('at')
          .orderBy('id')
          .limit(PRUNED_AT_ONCE),
      )
      .executeTakeFirst()
    pruned += Number(numDeletedRows)
    if (numDeletedRows < PRUNED_AT_ONCE) return pruned
  }
}
