/** Parts of a convention as stored, read for the rules of a write by one statement. */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Stored } from '../change-set.ts'
import { definitionOf } from '../declaration/resource.ts'
import type { ResourceType } from '../resource-types.ts'
import type { Row } from '../row-mapper.ts'

/** Parts of a convention to read: all of a type, or those that meet a condition on a row `t`. */
export type Parts = ReadonlyMap<ResourceType, string>

const ALL = 'true'

/** All parts of these types. */
export const whole = (types: Iterable<ResourceType>): Parts => new Map([...types].map((type) => [type, ALL]))

/** Parts of a convention by id; service sites are those that it links. */
export async function selectParts(
  db: Database,
  conventionId: string,
  wanted: Parts,
): Promise<Map<ResourceType, Stored[]>> {
  const parts = new Map<ResourceType, Stored[]>([...wanted.keys()].map((type) => [type, []]))
  if (parts.size === 0) return parts
  const branches = [...wanted].map(([type, condition]) => {
    const { table } = definitionOf(type)
    const own =
      type === 'service-site'
        ? sql`t.id in (select site_id from convention_site where convention_id = ${conventionId})`
        : sql`t.convention_id = ${conventionId}`
    return sql`(select ${type}::text as type, to_jsonb(t) as body from ${sql.table(table)} t
      where ${own} and ${sql.raw(condition)} order by t.id)`
  })
  const { rows } = await sql<{ type: ResourceType; body: Row }>`${sql.join(branches, sql` union all `)}`.execute(db)
  for (const { type, body } of rows) parts.get(type)?.push(definitionOf(type).toBody(body) as Stored)
  return parts
}

/** How many of a type are under a convention. */
export async function countParts(db: Database, conventionId: string, type: ResourceType): Promise<number> {
  const table = type === 'service-site' ? 'convention_site' : definitionOf(type).table
  const { count } = await db
    .selectFrom(db.dynamic.table<'convention_site' | 'axis'>(table as 'axis').as('t'))
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('t.convention_id', '=', conventionId)
    .executeTakeFirstOrThrow()
  return Number(count)
}
