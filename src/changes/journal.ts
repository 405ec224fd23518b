/**
 * The rows of the journal in the order in which the world saw them, each with what a reader's sight depends on. What is
 * of a transaction is asked once for it, bodies only for what is told, and what a filter looks at in the past of a row
 * only when the filter does.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { ResourceType, Row } from '../resource/resource.ts'
import { resourceTypes } from '../vocabularies/codes.ts'
import type { Place } from './cursor.ts'
import type { Filter, JournalRow, Scope, Side } from './reader.ts'

/** The chain before the first commit. */
export const NO_CHAIN = '0'.repeat(64)

/** What passes a filter by convention without being under one. */
const SHARED: readonly string[] = ['organization', 'service-site']

/** The end of the journal at one moment. */
export interface Head {
  position: number
  /** The chain there in hexadecimal. */
  chain: string
}

/** What is the same for all changes of a transaction. */
export interface Transaction {
  /** When the world could see it, in microseconds. */
  at: string
  actor: string | null
  source: string | null
  /** The chain at its position, and at the one before it, in hexadecimal. */
  chain: string
  chainBefore: string
}

export interface ReadRow extends JournalRow {
  /** The number of its transaction in the journal. */
  tx: string
  position: number
  seq: number
  id: string
  version: number
  conventionId: string | null
  transaction: Transaction
}

interface StoredScope {
  is_public: boolean | null
  caf_id: string | null
  department_codes: string[] | null
}

