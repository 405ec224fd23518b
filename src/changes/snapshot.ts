/**
 * Everything that a reader may see at one moment: the rows of all tables in one REPEATABLE READ transaction, in
 * batches, with the position that they stand at. What is in sight is told by the same rule as in the feed.
 */
import { setImmediate as othersTurn } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import { limits } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { DB } from '../db/tables.ts'
import { resources } from '../domain/resources.ts'
import type { Resource, ResourceType, Row } from '../engine/resource.ts'
import type { QuotaCaller } from '../http/limits/concurrency-quota.ts'
import { semaphore } from '../http/limits/semaphore.ts'
import { isInSight, type Reader, type Scope, type Side } from './delivery.ts'
import { type Head, selectHead } from './journal.ts'

const BATCH_ROWS = 1_000
/** A reader that takes longer, or that takes nothing for so long, is given up. */
export const READ_MS = 15 * 60_000
const STALL_MS = 60_000

export interface Content {
  type: ResourceType
  id: string
  version: number
  body: unknown
}

interface StoredScope {
  id: string
  state: string
  caf_id: string
  department_codes: string[]
}

/** One moment of the registry: its end of the journal, and all that is in sight, resource by resource. */
export interface Moment {
  head: Head
  /** When the world could see that position; null before the first. */
  at: string | null
  contents(): AsyncGenerator<Content>
  /** To be called in the end, whatever happens, once or more: the moment is held until then. */
  close(): Promise<void>
}

/** The moments of one process. */
export interface Moments {
  /** Opens the present one for a reader, as soon as one of the few connections for them is free: fairly by caller. */
  open(reader: Reader, caller: QuotaCaller): Promise<Moment>
}

export function momentsOf(db: Database): Moments {
  const slots = semaphore(limits.snapshotSlots)
  return {
    async open(reader, caller) {
      const release = await slots.acquire(caller.id)
      try {
        const moment = await openMoment(db, reader)
        const close = () => {
          release()
          return moment.close()
        }
        return { ...moment, close }
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

async function openMoment(db: Database, reader: Reader): Promise<Moment> {
  const trx = await db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute()
  const close = async () => {
    if (!trx.isRolledBack)
      await trx
        .rollback()
        .execute()
        .catch(() => undefined)
  }
  try {
    // The clock that runs for the transaction keeps its time unless it is stopped first.
    await sql`set local transaction_timeout = 0`.execute(trx)
    await sql.raw(`set local transaction_timeout = ${READ_MS}`).execute(trx)
    await sql.raw(`set local idle_in_transaction_session_timeout = ${STALL_MS}`).execute(trx)
    const head = await selectHead(trx)
    const { rows } = await sql<{
      at: string
    }>`select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
      from commit where position = ${head.position}`.execute(trx)
    return { head, at: rows[0]?.at ?? null, contents: () => contentsOf(trx, reader), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function* contentsOf(trx: Transaction<DB>, reader: Reader): AsyncGenerator<Content> {
  const scopes = await selectScopes(trx)
  for (const resource of Object.values(resources) as Resource[]) {
    const { type } = resource
    if (reader.filter.types && !reader.filter.types.includes(type)) continue
    let asked: Promise<Row[]> | undefined = selectBatch(trx, resource, null)
    while (asked) {
      const rows: Row[] = await asked
      // The database reads the next rows while these are written.
      asked = rows.length < BATCH_ROWS ? undefined : selectBatch(trx, resource, rows.at(-1)?.id as string)
      asked?.catch(() => undefined)
      await othersTurn()
      for (const row of rows) {
        if (!isInSight(type, sideOf(type, row, scopes), reader)) continue
        yield { type, id: row.id as string, version: row.version as number, body: resource.toBody(row) }
      }
    }
  }
}

async function selectBatch(trx: Transaction<DB>, { table }: Resource, after: string | null): Promise<Row[]> {
  // As one value, like in the journal: the driver reads that faster than column by column.
  const { rows } = await sql<{ row: Row }>`select row_to_json(t) as row from ${sql.table(table)} t
    where ${after === null ? sql`true` : sql`t.id > ${after}::uuid`} order by t.id limit ${BATCH_ROWS}`.execute(trx)
  return rows.map(({ row }) => row)
}

/** Who may see what is under each convention: small beside what is read, and asked once. */
async function selectScopes(trx: Transaction<DB>): Promise<Map<string, Scope>> {
  const { rows } = await sql<StoredScope>`select id, state, caf_id, department_codes from convention`.execute(trx)
  return new Map(rows.map((row) => [row.id, readScope(row)]))
}

function sideOf(type: ResourceType, row: Row, scopes: Map<string, Scope>): Side {
  const own = type === 'convention' ? row.id : row.convention_id
  const conventionIds = type === 'service-site' ? (row.convention_ids as string[]) : ([own ?? []].flat() as string[])
  return {
    departmentCodes: (row.department_codes ?? []) as string[],
    sources: (row.sources as { source: string }[]).map(({ source }) => source),
    conventionIds,
    scopes: conventionIds.flatMap((id) => scopes.get(id) ?? []),
  }
}

const readScope = ({ state, caf_id, department_codes }: StoredScope): Scope => ({
  isPublic: state !== 'draft',
  cafId: caf_id,
  departmentCodes: department_codes,
})
