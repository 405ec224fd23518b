/**
 * The rows of the journal in the order in which the world saw them, each with what a reader's sight depends on. A
 * window of rows is one query; what a filter looks at in the past of a row is asked only when the filter does.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { ResourceType, Row } from '../resource/resource.ts'
import type { Place } from './cursor.ts'
import type { Filter, JournalRow, Scope, Side } from './reader.ts'

/** The chain before the first commit. */
export const NO_CHAIN = '0'.repeat(64)

/** The end of the journal at one moment. */
export interface Head {
  position: number
  /** The chain there in hexadecimal. */
  chain: string
}

export interface ReadRow extends JournalRow {
  position: number
  seq: number
  /** The chain at its position in hexadecimal. */
  chain: string
  id: string
  version: number
  conventionId: string | null
  actor: string | null
  at: string
  body: Row
}

interface StoredScope {
  is_public: boolean | null
  caf_id: string | null
  department_codes: string[] | null
}

interface StoredRow {
  position: string
  seq: string
  type: ResourceType
  id: string
  version: number
  operation: JournalRow['operation']
  convention_id: string | null
  body: Row
  body_before: Row | null
  departments: string[] | null
  departments_before: string[] | null
  actor: string | null
  source: string | null
  at: string
  chain: string
  scope_before: StoredScope | null
  scope_after: StoredScope | null
  site_scopes: StoredScope[] | null
  site_scopes_before: StoredScope[] | null
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

/** The rows after a place and up to a position, `limit` at most, in the order of the journal. */
export async function selectWindow(
  db: Database,
  filter: Filter,
  after: Place,
  until: number,
  limit: number,
): Promise<ReadRow[]> {
  const { rows } = await sql<StoredRow>`
    select c.position, h.seq, h.type, h.id, h.version, h.operation, h.convention_id, h.body, h.department_codes as departments,
      c.actor, c.source, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      encode(c.chain, 'hex') as chain,
      case when s.public_before is not null then jsonb_build_object('is_public', s.public_before, 'caf_id', s.caf_before,
        'department_codes', s.departments_before) end as scope_before,
      case when s.public_after is not null then jsonb_build_object('is_public', s.public_after, 'caf_id', s.caf_after,
        'department_codes', s.departments_after) end as scope_after,
      ${past(filter)}
    from commit c join change h on h.tx = c.tx left join scope s on s.tx = h.tx and s.convention_id = h.convention_id
    where c.position > ${after.position} and c.position <= ${until} and (c.position > ${after.position + 1} or h.seq > ${after.seq})
      and h.operation <> 'void' and h.type <> 'key'
    order by c.position, h.seq limit ${limit}`.execute(db)
  return rows.map(readRow)
}

/** Of sites, whose conventions are looked at, and of anything that is filtered by source, the version before. */
function past(filter: Filter): RawBuilder<unknown> {
  const looksAtSites = [filter.conventionId, filter.cafId, filter.departmentCode].some((value) => value !== undefined)
  if (filter.source === undefined && !looksAtSites) {
    return sql`null as body_before, null as departments_before, null as site_scopes, null as site_scopes_before`
  }
  const before = (column: string) => sql`(select ${sql.ref(`p.${column}`)} from change p join commit pc on pc.tx = p.tx
    where p.type = h.type and p.id = h.id and pc.position < c.position and p.operation <> 'void'
    order by pc.position desc limit 1)`
  const scopes = (body: RawBuilder<unknown>, comparison: RawBuilder<unknown>) => sql`
    case when h.type = 'service-site' then (select jsonb_agg(jsonb_build_object('is_public', l.public_after, 'caf_id', l.caf_after,
      'department_codes', l.departments_after))
      from jsonb_array_elements_text(${body} -> 'convention_ids') k cross join lateral (select x.public_after, x.caf_after,
        x.departments_after from scope x where x.convention_id = k::uuid and x.position ${comparison} c.position
        order by x.position desc limit 1) l) end`
  return sql`${before('body')} as body_before, ${before('department_codes')} as departments_before,
    ${scopes(sql`h.body`, sql`<=`)} as site_scopes, ${scopes(before('body'), sql`<`)} as site_scopes_before`
}

function readRow(row: StoredRow): ReadRow {
  return {
    position: Number(row.position),
    seq: Number(row.seq),
    type: row.type,
    id: row.id,
    version: row.version,
    operation: row.operation,
    conventionId: row.convention_id,
    body: row.body,
    actor: row.actor,
    writtenBy: row.source,
    at: row.at,
    chain: row.chain,
    before:
      row.operation === 'created'
        ? undefined
        : sideOf(row, row.body_before ?? row.body, row.departments_before, row.scope_before, row.site_scopes_before),
    after:
      row.operation === 'deleted'
        ? undefined
        : sideOf(row, row.body, row.departments, row.scope_after, row.site_scopes),
  }
}

function sideOf(
  row: StoredRow,
  body: Row,
  departments: string[] | null,
  scope: StoredScope | null,
  ofSite: StoredScope[] | null,
): Side {
  const isSite = row.type === 'service-site'
  const scopes = isSite ? (ofSite ?? []) : [scope ?? []].flat()
  return {
    departmentCodes: departments ?? row.departments ?? [],
    sources: ((body.sources ?? []) as { source: string }[]).map(({ source }) => source),
    conventionIds: isSite ? ((body.convention_ids ?? []) as string[]) : [row.convention_id ?? []].flat(),
    scopes: scopes.map(readScope),
  }
}

const readScope = (stored: StoredScope): Scope => ({
  isPublic: stored.is_public === true,
  cafId: stored.caf_id ?? '',
  departmentCodes: stored.department_codes ?? [],
})
