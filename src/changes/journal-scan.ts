/**
 * Journal scan: rows of the journal in commit order, each with the facts on which its visibility depends. Facts of a
 * transaction are read once for it, and what a filter needs of a row's past only when that filter is set.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Shown } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { type ResourceType, resourceTypes } from '../engine/resource-types.ts'
import { type Place, reached } from './cursor.ts'
import type { Filter, JournalRow, Scope, Side } from './delivery.ts'
import { type Head, NO_CHAIN, type ReadRow, type Transaction } from './journal.ts'

/** What passes a filter by convention without being under one. */
const SHARED: readonly string[] = ['organization', 'service-site']

/** Rows by their columns: in each row the names would be as much as what they hold. */
type Columns<T> = { [Column in keyof T]: T[Column][] }

const inColumns = (names: readonly string[]) =>
  sql`json_build_object(${sql.join(
    names.map((name) => sql`${sql.lit(name)}, coalesce(json_agg(${sql.ref(name)}), '[]')`),
  )})`

interface StoredScope {
  is_public: boolean | null
  caf_id: string | null
  department_codes: string[] | null
}

interface StoredRow {
  tx: number
  seq: number
  type: ResourceType
  id: string
  version: number
  operation: JournalRow['operation']
  convention_id: string | null
  cleared: boolean
  /** What of its body, now and before, the filter looks at; null when it does not. */
  seen: StoredSide | null
  seen_before: StoredSide | null
}

interface StoredSide {
  departments: string[] | null
  sources: { source: string }[] | null
  convention_ids: string[] | null
  scopes: StoredScope[] | null
}

interface StoredTransaction extends Transaction {
  tx: number
  position: number
}

/** Who could see a convention before and after a transaction. */
interface StoredSight {
  tx: number
  convention_id: string
  public_before: boolean | null
  caf_before: string | null
  departments_before: string[] | null
  public_after: boolean | null
  caf_after: string | null
  departments_after: string[] | null
}

interface StoredWindow {
  head: Omit<Head, 'form'> | null
  form: number
  chain: string | null
  rows: Columns<StoredRow>
  transactions: Columns<StoredTransaction>
  sights: Columns<StoredSight>
  hidden: Hidden | null
}

/** The conventions that the public may not see, or could not when they went, and the Caf of each. */
type Hidden = Record<string, string | null>

/** A transaction with its place and, by convention, who could see it before and after: none where it did not exist. */
interface Surroundings {
  position: number
  transaction: Transaction
  scopes: Map<string, { before: Scope[]; after: Scope[] }>
}

/** A look at the journal from a place on, as it stood at one moment. */
export interface Window {
  head: Head
  /** The chain of what the place has read last, in hexadecimal; undefined when there is no such position here. */
  chain: string | undefined
  /** The rows that the filter may let through, in the order of the journal. */
  rows: ReadRow[]
  /** Everything up to this position has been looked at; null when there were more rows than were asked for. */
  until: number | null
}

/** Looks at the rows after a place, `limit` at most, and so many positions on at most. */
export async function selectWindow(
  db: Database,
  filter: Filter,
  after: Place,
  positions: number,
  limit: number,
): Promise<Window> {
  const far = after.position + positions
  // Each transaction gives so many rows at most, by an index: a huge one is not read and sorted for each page of it.
  const { rows } = await sql<StoredWindow>`
    with head as (select position, encode(chain, 'hex') as chain from commit where position is not null order by position desc limit 1),
    found as materialized (
      select c.tx, c.position, h.seq, h.type, h.id, h.version, h.operation, h.convention_id, ${cleared(filter)} as cleared ${seen(filter)}
      from (select tx, position from commit where position > ${after.position} and position <= least(${far}, (select position from head))
        ${filter.excludeSource === undefined ? sql`` : sql`and source is distinct from ${filter.excludeSource}`}
        order by position) c
      cross join lateral (${candidates(filter, after, limit)}) h
      order by c.position, h.seq limit ${limit})
    select (select to_json(head) from head) as head, answer_form() as form,
      (select encode(chain, 'hex') from commit where position = ${reached(after)}) as chain,
      (select ${inColumns(rowColumns)} from found) as rows,
      (select ${inColumns(transactionColumns)} from (${transactions}) c where c.tx = any(array(select tx from found))) as transactions,
      (select ${inColumns(sightColumns)} from scope where tx = any(array(select tx from found))) as sights,
      (${hiddenNow}) as hidden`.execute(db)
  const { head, form, chain, hidden, ...stored } = rows[0] as StoredWindow
  const surroundings = readSurroundings(stored.transactions, stored.sights)
  const end = { ...(head ?? { position: 0, chain: NO_CHAIN }), form }
  return {
    head: end,
    chain: chain ?? undefined,
    rows: readRows(stored.rows, surroundings, hidden ?? {}),
    until: stored.rows.seq.length === limit ? null : Math.min(far, end.position),
  }
}

