/**
 * Audit queries: a read of the journal, where writes and key events are, and of the refusals beside it,
 * newest first. An administrator sees all of it; an organization what its keys did and were refused, what became of
 * them, and what was written under conventions that it coordinated before or after. It never sees what
 * its keys did, unknowingly, to drafts of others.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { isAdmin, organizationOf } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { type Condition, conjunction } from '../db/expressions.ts'
import { inUtc } from '../engine/day.ts'
import type { AuditEntry, AuditFilter } from './schema.ts'

type Sql = RawBuilder<unknown>

/** What is asked for, and by whom; `after` is the place of the last entry shown. */
export interface AuditRequest {
  caller: Caller
  filter: AuditFilter
  limit: number
  after: Place | undefined
}

/** Microseconds since 1970 and the number in the journal: of a refusal below 0, so that no two entries share a place. */
export type Place = readonly [micros: number, number: number]

type Stored = Omit<AuditEntry, 'position' | 'count'> & {
  micros: string
  number: string
  position: string | null
  count: string
}

/** A page of entries; `last` is the place of its last one when more follow. */
export async function selectEntries(db: Database, { limit, ...request }: AuditRequest) {
  const branches = sources(request).map(({ columns, from, at, number }) => {
    const afterCursor = request.after ? before(at, number, request.after) : sql<boolean>`true`
    return sql`(select ${micros(at)} as micros, ${number} as number, ${instant(at, 'US')} as at, ${columns}
      ${from} and ${afterCursor} order by ${at} desc, ${number} desc limit ${limit + 1})`
  })
  if (branches.length === 0) return { data: [], last: undefined }
  const { rows } = await sql<Stored>`select * from (${sql.join(branches, sql` union all `)}) entry
    order by micros desc, number desc limit ${limit + 1}`.execute(db)
  const data = rows.slice(0, limit)
  const end = data.at(-1)
  const last: Place | undefined = rows.length > limit && end ? [Number(end.micros), Number(end.number)] : undefined
  return { data: data.map(entryOf), last }
}

/** How many entries the filter lets through. */
export async function countEntries(db: Database, request: Pick<AuditRequest, 'caller' | 'filter'>): Promise<number> {
  const counts = sources(request).map(({ from }) => sql`(select count(*) ${from})`)
  if (counts.length === 0) return 0
  const { rows } = await sql<{ count: string }>`select ${sql.join(counts, sql` + `)} as count`.execute(db)
  return Number(rows[0]?.count)
}

/** From where entries of some kinds come: `from` holds all conditions but that of the page. */
interface Source {
  columns: Sql
  from: Sql
  at: Sql
  number: Sql
}

/** None of a source in which the filter can find nothing. */
function sources({ caller, filter }: Pick<AuditRequest, 'caller' | 'filter'>): Source[] {
  const { kind, type, operation, requestId, operationId } = filter
  const isWritten = type ?? operation ?? requestId
  return [
    ...(kind === 'refusal' || operationId !== undefined ? [] : [writes(caller, filter)]),
    ...((kind !== undefined && kind !== 'refusal') || isWritten !== undefined ? [] : [refusals(caller, filter)]),
  ]
}

/**
 * Of keys the journal knows updates only. Each is a rotation until one revokes; after that a key loses its organization
 * when that is deleted.
 */
const done = sql`case when h.cleared then 'cleared'
  when (h.type = 'key' and h.operation = 'updated') is not true then h.operation
  when h.body ->> 'revoked_at' is null then 'rotated'
  when exists (select from change b where b.type = 'key' and b.id = h.id and b.version < h.version
    and b.body ->> 'revoked_at' is not null) then 'updated' else 'revoked' end`

