/**
 * Target of a write: the resource that is meant and the convention around it. It is read without a lock first, so that
 * a 404, 403, 428 or 412 waits for no other writer, and again under its locks, in their order.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { canSee } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { isClosed, type Stored } from '../change-set.ts'
import type { Resource } from '../declaration/resource.ts'
import { notFound } from '../read/visible.ts'
import type { ResourceType } from '../resource-types.ts'
import type { Row } from '../row-mapper.ts'
import { namesToCheck } from './decide/checks.ts'
import { type Draft, isOpening } from './decide/complete.ts'
import { isId } from './decide/names.ts'
import { type Closed, lockConventions, lockListingSources, type Strength } from './locks.ts'

/** One write of one resource: without an id it is created, without a body deleted. */
export interface Write {
  resource: Resource
  caller: Caller
  now: Date
  id?: string
  /** Where it is created under one. */
  conventionId?: string
  /** As it was sent; undefined of a deletion. */
  body: unknown
  /** Throws unless the request means this version. */
  precondition?(version: number): void
}

export interface Target {
  before: Stored | undefined
  /** The convention of the write, or what is known of the one around it. */
  convention: Stored | undefined
  statusDue: string | null
}

/** The target of a write, read without a lock. Throws a 404, 403, 428 or 412. */
export const findTarget = async (db: Database, write: Write): Promise<Target> =>
  checked(write, await selectTarget(db, write, sql``))

/**
 * The same, locked after all conventions that the draft names. A deletion or change by the writer that held the lock is
 * a 404, 403 or 412 as before.
 */
export async function lockTarget(db: Database, write: Write, found: Target, draft: Draft | undefined): Promise<Target> {
  const { resource, id, body } = write
  const strength: Strength = body === undefined ? 'update' : 'no key update'
  const own = found.convention?.id
  const names = namesOf(draft)
  const isOwn = resource.type === 'convention'
  if (own && draft && isOpening(draft)) await lockListingSources(db, own)
  if (own || names.named.length > 0) {
    const closed = closedBy(write, found, draft)
    const locked = await lockConventions(db, write.caller, {
      own,
      ...names,
      ...(isOwn && { strength }),
      ...(closed && { closed }),
    })
    const row = locked.find((one) => one.id === own)
    if (own && (isOwn || !id)) return checked(write, row && { ...row, ...(!isOwn && aroundOf(row)) })
  }
  await resource.lock?.(db, found.before, draft?.after)
  return id ? checked(write, await selectTarget(db, write, sql`for ${sql.raw(strength)} of r`)) : found
}

/** The conventions that are locked because a draft names them, or actions under them. */
function namesOf(draft: Draft | undefined) {
  const names = draft ? namesToCheck({ isOpened: false }, draft) : []
  const of = (type: ResourceType) => names.flatMap(({ to, id }) => (to === type && isId(id) ? [id] : []))
  return { named: of('convention'), actions: of('action'), carried: draft !== undefined && isOpening(draft) }
}

/** What goes out of the sight of others by a write. */
function closedBy({ resource, id }: Write, { before }: Target, draft: Draft | undefined): Closed | undefined {
  const { type } = resource
  if (type === 'convention') return before && (!draft || isClosed(before, draft.after)) ? 'all' : undefined
  return type === 'action' && !draft ? sql`select ${id}::uuid` : undefined
}

const aroundOf = ({ id, state, caf_id }: Row) => ({ own_id: id, own_state: state, own_caf_id: caf_id })

async function selectTarget(db: Database, write: Write, lock: RawBuilder<unknown>): Promise<Row | undefined> {
  const { resource, caller, now, id, conventionId } = write
  const { table, visibility } = resource
  if (!id && !conventionId) return {}
  const around = sql`c.id as own_id, c.state as own_state, c.caf_id as own_caf_id`
  const facts = resource.facts && id ? sql`, ${resource.facts(caller, now)}` : sql``
  const statement = !id
    ? sql<Row>`select ${around} from convention c where c.id = ${conventionId}`
    : visibility === 'convention'
      ? sql<Row>`select r.*, ${around}${facts} from ${sql.table(table)} r join convention c on c.id = r.convention_id
          where r.id = ${id} ${lock}`
      : sql<Row>`select r.*${facts} from ${sql.table(table)} r where r.id = ${id} ${lock}`
  return (await statement.execute(db)).rows[0]
}

function checked(write: Write, row: Row | undefined): Target {
  const { resource, caller, id, conventionId, body, precondition } = write
  const missing = id ? notFound(resource.type, id) : notFound('convention', conventionId ?? '')
  if (!row) throw missing
  const before = id === undefined ? undefined : (resource.toBody(row) as Stored)
  const convention = resource.type === 'convention' ? before : conventionOf(row)
  if (convention && !canSee(caller, { isPublic: convention.state !== 'draft', cafId: convention.cafId as string }))
    throw missing
  resource.authorize({ caller, facts: row, body, ...(before && { before }), ...(convention && { convention }) })
  if (before) precondition?.(before.version)
  return { before, convention, statusDue: (row.status_due ?? null) as string | null }
}

/** As much of a convention as the writes under it need. */
const conventionOf = ({ own_id: id, own_state: state, own_caf_id: cafId }: Row): Stored | undefined =>
  id === undefined ? undefined : { id: id as string, version: 0, sources: [], state, cafId }