/** The rows of the transaction `c`, by the indices that find them. */
function candidates(filter: Filter, after: Place, limit: number): RawBuilder<unknown> {
  const { types = resourceTypes, conventionId } = filter
  // A row of `scope` has no body: where one is looked at, it is that of the version.
  const journal = sql.table(looksAtBodies(filter) ? 'change_read' : 'change')
  const rows = (condition: RawBuilder<unknown>, of: readonly string[]) => sql`
    select h.* from ${journal} h where h.tx = c.tx and h.seq > case when c.position = ${after.position + 1} then ${after.seq}::bigint else 0 end
      and h.operation <> 'void' and h.type = any(${of}) and ${condition}`
  const inOrder = sql`order by seq limit ${limit}`
  if (conventionId === undefined) return sql`${rows(sql`true`, types)} ${inOrder}`
  const shared = types.filter((type) => SHARED.includes(type))
  const own = rows(sql`h.convention_id = ${conventionId}`, types)
  if (shared.length === 0) return sql`${own} ${inOrder}`
  // Once for the window, and whatever else a site has been: it may have more versions than there is time to look at.
  const everLinked = sql`(h.type <> 'service-site' or h.id = any(array(
    select (row ->> 'site_id')::uuid from link where convention_id = ${conventionId} and name = 'convention_site')))`
  return sql`${own} union all ${rows(everLinked, shared)} ${inOrder}`
}

const looksAtBodies = ({ conventionId, cafId, departmentCode, source }: Filter) =>
  [conventionId, cafId, departmentCode, source].some((value) => value !== undefined)

/** The view that has the bodies of rows of `scope` has no such column. */
const cleared = (filter: Filter): RawBuilder<unknown> =>
  looksAtBodies(filter)
    ? sql`(select x.cleared from change x where x.tx = h.tx and x.type = h.type and x.id = h.id)`
    : sql`h.cleared`

/** Of sites, whose conventions are looked at, and of anything that is filtered by source: what it was, and is. */
function seen(filter: Filter): RawBuilder<unknown> {
  const { source } = filter
  if (!looksAtBodies(filter)) return sql`, null as seen, null as seen_before`
  const side = (row: string, comparison: RawBuilder<unknown>) => sql`jsonb_build_object(
    'departments', ${sql.ref(`${row}.department_codes`)}, 'sources', ${sql.ref(`${row}.body`)} -> 'sources',
    'convention_ids', ${sql.ref(`${row}.body`)} -> 'convention_ids', 'scopes', (
      select jsonb_agg(jsonb_build_object('is_public', l.public_after, 'caf_id', l.caf_after, 'department_codes', l.departments_after))
      from jsonb_array_elements_text(${sql.ref(`${row}.body`)} -> 'convention_ids') k cross join lateral (
        select x.public_after, x.caf_after, x.departments_after from scope x
        where x.convention_id = k::uuid and x.position ${comparison} c.position order by x.position desc limit 1) l))`
  const isSeen = source === undefined ? sql`h.type = 'service-site'` : sql`true`
  // Before a row there stood what the version before it made; before one of `scope`, which makes none, its own.
  return sql`, case when ${isSeen} then ${side('h', sql`<=`)} end as seen,
    case when ${isSeen} then (select ${side('p', sql`<`)} from change p
      where p.type = h.type and p.id = h.id and p.version = h.version - (h.operation <> 'scope')::integer
        and p.operation in ('created', 'updated') limit 1) end as seen_before`
}

const rowColumns = [
  ...['tx', 'seq', 'type', 'id', 'version', 'operation', 'convention_id', 'cleared'],
  ...['seen', 'seen_before'],
]
const transactionColumns = ['tx', 'position', 'at', 'actor', 'source', 'chain']
const sightColumns = [
  ...['tx', 'convention_id', 'public_before', 'caf_before', 'departments_before'],
  ...['public_after', 'caf_after', 'departments_after'],
]

