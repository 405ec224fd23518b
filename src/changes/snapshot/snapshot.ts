/**
 * Snapshot: everything that a reader may see at one moment, the rows of all tables in one REPEATABLE READ transaction, in
 * batches, with the position that they stand at. Visibility follows the same rule as in the feed.
 */
import { setImmediate as othersTurn } from 'node:timers/promises'
import { type RawBuilder, type Selectable, sql, type Transaction } from 'kysely'
import type { Visibility } from '../../auth/visibility.ts'
import { limits } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { instantText } from '../../db/expressions.ts'
import type { Convention, DB } from '../../db/tables.ts'
import { allowSnapshotTime } from '../../db/transaction.ts'
import { resources } from '../../domain/resources.ts'
import type { Resource } from '../../engine/declaration/resource.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import type { QuotaCaller } from '../../http/limits/concurrency-quota.ts'
import { type Semaphore, semaphore } from '../../http/limits/semaphore.ts'
import { isInSight, type Reader, type Scope, type Side } from '../delivery.ts'
import { type Head, selectHead } from '../journal.ts'

/** So much is read at once, or one resource, which may have megabytes. */
const BATCH_ROWS = 1_000
const BATCH_BYTES = 4 * 1024 * 1024
/** After so much of it other requests have their turn. */
const TURN_CHARACTERS = 256 * 1024

export interface Content {
  type: ResourceType
  id: string
  version: number
  /** The text that GET answers. */
  answer: string
}

/** A row with its answer, and what sight and filters look at. */
interface StoredContent {
  id: string
  version: number
  answer: string
  convention_id: string | null
  sources: string[]
  convention_ids?: string[]
  department_codes?: string[]
}

/** One moment of the registry: its end of the journal, and all that is in sight, resource by resource. */
export interface OpenSnapshot {
  head: Head
  /** When the world could see that position; null before the first. */
  at: string | null
  contents(): AsyncGenerator<Content>
  /** To be called in the end, whatever happens, once or more: the moment is held until then. */
  close(): Promise<void>
}

/** The moments of one process. */
export interface Snapshots {
  /** Opens the present one for a reader, as soon as one of the few connections for them is free: fairly by caller. */
  open(reader: Reader, caller: QuotaCaller): Promise<OpenSnapshot>
}

/** Those who read at one moment share the slots; without them these snapshots have their own. */
export function snapshotsOf(db: Database, slots: Semaphore = semaphore(limits.snapshotSlots)): Snapshots {
  return {
    async open(reader, caller) {
      const release = await slots.acquire(caller.id)
      try {
        const snapshot = await openSnapshot(db, reader)
        const close = () => {
          release()
          return snapshot.close()
        }
        return { ...snapshot, close }
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

async function openSnapshot(db: Database, reader: Reader): Promise<OpenSnapshot> {
  const trx = await db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute()
  const close = async () => {
    if (!trx.isRolledBack)
      await trx
        .rollback()
        .execute()
        .catch(() => undefined)
  }
  try {
    await allowSnapshotTime(trx)
    const head = await selectHead(trx)
    const commit = await trx
      .selectFrom('commit')
      .select(({ ref }) => instantText(ref('at'), 'US').as('at'))
      .where('position', '=', String(head.position))
      .executeTakeFirst()
    return { head, at: commit?.at ?? null, contents: () => contentsOf(trx, reader), close }
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
    let pending: Promise<StoredContent[]> | undefined = selectBatch(trx, resource, null)
    let characters = TURN_CHARACTERS
    while (pending) {
      const rows: StoredContent[] = await pending
      const last = rows.at(-1)
      // The database reads the next rows while these are written.
      pending = last && selectBatch(trx, resource, last.id)
      pending?.catch(() => undefined)
      for (const row of rows) {
        if (characters >= TURN_CHARACTERS) {
          await othersTurn()
          characters = 0
        }
        characters += row.answer.length
        if (!isInSight(type, sideOf(type, row, scopes), reader)) continue
        yield { type, id: row.id, version: row.version, answer: row.answer }
      }
    }
  }
}

/** What sight and filters look at, by the columns of each visibility. */
const seenColumns: Record<Visibility, RawBuilder<unknown>> = {
  own: sql`t.id as convention_id`,
  convention: sql`t.convention_id`,
  always: sql`null::uuid as convention_id`,
}

async function selectBatch(trx: Transaction<DB>, resource: Resource, after: string | null): Promise<StoredContent[]> {
  const { type, table, visibility } = resource
  const ofSites = type === 'service-site' ? sql`, t.convention_ids, t.department_codes` : sql``
  const ofOrganizations = type === 'organization' ? sql`, t.department_codes` : sql``
  const { rows } = await sql<StoredContent>`
    select * from (select found.*, sum(octet_length(answer)) over (order by id) as bytes from (
      select t.id, t.version, t.answer, ${seenColumns[visibility]}, array(
        select s ->> 'source' from jsonb_array_elements(t.sources) s) as sources ${ofSites} ${ofOrganizations}
      from ${sql.table(`${table}_read`)} t
      where ${after === null ? sql`true` : sql`t.id > ${after}::uuid`} order by t.id limit ${BATCH_ROWS}) found) measured
    where bytes <= ${BATCH_BYTES} or bytes = octet_length(answer) order by id`.execute(trx)
  return rows
}

/** Who may see what is under each convention: small beside what is read, and asked once. */
async function selectScopes(trx: Transaction<DB>): Promise<Map<string, Scope>> {
  const rows = await trx.selectFrom('convention').select(['id', 'state', 'caf_id', 'department_codes']).execute()
  return new Map(rows.map((row) => [row.id, readScope(row)]))
}

function sideOf(type: ResourceType, row: StoredContent, scopes: Map<string, Scope>): Side {
  const conventionIds = type === 'service-site' ? (row.convention_ids ?? []) : [row.convention_id ?? []].flat()
  return {
    departmentCodes: row.department_codes ?? [],
    sources: row.sources,
    conventionIds,
    scopes: conventionIds.flatMap((id) => scopes.get(id) ?? []),
  }
}

const readScope = ({
  state,
  caf_id,
  department_codes,
}: Pick<Selectable<Convention>, 'state' | 'caf_id' | 'department_codes'>): Scope => ({
  isPublic: state !== 'draft',
  cafId: caf_id,
  departmentCodes: department_codes,
})