interface StoredRow {
  tx: string
  position: string
  seq: string
  type: ResourceType
  id: string
  version: number
  operation: JournalRow['operation']
  convention_id: string | null
  departments: string[] | null
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

interface StoredTransaction {
  tx: string
  at: string
  actor: string | null
  source: string | null
  chain: string
  chain_before: string | null
  /** By convention. */
  scopes: Record<string, { before: StoredScope; after: StoredScope }> | null
}

export async function selectHead(db: Database): Promise<Head> {
  const { rows } = await sql<{ position: string; chain: string }>`
    select position, encode(chain, 'hex') as chain from commit where position is not null order by position desc limit 1`.execute(
    db,
  )
  return { position: Number(rows[0]?.position ?? 0), chain: rows[0]?.chain ?? NO_CHAIN }
}

/** The chain at a position in hexadecimal; undefined when there is no such position here. */
export async function selectChain(db: Database, position: number): Promise<string | undefined> {
  const { rows } = await sql<{
    chain: string
  }>`select encode(chain, 'hex') as chain from commit where position = ${position}`.execute(db)
  return rows[0]?.chain
}

/**
 * The rows after a place and up to a position that the filter may let through, `limit` at most, in the order of the
 * journal. Fewer than that are all there are up to the position.
 */
export async function selectWindow(
  db: Database,
  filter: Filter,
  after: Place,
  until: number,
  limit: number,
): Promise<ReadRow[]> {
  // Each transaction gives so many rows at most, by an index: a huge one is not read and sorted for each page of it.
  const { rows } = await sql<StoredRow>`
    select c.tx, c.position, h.seq, h.type, h.id, h.version, h.operation, h.convention_id, h.department_codes as departments,
      ${seen(filter)}
    from (select tx, position from commit where position > ${after.position} and position <= ${until}
      ${filter.excludeSource === undefined ? sql`` : sql`and source is distinct from ${filter.excludeSource}`}
      order by position) c
    cross join lateral (${candidates(filter, after, limit)}) h
    order by c.position, h.seq limit ${limit}`.execute(db)
  const transactions = await selectTransactions(db, [...new Set(rows.map(({ tx }) => tx))])
  return rows.map((row) => readRow(row, transactions.get(row.tx) as StoredTransaction))
}

/** The rows of the transaction `c`, by the indices that find them. */
function candidates({ types = resourceTypes, conventionId }: Filter, after: Place, limit: number): RawBuilder<unknown> {
  const rows = (condition: RawBuilder<unknown>, of: readonly string[]) => sql`
    select h.* from change h where h.tx = c.tx and h.seq > case when c.position = ${after.position + 1} then ${after.seq} else 0 end
      and h.operation <> 'void' and h.type = any(${of}) and ${condition}`
  const inOrder = sql`order by seq limit ${limit}`
  if (conventionId === undefined) return sql`${rows(sql`true`, types)} ${inOrder}`
  const shared = types.filter((type) => SHARED.includes(type))
  const own = rows(sql`h.convention_id = ${conventionId}`, types)
  if (shared.length === 0) return sql`${own} ${inOrder}`
  const everNamed = sql`(h.type <> 'service-site' or exists (select from change p
    where p.type = h.type and p.id = h.id and p.body -> 'convention_ids' ? ${conventionId}))`
  return sql`${own} union all ${rows(everNamed, shared)} ${inOrder}`
}

/** Of sites, whose conventions are looked at, and of anything that is filtered by source: what it was, and is. */
function seen({ conventionId, cafId, departmentCode, source }: Filter): RawBuilder<unknown> {
  const looksAtSites = [conventionId, cafId, departmentCode].some((value) => value !== undefined)
  if (source === undefined && !looksAtSites) return sql`null as seen, null as seen_before`
  const side = (row: string, comparison: RawBuilder<unknown>) => sql`jsonb_build_object(
    'departments', ${sql.ref(`${row}.department_codes`)}, 'sources', ${sql.ref(`${row}.body`)} -> 'sources',
    'convention_ids', ${sql.ref(`${row}.body`)} -> 'convention_ids', 'scopes', (
      select jsonb_agg(jsonb_build_object('is_public', l.public_after, 'caf_id', l.caf_after, 'department_codes', l.departments_after))
      from jsonb_array_elements_text(${sql.ref(`${row}.body`)} -> 'convention_ids') k cross join lateral (
        select x.public_after, x.caf_after, x.departments_after from scope x
        where x.convention_id = k::uuid and x.position ${comparison} c.position order by x.position desc limit 1) l))`
  const isSeen = source === undefined ? sql`h.type = 'service-site'` : sql`true`
  return sql`case when ${isSeen} then ${side('h', sql`<=`)} end as seen,
    case when ${isSeen} then (select ${side('p', sql`<`)} from change p join commit pc on pc.tx = p.tx
      where p.type = h.type and p.id = h.id and pc.position < c.position and p.operation <> 'void'
      order by pc.position desc limit 1) end as seen_before`
}

async function selectTransactions(db: Database, txs: string[]): Promise<Map<string, StoredTransaction>> {
  const { rows } = await sql<StoredTransaction>`
    select c.tx, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, c.actor, c.source,
      encode(c.chain, 'hex') as chain, (select encode(b.chain, 'hex') from commit b where b.position = c.position - 1) as chain_before,
      (select jsonb_object_agg(s.convention_id, jsonb_build_object(
        'before', jsonb_build_object('is_public', s.public_before, 'caf_id', s.caf_before, 'department_codes', s.departments_before),
        'after', jsonb_build_object('is_public', s.public_after, 'caf_id', s.caf_after, 'department_codes', s.departments_after)))
        from scope s where s.tx = c.tx) as scopes
    from commit c where c.tx = any(${txs})`.execute(db)
  return new Map(rows.map((row) => [row.tx, row]))
}

/** The bodies of rows in their order; undefined of one that is no longer kept. */
export async function selectBodies(db: Database, rows: readonly ReadRow[]): Promise<(Row | undefined)[]> {
  if (rows.length === 0) return []
  const { rows: found } = await sql<{ seq: string; body: Row }>`
    select h.seq, h.body from unnest(${rows.map(({ tx }) => tx)}::bigint[], ${rows.map(({ seq }) => seq)}::bigint[]) r (tx, seq)
    join change h on h.tx = r.tx and h.seq = r.seq`.execute(db)
  const bodies = new Map(found.map(({ seq, body }) => [Number(seq), body]))
  return rows.map(({ seq }) => bodies.get(seq))
}

function readRow(row: StoredRow, { chain, chain_before, at, actor, source, scopes }: StoredTransaction): ReadRow {
  const { operation } = row
  const scope = row.convention_id === null ? undefined : scopes?.[row.convention_id]
  return {
    tx: row.tx,
    position: Number(row.position),
    seq: Number(row.seq),
    type: row.type,
    id: row.id,
    version: row.version,
    operation,
    conventionId: row.convention_id,
    writtenBy: source,
    transaction: { at, actor, source, chain, chainBefore: chain_before ?? NO_CHAIN },
    before: operation === 'created' ? undefined : sideOf(row, row.seen_before ?? row.seen, scope?.before),
    after: operation === 'deleted' ? undefined : sideOf(row, row.seen, scope?.after),
  }
}

function sideOf(row: StoredRow, seen: StoredSide | null, scope: StoredScope | undefined): Side {
  const isSite = row.type === 'service-site'
  const own = scope && scope.is_public !== null ? [scope] : []
  return {
    departmentCodes: seen?.departments ?? row.departments ?? [],
    sources: (seen?.sources ?? []).map(({ source }) => source),
    conventionIds: isSite ? (seen?.convention_ids ?? []) : [row.convention_id ?? []].flat(),
    scopes: (isSite ? (seen?.scopes ?? []) : own).map(readScope),
  }
}

const readScope = (stored: StoredScope): Scope => ({
  isPublic: stored.is_public === true,
  cafId: stored.caf_id ?? '',
  departmentCodes: stored.department_codes ?? [],
})