/** What is of the transactions and not of their rows. */
const transactions = sql`select tx, position, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  actor, source, encode(chain, 'hex') as chain from commit`

/** Of conventions those that are hidden at the moment of the window; one that is gone, as it was when it went. */
const hiddenNow = sql`
  select json_object_agg(named.convention_id, now.caf_id)
  from (select distinct convention_id from found where convention_id is not null) named
  left join lateral (select coalesce(s.public_after, s.public_before) as is_public, coalesce(s.caf_after, s.caf_before) as caf_id
    from scope s where s.convention_id = named.convention_id order by s.position desc limit 1) now on true
  where now.is_public is not true`

function readSurroundings(transactions: Columns<StoredTransaction>, sights: Columns<StoredSight>) {
  const surroundings = new Map<number, Surroundings>()
  const { tx, position, at, actor, source, chain } = transactions
  for (const [i, number] of tx.entries()) {
    const transaction = { at: at[i], actor: actor[i], source: source[i], chain: chain[i] } as Transaction
    surroundings.set(number, { position: position[i] as number, transaction, scopes: new Map() })
  }
  for (const [i, number] of sights.tx.entries()) {
    const before = readScope(sights.public_before[i], sights.caf_before[i], sights.departments_before[i])
    const after = readScope(sights.public_after[i], sights.caf_after[i], sights.departments_after[i])
    surroundings.get(number)?.scopes.set(sights.convention_id[i] as string, { before, after })
  }
  return surroundings
}

/** In the order of the journal, whatever the database made of it. */
function readRows(columns: Columns<StoredRow>, surroundings: Map<number, Surroundings>, hidden: Hidden): ReadRow[] {
  const { tx, seq, type, id, version, operation, convention_id, cleared, seen, seen_before } = columns
  const rows = tx.map((number, i) => {
    const row = {
      tx: number,
      seq: seq[i],
      type: type[i],
      id: id[i],
      version: version[i],
      operation: operation[i],
      convention_id: convention_id[i],
      cleared: cleared[i],
      seen: seen[i],
      seen_before: seen_before[i],
    } as StoredRow
    return readRow(row, surroundings.get(number) as Surroundings, hidden)
  })
  return rows.sort((a, b) => a.position - b.position || a.seq - b.seq)
}

function readRow(row: StoredRow, { position, transaction, scopes }: Surroundings, hidden: Hidden): ReadRow {
  const { tx, type, id, version, operation, convention_id: conventionId } = row
  const scope = conventionId === null ? undefined : scopes.get(conventionId)
  return {
    tx,
    position,
    seq: row.seq,
    type,
    id,
    version,
    operation,
    conventionId,
    writtenBy: transaction.source,
    cleared: row.cleared,
    transaction,
    before: operation === 'created' ? undefined : sideOf(row, row.seen_before ?? row.seen, scope?.before),
    after: operation === 'deleted' ? undefined : sideOf(row, row.seen, scope?.after),
    now: shownNow(conventionId, hidden),
  }
}

function shownNow(conventionId: string | null, hidden: Hidden): Shown {
  const cafId = conventionId === null ? undefined : hidden[conventionId]
  return { isPublic: cafId === undefined, cafId: cafId ?? null }
}

function sideOf(row: StoredRow, seen: StoredSide | null | undefined, scopes: Scope[] = []): Side {
  const isSite = row.type === 'service-site'
  return {
    departmentCodes: seen?.departments ?? [],
    sources: seen?.sources?.map(({ source }) => source) ?? [],
    conventionIds: isSite ? (seen?.convention_ids ?? []) : [row.convention_id ?? []].flat(),
    scopes: isSite
      ? (seen?.scopes ?? []).flatMap((one) => readScope(one.is_public, one.caf_id, one.department_codes))
      : scopes,
  }
}

/** None where the convention did not exist. */
function readScope(isPublic?: boolean | null, cafId?: string | null, departmentCodes?: string[] | null): Scope[] {
  if (isPublic === null || isPublic === undefined) return []
  return [{ isPublic, cafId: cafId ?? '', departmentCodes: departmentCodes ?? [] }]
}