/** A transaction whose changes are pruned, or that changed no resource, is an entry by itself. */
function writes(caller: Caller, filter: AuditFilter): Source {
  const { kind, type, operation, requestId } = filter
  // Who cleared a reference wrote under a convention of another Caf.
  const known = (column: Sql) => (isAdmin(caller) ? column : sql`case when h.cleared is not true then ${column} end`)
  const actor = known(sql`c.actor`)
  const request = known(sql`c.request_id`)
  const conditions = conjunction([
    ...common(filter, sql`c.at`, actor),
    visibleWrites(caller),
    kind && sql<boolean>`(h.type is not distinct from 'key') = ${kind === 'key'}`,
    eq(sql`h.type`, type),
    eq(done, operation),
    eq(request, requestId),
  ])
  return {
    columns: sql`case h.type when 'key' then 'key' else 'write' end as kind, c.position, ${actor} as actor,
      k.organization_id as "organizationId", null::text as address, ${request} as "requestId", c.source, h.type, h.id,
      h.version, ${done} as operation, h.convention_id as "conventionId", null::text as "operationId",
      null::integer as status, 1::bigint as count, null::text as "firstAt", null::text as "lastAt"`,
    from: sql`from commit c left join change h on h.tx = c.tx and h.operation in ('created', 'updated', 'deleted')
      left join api_key k on k.id = ${keyId(actor)} where c.position is not null and ${conditions}`,
    at: sql`c.at`,
    number: sql`coalesce(h.seq, 0)`,
  }
}

function refusals(caller: Caller, filter: AuditFilter): Source {
  const { operationId } = filter
  const conditions = conjunction([
    ...common(filter, sql`r.at`, sql`r.actor`),
    isAdmin(caller) ? undefined : sql<boolean>`r.actor in ${keysOf(caller)}`,
    eq(sql`r.operation_id`, operationId),
  ])
  return {
    columns: sql`'refusal' as kind, null::bigint as position, r.actor, k.organization_id as "organizationId", r.address,
      null::text as "requestId", null::text as source, null::text as type, null::uuid as id, null::integer as version,
      null::text as operation, null::uuid as "conventionId", r.operation_id as "operationId", r.status,
      r.count::bigint as count, ${instant(sql`r.first_at`, 'MS')} as "firstAt", ${instant(sql`r.last_at`, 'MS')} as "lastAt"`,
    from: sql`from refusal r left join api_key k on k.id = ${keyId(sql`r.actor`)} where ${conditions}`,
    at: sql`r.at`,
    number: sql`-r.id`,
  }
}

const common = ({ from, until, actor, organizationId }: AuditFilter, at: Sql, whose: Sql) => [
  from === undefined ? undefined : sql<boolean>`${at} >= ${inUtc(from)}::timestamptz`,
  until === undefined ? undefined : sql<boolean>`${at} < ${inUtc(until)}::timestamptz`,
  eq(whose, actor),
  eq(sql`k.organization_id`, organizationId),
]

const eq = (column: Sql, value: string | undefined): Condition | undefined =>
  value === undefined ? undefined : sql<boolean>`${column} = ${value}`

/** By the transactions in question first, which are few of all. */
function visibleWrites(caller: Caller): Condition | undefined {
  if (isAdmin(caller)) return undefined
  const own = sql`${organizationOf(caller)}::uuid`
  const underOwn = sql`(s.caf_after = ${own} or s.caf_before = ${own} and s.caf_before is distinct from s.caf_after)`
  const ownKey = sql`type = 'key' and (body ->> 'organization_id')::uuid = ${own}`
  return sql<boolean>`c.tx in (
      select tx from commit where actor in ${keysOf(caller)}
      union all select s.tx from scope s where ${underOwn}
      union all select tx from change where ${ownKey})
    and (c.actor in ${keysOf(caller)} and h.cleared is not true or h.${ownKey} or exists (
      select from scope s where s.tx = c.tx and s.convention_id = h.convention_id and ${underOwn}))`
}

const keysOf = (caller: Caller) =>
  sql`(select id::text from api_key where organization_id = ${organizationOf(caller)}::uuid)`

/** Actors that are no key of the database have names that are no UUID. */
const keyId = (actor: Sql) => sql`case when ${actor} ~ '^[0-9a-f-]{36}$' then ${actor}::uuid end`

const instant = (at: Sql, decimals: 'MS' | 'US') =>
  sql`to_char(${at} at time zone 'UTC', ${sql.lit(`YYYY-MM-DD"T"HH24:MI:SS.${decimals}"Z"`)})`

const micros = (at: Sql) => sql`(extract(epoch from ${at}) * 1000000)::bigint`

const before = (at: Sql, number: Sql, [time, last]: Place) => {
  const then = sql`(timestamptz 'epoch' + ${time}::bigint * interval '1 microsecond')`
  return sql<boolean>`${at} <= ${then} and (${at} < ${then} or ${number} < ${last}::bigint)`
}

function entryOf({ micros: _micros, number: _number, position, count, ...entry }: Stored): AuditEntry {
  return { ...entry, position: position === null ? null : Number(position), count: Number(count) }
}
